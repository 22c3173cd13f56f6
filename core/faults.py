"""Faults that an operator has to know of: each stands once for its kind and subject until it ends."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import events, log
from core.events import Event

_STOOD, _ENDED = "fault_stands", "fault_ended"
_log = log.get("faults")


def stand(session: Session, kind: str, subject: str = "", **facts: Any) -> bool:
    """A fault of `kind` about `subject` is there. Returns whether that is new; said again while it stands, it does nothing."""
    if _stands(session, kind, subject):
        return False
    events.record(session, _STOOD, fault=kind, subject=subject, **facts)
    _log.error("a fault", kind=kind, subject=subject, **facts)
    return True


def end(session: Session, kind: str, subject: str = "") -> bool:
    """It is there no more. Returns whether it stood."""
    if not _stands(session, kind, subject):
        return False
    events.record(session, _ENDED, fault=kind, subject=subject)
    _log.info("a fault ended", kind=kind, subject=subject)
    return True


def _stands(session: Session, kind: str, subject: str) -> bool:
    about = (Event.data["fault"].as_string() == kind, Event.data["subject"].as_string() == subject)
    newest = select(Event.kind).where(Event.kind.in_((_STOOD, _ENDED)), *about).order_by(Event.number.desc()).limit(1)
    return session.scalar(newest) == _STOOD
