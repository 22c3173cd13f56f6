"""Kinds of certificate as data, the proof that people send, and the verdict on it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
_WAITS = "verified_at IS NULL AND rejected_at IS NULL"


def upgrade() -> None:
    op.create_table(
        "certificate_kinds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("proves", sa.JSON(), nullable=False),
        sa.Column("valid_months", sa.Integer(), nullable=True),
        sa.Column("needs_evidence", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_kinds")),
        sa.UniqueConstraint("agency_id", "key", name=op.f("uq_certificate_kinds_agency_id_key")),
    )
    op.create_table(
        "certificate_evidence",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("certification_id", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delete_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certification_id"],
            ["certifications.id"],
            name=op.f("fk_certificate_evidence_certification_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_evidence")),
    )
    op.create_table(
        "certificate_reminders",
        sa.Column("certification_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["certification_id"],
            ["certifications.id"],
            name=op.f("fk_certificate_reminders_certification_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("certification_id", "step", name=op.f("pk_certificate_reminders")),
    )
    with op.batch_alter_table("certificate_evidence", schema=None) as batch_op:
        batch_op.create_index("ix_certificate_evidence_certification_id", ["certification_id"], unique=True)
        batch_op.create_index("ix_certificate_evidence_delete_at", ["delete_at"], unique=False)
    with op.batch_alter_table("certifications", schema=None) as batch_op:
        batch_op.add_column(sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("sent_by", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("rejected_by", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("rejected_because", sa.String(length=160), nullable=True))
        batch_op.create_index("ix_certifications_expires_at", ["expires_at"], unique=False)
        batch_op.create_index(
            "ix_certifications_waiting",
            ["id"],
            unique=False,
            sqlite_where=sa.text(_WAITS),
            postgresql_where=sa.text(_WAITS),
        )
    with op.batch_alter_table("responders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("account", sa.String(length=80), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("responders", schema=None) as batch_op:
        batch_op.drop_column("account")
    with op.batch_alter_table("certifications", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_certifications_waiting", sqlite_where=sa.text(_WAITS), postgresql_where=sa.text(_WAITS)
        )
        batch_op.drop_index("ix_certifications_expires_at")
        for column in ("rejected_because", "rejected_by", "rejected_at", "sent_by", "submitted_at"):
            batch_op.drop_column(column)
    op.drop_table("certificate_reminders")
    op.drop_table("certificate_evidence")
    op.drop_table("certificate_kinds")
