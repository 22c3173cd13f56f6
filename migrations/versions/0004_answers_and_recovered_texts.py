"""What a text answers, texts that were found at the carrier, and those it is still to be asked about"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    with op.batch_alter_table("messages") as batch:
        batch.add_column(sa.Column("in_answer_to", sa.String(length=26), nullable=True))
        batch.add_column(sa.Column("recovered_at", sa.DateTime(timezone=True), nullable=True))
    awaited = sa.text("state = 'taken' AND carrier_status IN ('accepted', 'scheduled', 'queued', 'sending', 'sent')")
    op.create_index(
        "ix_messages_to_ask_about", "messages", ["taken_at"], sqlite_where=awaited, postgresql_where=awaited
    )


def downgrade() -> None:
    op.drop_index("ix_messages_to_ask_about", table_name="messages")
    with op.batch_alter_table("messages") as batch:
        batch.drop_column("recovered_at")
        batch.drop_column("in_answer_to")
