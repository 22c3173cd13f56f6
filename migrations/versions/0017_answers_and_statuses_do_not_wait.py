"""What the carrier calls a text is unique where there is such a name: PostgreSQL then no longer takes it for a key, whose change
would wait for, and could deadlock with, every status that is being stored of that text. A claim says who has it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"

NAMED = sa.text("carrier_id IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("messages") as batch:
        batch.drop_constraint("uq_messages_carrier_id", type_="unique")
        batch.add_column(sa.Column("claimed_by", sa.String(length=26), nullable=True))
    op.create_index(
        "ix_messages_carrier_id", "messages", ["carrier_id"], unique=True, sqlite_where=NAMED, postgresql_where=NAMED
    )


def downgrade() -> None:
    op.drop_index("ix_messages_carrier_id", "messages")
    with op.batch_alter_table("messages") as batch:
        batch.drop_column("claimed_by")
        batch.create_unique_constraint("uq_messages_carrier_id", ["carrier_id"])
