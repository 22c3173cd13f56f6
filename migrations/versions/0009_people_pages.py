"""Who is suspended or deactivated, since when, by whom and why; certificates found by their number;
and what is done to many people at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"


def upgrade() -> None:
    op.create_table(
        "membership_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("responder_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("membership", sa.String(length=12), nullable=False),
        sa.Column("because", sa.String(length=300), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["responder_id"], ["responders.id"], name=op.f("fk_membership_changes_responder_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_changes")),
    )
    with op.batch_alter_table("membership_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_changes_responder_id"), ["responder_id"], unique=False)

    # Everybody who is here is active.
    with op.batch_alter_table("responders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("membership", sa.String(length=12), nullable=False, server_default="active"))
    with op.batch_alter_table("responders", schema=None) as batch_op:
        batch_op.alter_column("membership", existing_type=sa.String(length=12), server_default=None)
        batch_op.create_index("ix_responders_membership", ["agency_id", "membership", "sort_name", "id"], unique=False)
    with op.batch_alter_table("certifications", schema=None) as batch_op:
        batch_op.create_index("ix_certifications_number", ["number"], unique=False)
    with op.batch_alter_table("reachable_places", schema=None) as batch_op:
        batch_op.add_column(sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("reachable_places", schema=None) as batch_op:
        batch_op.alter_column("active", existing_type=sa.Boolean(), server_default=None)

    op.create_table(
        "bulk_actions",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("deed", sa.String(length=20), nullable=False),
        sa.Column("because", sa.String(length=300), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("alive_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_actions")),
    )
    op.create_table(
        "bulk_people",
        sa.Column("action_id", sa.String(length=26), nullable=False),
        sa.Column("responder_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("before", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["bulk_actions.id"], name=op.f("fk_bulk_people_action_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["responder_id"], ["responders.id"], name=op.f("fk_bulk_people_responder_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("action_id", "responder_id", name=op.f("pk_bulk_people")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("bulk_people", schema=None) as batch_op:
        batch_op.create_index("ix_bulk_people_outcome", ["action_id", "outcome", "responder_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("bulk_people", schema=None) as batch_op:
        batch_op.drop_index("ix_bulk_people_outcome")
    op.drop_table("bulk_people")
    op.drop_table("bulk_actions")

    with op.batch_alter_table("certifications", schema=None) as batch_op:
        batch_op.drop_index("ix_certifications_number")
    with op.batch_alter_table("reachable_places", schema=None) as batch_op:
        batch_op.drop_column("active")
    with op.batch_alter_table("responders", schema=None) as batch_op:
        batch_op.drop_index("ix_responders_membership")
        batch_op.drop_column("membership")
    with op.batch_alter_table("membership_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_changes_responder_id"))
    op.drop_table("membership_changes")
