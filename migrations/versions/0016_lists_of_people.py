"""Every order of the list of people has an index; what is done to many knows who said so, and how often it was taken over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"


def upgrade() -> None:
    op.create_index("ix_responders_newest", "responders", ["agency_id", "id"])
    op.create_index("ix_responders_unheard", "responders", ["agency_id", "said_on_at", "id"])
    op.add_column("bulk_actions", sa.Column("said_by", sa.String(length=120), nullable=True))
    op.add_column("bulk_actions", sa.Column("tries", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("bulk_actions", "tries")
    op.drop_column("bulk_actions", "said_by")
    op.drop_index("ix_responders_unheard", "responders")
    op.drop_index("ix_responders_newest", "responders")
