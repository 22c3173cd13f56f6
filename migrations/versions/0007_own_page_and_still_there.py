"""Links to a volunteer's own page, what people agree to, and when they were asked whether they are still there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    op.create_table(
        "personal_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("responder_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cookie_hash", sa.String(length=64), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["responder_id"], ["responders.id"], name=op.f("fk_personal_links_responder_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_links")),
        sa.UniqueConstraint("cookie_hash", name=op.f("uq_personal_links_cookie_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_personal_links_token_hash")),
    )
    with op.batch_alter_table("personal_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_personal_links_responder_id"), ["responder_id"], unique=False)

    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("responder_id", sa.Integer(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["responder_id"], ["responders.id"], name=op.f("fk_consents_responder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consents_responder_id"), ["responder_id"], unique=False)

    op.create_table(
        "join_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("person", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_attempts")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_join_attempts_token_hash")),
    )
    with op.batch_alter_table("join_attempts", schema=None) as batch_op:
        batch_op.create_index("ix_join_attempts_created_at", ["created_at"], unique=False)

    op.create_table(
        "shared_numbers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("responder_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["responder_id"], ["responders.id"], name=op.f("fk_shared_numbers_responder_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_numbers")),
    )
    with op.batch_alter_table("shared_numbers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shared_numbers_responder_id"), ["responder_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shared_numbers_settled_at"), ["settled_at"], unique=False)

    with op.batch_alter_table("responders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("off_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("off_asked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("said_on_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("asked_on_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("left_alone_at", sa.DateTime(timezone=True), nullable=True))
    # Whoever is here counts from about now, so that nobody is asked the day this comes; and from one of four weeks, so that
    # half a year later not all of them are asked on one day.
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    ago = "datetime('now', '-' || (id % 28) || ' days')" if is_sqlite else "CURRENT_TIMESTAMP - (id % 28) * INTERVAL '1 day'"
    op.execute(sa.text(f"UPDATE responders SET said_on_at = {ago}"))
    op.execute("UPDATE responders SET off_since = CURRENT_TIMESTAMP WHERE off_until IS NOT NULL")
    with op.batch_alter_table("responders", schema=None) as batch_op:
        batch_op.alter_column("said_on_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.create_index(batch_op.f("ix_responders_off_since"), ["off_since"], unique=False)
        batch_op.create_index(batch_op.f("ix_responders_said_on_at"), ["said_on_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_responders_asked_on_at"), ["asked_on_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("responders", schema=None) as batch_op:
        for name in ("off_since", "said_on_at", "asked_on_at"):
            batch_op.drop_index(batch_op.f(f"ix_responders_{name}"))
        for name in ("off_since", "off_asked_at", "said_on_at", "asked_on_at", "left_alone_at"):
            batch_op.drop_column(name)

    for table, columns in (
        ("shared_numbers", ("settled_at", "responder_id")),
        ("join_attempts", ("created_at",)),
        ("consents", ("responder_id",)),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.drop_index(batch_op.f(f"ix_{table}_{column}"))
        op.drop_table(table)

    with op.batch_alter_table("personal_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_personal_links_responder_id"))

    op.drop_table("personal_links")
