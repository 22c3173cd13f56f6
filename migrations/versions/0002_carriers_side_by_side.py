"""Carriers side by side"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:

    op.create_table(
        "carrier_windows",
        sa.Column("carrier", sa.String(length=10), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("slow", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("carrier", "began_at", name=op.f("pk_carrier_windows")),
    )
    op.create_table(
        "carriers",
        sa.Column("name", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=5), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_carriers")),
    )
    op.create_table(
        "sender_numbers",
        sa.Column("carrier", sa.String(length=10), nullable=False),
        sa.Column("sender", sa.String(length=40), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("carrier", "sender", name=op.f("pk_sender_numbers")),
    )
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("trouble", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("trouble_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("carrier", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("sender", sa.String(length=40), nullable=True))

    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("carrier", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("sender", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("avoid", sa.String(length=400), nullable=True))
        batch_op.add_column(sa.Column("again_of", sa.String(length=26), nullable=True))


def downgrade() -> None:

    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_column("again_of")
        batch_op.drop_column("avoid")
        batch_op.drop_column("sender")
        batch_op.drop_column("carrier")

    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.drop_column("sender")
        batch_op.drop_column("carrier")
        batch_op.drop_column("trouble_since")
        batch_op.drop_column("trouble")

    op.drop_table("sender_numbers")
    op.drop_table("carriers")
    op.drop_table("carrier_windows")
