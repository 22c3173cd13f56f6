"""The event log: everything that happens, append-only, numbered in the order of the commits.

The timeline, the audit trail and the live stream are three readings of this table. An event holds ids and plain facts;
names, numbers, words and addresses stay in rows of their own that can be erased.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, event, insert, select, text
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from core import clock
from core.database import Base, advisory_lock

EVENT_LOCK = 4001
_PENDING = "pending_events"
_SAVEPOINTS = "events_pending_at_savepoints"
_WRITTEN = "events_were_written"


class Event(Base):
    """One thing that happened."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_incident_id_number", "incident_id", "number"),
        Index(
            "ix_events_responder_id_number",
            "responder_id",
            "number",
            sqlite_where=text("responder_id IS NOT NULL"),
            postgresql_where=text("responder_id IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60))
    actor: Mapped[str] = mapped_column(String(120))
    agency_id: Mapped[int] = mapped_column(default=1)
    incident_id: Mapped[str | None] = mapped_column(String(26))
    callout_id: Mapped[str | None] = mapped_column(String(26))
    message_id: Mapped[str | None] = mapped_column(String(26))
    responder_id: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)


_INSERT = insert(Event.__table__)  # type: ignore[arg-type]  # typed as any FromClause


def record(
    session: Session,
    kind: str,
    actor: str = "system",
    *,
    incident_id: str | None = None,
    callout_id: str | None = None,
    message_id: str | None = None,
    responder_id: int | None = None,
    **data: Any,
) -> None:
    """Note that `kind` happened; the row is written when the transaction commits, and not at all if it rolls back.

    `actor` is who did it: `system`, `carrier`, `responder:ID`, `key:NAME`, `user:NAME` or `operator` (the command line).
    """
    session.info.setdefault(_PENDING, []).append(
        {
            "at": clock.now(),
            "kind": kind,
            "actor": actor,
            "incident_id": incident_id,
            "callout_id": callout_id,
            "message_id": message_id,
            "responder_id": responder_id,
            "data": data,
        }
    )


def after(session: Session, number: int, limit: int = 500) -> Sequence[Event]:
    """The events with a higher number than `number`, oldest first, at most `limit`: how a reader tails the log."""
    return session.scalars(select(Event).where(Event.number > number).order_by(Event.number).limit(limit)).all()


def take_written(session: Session) -> bool:
    """Whether a transaction of this session has written events since this was last asked; asked after the commit."""
    return bool(session.info.pop(_WRITTEN, False))


@event.listens_for(Session, "before_commit")
def _write_pending(session: Session) -> None:
    """Write the events last, under one lock: numbers then rise in the order of the commits, so that a reader who tails
    by number misses none (without the lock a lower number can become visible after a higher one)."""
    if session.in_nested_transaction():
        return  # a savepoint is released, which is not yet the end
    pending: list[dict[str, Any]] = session.info.pop(_PENDING, [])
    if not pending:
        return
    session.flush()
    advisory_lock(session, EVENT_LOCK)
    # In one statement and past the session, which would ask for the number of each: nobody here wants to know it.
    session.execute(_INSERT, pending)
    session.info[_WRITTEN] = True


@event.listens_for(Session, "after_transaction_create")
def _note_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault(_SAVEPOINTS, []).append(len(session.info.get(_PENDING, ())))


@event.listens_for(Session, "after_transaction_end")
def _forget_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info[_SAVEPOINTS].pop()


@event.listens_for(Session, "after_rollback")
def _forget_pending(session: Session) -> None:
    """Forget what did not happen: everything, or what was noted since the savepoint that is rolled back to."""
    savepoints = session.info.get(_SAVEPOINTS)
    del session.info.get(_PENDING, [])[savepoints[-1] if savepoints else 0 :]
