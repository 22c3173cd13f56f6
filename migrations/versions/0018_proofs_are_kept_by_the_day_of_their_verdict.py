"""A proof says when it was judged, not when it goes: how long it is kept is asked of the setting, whenever that was changed."""

from __future__ import annotations

from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"

TABLE = "certificate_evidence"
SHIPPED_DAYS = 90
"""What EVIDENCE_DAYS is where nobody has said otherwise: the day on which a proof goes is reckoned with it on the way back."""


def upgrade() -> None:
    op.drop_index("ix_certificate_evidence_delete_at", TABLE)
    # Renamed in place and not by a copy of the table, as SQLite's batches do: it holds every picture.
    op.alter_column(TABLE, "delete_at", new_column_name="judged_at")
    verdict = "SELECT coalesce(verified_at, rejected_at) FROM certifications WHERE certifications.id = certification_id"
    op.execute(f"UPDATE {TABLE} SET judged_at = ({verdict}) WHERE judged_at IS NOT NULL")
    op.create_index("ix_certificate_evidence_judged_at", TABLE, ["judged_at"])


def downgrade() -> None:
    op.drop_index("ix_certificate_evidence_judged_at", TABLE)
    op.alter_column(TABLE, "judged_at", new_column_name="delete_at")
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    goes_at = f"datetime(delete_at, '+{SHIPPED_DAYS} days')" if is_sqlite else f"delete_at + INTERVAL '{SHIPPED_DAYS} days'"
    op.execute(f"UPDATE {TABLE} SET delete_at = {goes_at}")
    op.create_index("ix_certificate_evidence_delete_at", TABLE, ["delete_at"])
