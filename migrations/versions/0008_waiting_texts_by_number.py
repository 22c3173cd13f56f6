"""The texts that wait, by number: each that comes looks for the last of its own, however many of others wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
WAITS = sa.text("direction = 'in' AND handled_at IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index(
            "ix_messages_to_handle_of", ["phone", "created_at"], unique=False, sqlite_where=WAITS, postgresql_where=WAITS
        )


def downgrade() -> None:
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_to_handle_of", sqlite_where=WAITS, postgresql_where=WAITS)
