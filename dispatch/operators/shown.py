"""What is wrong with the system, as everybody who is signed in may read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from gettext import gettext
from typing import Any

from sqlalchemy.orm import Session

from core import fault_kinds, faults
from core.clock import rfc3339
from core.faults import Fault
from dispatch.operators import headings


@dataclass(frozen=True)
class Shown:
    """One fault in the reader's language; `section` is its place in the runbook."""

    id: int
    kind: str
    title: str
    words: str
    do: str
    section: str
    since: datetime
    urgent: bool
    acknowledged_by: str | None


def standing(session: Session) -> Sequence[Shown]:
    """Everything that is wrong now, the oldest first."""
    return [_shown(fault) for fault in faults.standing(session)]


def degraded(session: Session) -> list[str]:
    """The titles of what makes the service worse, for a line on every page. An alarm that waits for a dispatcher is none: it
    stands red on the desk itself."""
    return [one.title for one in standing(session) if one.kind != fault_kinds.ALARM_UNANSWERED]


def as_json(session: Session) -> list[dict[str, Any]]:
    """The same with what it means, for a page that follows what happens."""
    return [
        {"kind": one.kind, "title": one.title, "words": one.words, "since": rfc3339(one.since)}
        for one in standing(session)
        if one.kind != fault_kinds.ALARM_UNANSWERED
    ]


def _shown(fault: Fault) -> Shown:
    kind = fault_kinds.of(fault.kind)
    return Shown(
        id=fault.id,
        kind=fault.kind,
        title=headings.of(fault),
        words=gettext(kind.words),
        do=gettext(kind.do),
        section=fault_kinds.section(fault.kind),
        since=fault.stood_at,
        urgent=kind.severity == fault_kinds.URGENT,
        acknowledged_by=(fault.acknowledged_by or "").removeprefix("user:") or None,
    )
