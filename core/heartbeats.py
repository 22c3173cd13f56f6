"""Signs of life of the processes: each writes its name and the time every few seconds; health tells who has gone quiet."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock
from core.database import Base
from core.upsert import upsert

EVERY_S = 5.0
QUIET_AFTER = timedelta(seconds=15)
_STOPPED = "stopped:"


class Heartbeat(Base):
    """The newest sign of life of one process."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    at: Mapped[datetime]


def beat(session: Session, name: str) -> None:
    """Write that the process `name` lives now."""
    upsert(session, Heartbeat, name=name, at=clock.now())


def alive(session: Session) -> set[str]:
    """The names of the processes heard of within the last 15 s."""
    names = session.scalars(select(Heartbeat.name).where(Heartbeat.at > clock.now() - QUIET_AFTER))
    return {name for name in names if not name.startswith(_STOPPED)}


def forget(session: Session, name: str) -> None:
    """Remove a process that stopped in good order, so that nobody misses it."""
    session.execute(delete(Heartbeat).where(Heartbeat.name == name))


def stopped(session: Session, name: str) -> None:
    """As `forget`, and keep the moment: whoever starts it again can tell for how long it was gone."""
    forget(session, name)
    beat(session, _STOPPED + name)


def last_seen(session: Session, name: str) -> datetime | None:
    """When the process `name` last gave a sign of life, stopped since in good order or not; None for never."""
    return session.scalar(select(func.max(Heartbeat.at)).where(Heartbeat.name.in_((name, _STOPPED + name))))
