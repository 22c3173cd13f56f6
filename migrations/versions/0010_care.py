"""Care for people: how they are after an emergency, the calls that they were promised, and how much is asked of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
WAITS = sa.text("done_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "care_questions",
        sa.Column("callout_id", sa.String(length=26), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("responder_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["responder_id"], ["responders.id"], name=op.f("fk_care_questions_responder_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("callout_id", "step", name=op.f("pk_care_questions")),
    )
    with op.batch_alter_table("care_questions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_care_questions_responder_id"), ["responder_id"], unique=False)

    op.create_table(
        "call_backs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("responder_id", sa.Integer(), nullable=False),
        sa.Column("wish", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(length=120), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["responder_id"], ["responders.id"], name=op.f("fk_call_backs_responder_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_backs")),
    )
    with op.batch_alter_table("call_backs", schema=None) as batch_op:
        batch_op.create_index("ix_call_backs_responder_id", ["responder_id"], unique=False)
        batch_op.create_index("ix_call_backs_done_at", ["done_at", "due_at"], unique=False)
        batch_op.create_index(
            "uq_call_backs_one_waits", ["responder_id"], unique=True, sqlite_where=WAITS, postgresql_where=WAITS
        )

    with op.batch_alter_table("responders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("most_alerts", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("full_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("spared_until", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("reachable_places", schema=None) as batch_op:
        batch_op.add_column(sa.Column("spared_until", sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("reachable_places", "spared_until")
    for name in ("most_alerts", "full_until", "spared_until"):
        op.drop_column("responders", name)

    with op.batch_alter_table("call_backs", schema=None) as batch_op:
        batch_op.drop_index("uq_call_backs_one_waits", sqlite_where=WAITS, postgresql_where=WAITS)
        batch_op.drop_index("ix_call_backs_done_at")
        batch_op.drop_index("ix_call_backs_responder_id")

    op.drop_table("call_backs")

    with op.batch_alter_table("care_questions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_care_questions_responder_id"))

    op.drop_table("care_questions")
