"""How far an import is, what its columns are, and whom it has added or changed; what happened with a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
OF_SOMEBODY = sa.text("responder_id IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("people_imports", schema=None) as batch_op:
        batch_op.add_column(sa.Column("columns", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("reached", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("events_before", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("undone", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("doubtful", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("undone_by", sa.String(length=120), nullable=True))
    with op.batch_alter_table("people_imports", schema=None) as batch_op:
        for name in ("doubtful", "columns", "tries", "reached", "events_before", "undone"):
            batch_op.alter_column(name, server_default=None)

    op.create_table(
        "imported_people",
        sa.Column("import_id", sa.String(length=26), nullable=False),
        sa.Column("responder_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("phone_before", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["people_imports.id"], name=op.f("fk_imported_people_import_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["responder_id"], ["responders.id"], name=op.f("fk_imported_people_responder_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "responder_id", name=op.f("pk_imported_people")),
    )
    with op.batch_alter_table("imported_people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_imported_people_responder_id"), ["responder_id"], unique=False)

    op.create_table(
        "import_columns",
        sa.Column("agency_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("column", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", "name", name=op.f("pk_import_columns")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(
            "ix_events_responder_id_number",
            ["responder_id", "number"],
            unique=False,
            sqlite_where=OF_SOMEBODY,
            postgresql_where=OF_SOMEBODY,
        )


def downgrade() -> None:
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index("ix_events_responder_id_number", sqlite_where=OF_SOMEBODY, postgresql_where=OF_SOMEBODY)
    op.drop_table("import_columns")
    op.drop_table("imported_people")
    with op.batch_alter_table("people_imports", schema=None) as batch_op:
        for name in ("undone_by", "doubtful", "undone", "events_before", "reached", "tries", "columns"):
            batch_op.drop_column(name)
