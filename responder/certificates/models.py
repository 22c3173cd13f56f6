"""Tables of the certificates beside `responder.models.Certification`: their kinds, the proof of each, what was told of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class CertificateKind(Base):
    """A kind of certificate that an admin has changed or added; those that ship stand in `responder.certificates.kinds`.

    `label` and `proves` hold words by language. `valid_months` is how long one counts from its issue, None for as long as it
    says itself.
    """

    __tablename__ = "certificate_kinds"
    __table_args__ = (UniqueConstraint("agency_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(default=1)
    key: Mapped[str] = mapped_column(String(40))
    label: Mapped[dict[str, Any]]
    proves: Mapped[dict[str, Any]]
    valid_months: Mapped[int | None]
    needs_evidence: Mapped[bool] = mapped_column(default=True)


class Evidence(Base):
    """The picture or document that proves a certification, cleaned of what it told besides.

    In the database and not in a folder: it is then written, backed up and erased with the person, in one transaction, and every
    machine that shows pages has it. `id` is random and says nothing. `content` is read only where somebody opens it.
    `judged_at` is when the verdict was given, from when on its time counts; None while it waits for one.
    """

    __tablename__ = "certificate_evidence"
    __table_args__ = (
        Index("ix_certificate_evidence_certification_id", "certification_id", unique=True),
        Index("ix_certificate_evidence_judged_at", "judged_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    certification_id: Mapped[int] = mapped_column(ForeignKey("certifications.id", ondelete="CASCADE"))
    media_type: Mapped[str] = mapped_column(String(40))
    size_bytes: Mapped[int]
    sent_at: Mapped[datetime]
    judged_at: Mapped[datetime | None]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class FirstAlarm(Base):
    """That somebody has their first test alarm to come, since the verdict on their first certificate, or has had it
    (`responder.certificates.first_alarms`)."""

    __tablename__ = "first_alarms"
    __table_args__ = (
        Index(
            "ix_first_alarms_to_come",
            "verified_at",
            sqlite_where=text("sent_at IS NULL"),
            postgresql_where=text("sent_at IS NULL"),
        ),
    )

    responder_id: Mapped[int] = mapped_column(
        ForeignKey("responders.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    verified_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Reminder(Base):
    """That somebody was told, so many days before (`responder.certificates.reminders`), that a certificate of theirs ends."""

    __tablename__ = "certificate_reminders"

    certification_id: Mapped[int] = mapped_column(
        ForeignKey("certifications.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sent_at: Mapped[datetime]
