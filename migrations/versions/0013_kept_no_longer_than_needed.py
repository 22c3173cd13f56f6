"""What is kept no longer than needed: emergencies that were forgotten, and texts whose words the carrier has forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
TO_FORGET = sa.text("closed_at IS NOT NULL AND forgotten_at IS NULL")
TO_REDACT = sa.text("carrier_id IS NOT NULL AND redacted_at IS NULL AND channel = 'sms'")


def upgrade() -> None:
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_incidents_to_forget", "incidents", ["closed_at"], sqlite_where=TO_FORGET, postgresql_where=TO_FORGET
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("redacted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("redact_after", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_messages_to_redact", "messages", ["carrier", "id"], sqlite_where=TO_REDACT, postgresql_where=TO_REDACT
    )


def downgrade() -> None:
    op.drop_index("ix_messages_to_redact", "messages", sqlite_where=TO_REDACT, postgresql_where=TO_REDACT)
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_column("redact_after")
        batch_op.drop_column("redacted_at")
    op.drop_index("ix_incidents_to_forget", "incidents", sqlite_where=TO_FORGET, postgresql_where=TO_FORGET)
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.drop_column("forgotten_at")
