"""The test alarm that a new volunteer has to come (whoever is here has been one before), and callouts for one role alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
TO_COME = sa.text("sent_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "first_alarms",
        sa.Column("responder_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["responder_id"], ["responders.id"], name=op.f("fk_first_alarms_responder_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("responder_id", name=op.f("pk_first_alarms")),
    )
    op.create_index(
        "ix_first_alarms_to_come", "first_alarms", ["verified_at"], sqlite_where=TO_COME, postgresql_where=TO_COME
    )
    with op.batch_alter_table("callouts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("only_role", sa.String(length=10), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("callouts", schema=None) as batch_op:
        batch_op.drop_column("only_role")
    op.drop_index("ix_first_alarms_to_come", "first_alarms", sqlite_where=TO_COME, postgresql_where=TO_COME)
    op.drop_table("first_alarms")
