"""Who is suspended or deactivated, since when, by whom and why; and certificates found by their number."""

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
        batch_op.create_index(
            "ix_responders_membership", ["agency_id", "membership", "sort_name", "id"], unique=False
        )
    with op.batch_alter_table("certifications", schema=None) as batch_op:
        batch_op.create_index("ix_certifications_number", ["number"], unique=False)
    with op.batch_alter_table("reachable_places", schema=None) as batch_op:
        batch_op.add_column(sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("reachable_places", schema=None) as batch_op:
        batch_op.alter_column("active", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
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
