"""How people were is forgotten after a while; what strangers had erased on request is listed, to be erased again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
TOLD = sa.text("answer IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_care_questions_told", "care_questions", ["answered_at"], sqlite_where=TOLD, postgresql_where=TOLD)
    op.create_table(
        "erased_on_request",
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=26), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("what", "key", name=op.f("pk_erased_on_request")),
    )


def downgrade() -> None:
    op.drop_table("erased_on_request")
    op.drop_index("ix_care_questions_told", "care_questions", sqlite_where=TOLD, postgresql_where=TOLD)
