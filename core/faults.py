"""What is wrong with the system now. A fault stands once per kind and subject until it ends; both are events and log lines.

Faults are the operators' affair; what stands red for dispatchers are alarms. The words of each kind: `core.fault_kinds`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, Select, String, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, events, log
from core.database import Base

_STANDS = "ended_at IS NULL"
_log = log.get("faults")


class Fault(Base):
    """One thing that is wrong, or was. `subject` tells several of a kind apart (a machine, a code); `facts` holds plain facts.

    `told` counts how often people outside were told, `told_at` is the last time; `end_told_at` is when they heard of its end.
    """

    __tablename__ = "faults"
    __table_args__ = (
        Index("uq_faults_standing", "kind", "subject", unique=True, sqlite_where=text(_STANDS), postgresql_where=text(_STANDS)),
        Index("ix_faults_ended_at", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(default=1)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(120))
    facts: Mapped[dict[str, Any]]
    stood_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(String(120))
    told: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_told_at: Mapped[datetime | None]


def stand(session: Session, kind: str, subject: str = "", **facts: Any) -> bool:
    """Say that something is wrong; said again it only brings the facts up to date. Returns whether it is new."""
    known = session.scalars(_standing().where(Fault.kind == kind, Fault.subject == subject)).first()
    if known is not None:
        if known.facts != facts:
            known.facts = facts
        return False
    try:
        with session.begin_nested():
            session.add(Fault(kind=kind, subject=subject, facts=facts, stood_at=clock.now()))
            session.flush()
    except IntegrityError:
        return False  # another process said it at the same moment
    events.record(session, "fault_stands", fault=kind, subject=subject, **facts)
    _log.error("fault stands", fault=kind, subject=subject, **facts)
    return True


def end(session: Session, kind: str, subject: str = "") -> bool:
    """Say that it is over. Returns whether it stood until now."""
    ended = session.scalar(
        update(Fault)
        .where(Fault.kind == kind, Fault.subject == subject, Fault.ended_at.is_(None))
        .values(ended_at=clock.now())
        .returning(Fault.stood_at)
        .execution_options(synchronize_session=False)
    )
    if ended is None:
        return False
    lasted_s = round((clock.now() - ended).total_seconds())
    events.record(session, "fault_ended", fault=kind, subject=subject, lasted_s=lasted_s)
    _log.warning("fault ended", fault=kind, subject=subject, lasted_s=lasted_s)
    return True


def acknowledge(session: Session, fault_id: int, actor: str) -> bool:
    """Note that a person sees to it: nobody is told of it again. Returns False when somebody already does, or it is over."""
    kind = session.scalar(
        update(Fault)
        .where(Fault.id == fault_id, Fault.acknowledged_at.is_(None), Fault.ended_at.is_(None))
        .values(acknowledged_at=clock.now(), acknowledged_by=actor)
        .returning(Fault.kind)
        .execution_options(synchronize_session=False)
    )
    if kind is None:
        return False
    events.record(session, "fault_acknowledged", actor, fault=kind, fault_id=fault_id)
    return True


def standing(session: Session) -> Sequence[Fault]:
    """Everything that is wrong now, the oldest first."""
    return session.scalars(_standing().order_by(Fault.stood_at, Fault.id)).all()


def _standing() -> Select[Fault]:
    return select(Fault).where(Fault.ended_at.is_(None)).execution_options(populate_existing=True)
