"""Calls: a channel for messages, the turn to ring, and whom a callout has had rung"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"

_CALLOUTS = (
    ("ring_at", sa.DateTime(timezone=True)),
    ("rung_at", sa.DateTime(timezone=True)),
    ("address_text", sa.String(length=26)),
    ("address_due_at", sa.DateTime(timezone=True)),
    ("address_rung_at", sa.DateTime(timezone=True)),
    ("on_the_phone_until", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    op.create_table(
        "call_turns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_turns")),
    )
    # Columns are added in place and not by copying the table: these two are the largest that an installation has.
    op.add_column("messages", sa.Column("channel", sa.String(length=4), server_default="sms", nullable=False))
    for name, kind in _CALLOUTS:
        op.add_column("callouts", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("callouts") as callouts:
        for name, _kind in reversed(_CALLOUTS):
            callouts.drop_column(name)
    with op.batch_alter_table("messages") as messages:
        messages.drop_column("channel")
    op.drop_table("call_turns")
