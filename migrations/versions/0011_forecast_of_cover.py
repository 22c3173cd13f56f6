"""The forecast of cover, made once an hour and kept as it is shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"


def upgrade() -> None:
    op.create_table(
        "coverage_forecasts",
        sa.Column("agency_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_of", sa.String(length=200), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", name=op.f("pk_coverage_forecasts")),
    )


def downgrade() -> None:
    op.drop_table("coverage_forecasts")
