"""How many people of a list have a certificate that counts for ever, which whoever imports it should know."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"


def upgrade() -> None:
    with op.batch_alter_table("people_imports") as batch:
        batch.add_column(sa.Column("endless", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("people_imports") as batch:
        batch.alter_column("endless", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("people_imports") as batch:
        batch.drop_column("endless")
