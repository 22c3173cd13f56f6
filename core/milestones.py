"""What this installation has been through: the newest moment of the few things a service must have done before it is real."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, events
from core.database import Base
from core.upsert import upsert

BACKUP = "backup_made"
CARRIER = "carrier_reached"
WEBHOOK = "webhook_proven"
BACKUP_GOOD_FOR = timedelta(days=7)
"""An older one is a fault: a timer makes one every night."""


class Milestone(Base):
    """One thing, when it was last done, and plain facts about it (never a name, a number or a word of anybody)."""

    __tablename__ = "milestones"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]]


def reach(session: Session, name: str, actor: str, **facts: Any) -> None:
    """Note that `name` was done now."""
    note(session, name, **facts)
    events.record(session, name, actor, **facts)


def note(session: Session, name: str, **facts: Any) -> None:
    """The same without an event, for what changes every second."""
    upsert(session, Milestone, name=name, at=clock.now(), data=facts)


def reached(session: Session) -> Mapping[str, Milestone]:
    """Every milestone that was ever reached, by its name."""
    rows = session.scalars(select(Milestone).execution_options(populate_existing=True))
    return {milestone.name: milestone for milestone in rows}
