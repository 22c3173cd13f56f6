"""The agency: who runs this service, as its admins say on the pages. The environment wins over the row in the database.

Every process looks at the row's revision at most once in `LOOK_EVERY_S` and takes over what has changed: a new contact phone
reaches the next text without a restart.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, events
from core.agency_settings import AgencyValues
from core.database import Base, Database, advisory_lock
from core.settings import Settings

THE_ONE = 1
"""The id of the agency that every row belongs to by default."""
FIELDS = tuple(AgencyValues.model_fields)
LOOK_EVERY_S = 1.5
_MAKING_LOCK = 4021


class Agency(Base):
    """What an agency says about itself; None where nobody has said anything, and the settings' defaults hold."""

    __tablename__ = "agencies"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation: Mapped[str | None] = mapped_column(String(60))
    contact_phone: Mapped[str | None] = mapped_column(String(17))
    emergency_number: Mapped[str | None] = mapped_column(String(6))
    default_region: Mapped[str | None] = mapped_column(String(2))
    default_language: Mapped[str | None] = mapped_column(String(8))
    languages: Mapped[str | None] = mapped_column(String(60))
    time_zone: Mapped[str | None] = mapped_column(String(60))
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    set_up_at: Mapped[datetime | None]
    set_up_by: Mapped[str | None] = mapped_column(String(120))


class CurrentSettings:
    """The settings of one process: the environment's, with the agency's own values where the environment names none."""

    def __init__(self, given: Settings, database: Callable[[], Database]) -> None:
        self._given = given
        self._database = database
        self._revision: int | None = None
        self._shown = given
        self._look_at_s = float("-inf")
        self._looking = threading.Lock()

    def now(self) -> Settings:
        """The settings as they hold now, at most `LOOK_EVERY_S` old; the old ones while the database cannot be read."""
        # One thread looks, the others go on with what they have: nobody waits here for a slow database but the one.
        if clock.monotonic_s() >= self._look_at_s and self._looking.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._look_at_s = clock.monotonic_s() + LOOK_EVERY_S
                self._looking.release()
        return self._shown

    def look_again(self) -> None:
        """Look at the next call: for whoever has just changed something."""
        self._look_at_s = float("-inf")

    def _look(self) -> None:
        try:
            with self._database().read() as session:
                revision = session.scalar(select(Agency.revision).where(Agency.id == THE_ONE))
                if revision != self._revision:
                    self._shown = overlaid(self._given, row(session))
                    self._revision = revision
        except SQLAlchemyError:
            return  # not reachable, or not migrated yet: what held a moment ago holds on


def row(session: Session) -> Agency | None:
    """The agency's row; None before anybody has said anything."""
    return session.get(Agency, THE_ONE, populate_existing=True)


def is_set_up(session: Session) -> bool:
    """Whether somebody has gone through the set-up page."""
    return session.scalar(select(Agency.set_up_at).where(Agency.id == THE_ONE)) is not None


def fixed(settings: Settings) -> frozenset[str]:
    """The fields that the environment or .env names: pages show them and cannot change them."""
    return frozenset(FIELDS) & settings.model_fields_set


def overlaid(given: Settings, agency: Agency | None) -> Settings:
    """`given` with the agency's values where the environment named none. What the environment named stays known as such."""
    if agency is None:
        return given
    wanted = {name: getattr(agency, name) for name in FIELDS if name not in given.model_fields_set}
    said = {name: value for name, value in wanted.items() if value is not None}
    if "languages" in said:
        said["languages"] = tuple(said["languages"].split(","))
    shown = given.model_copy(update=said)
    object.__setattr__(shown, "__pydantic_fields_set__", set(given.model_fields_set))
    return shown


def store(session: Session, values: AgencyValues, settings: Settings, actor: str) -> list[str]:
    """Write what the agency says about itself, checked by `AgencyValues`. Returns the fields that changed.

    Fields that the environment fixes are left as they are in the database, so that a page never stores what it cannot change.
    """
    return write_fields(session, {name: _stored(name, values) for name in FIELDS if name not in fixed(settings)}, actor)


def write_fields(session: Session, wanted: Mapping[str, Any], actor: str) -> list[str]:
    """Write columns of the agency's row, raising its revision when one of them is new."""
    agency = ensure(session)
    changed = sorted(name for name, value in wanted.items() if getattr(agency, name) != value)
    for name in changed:
        setattr(agency, name, wanted[name])
    if changed:
        agency.revision += 1
        events.record(session, "agency_changed", actor, fields=changed)
    return changed


def ensure(session: Session) -> Agency:
    """The agency's row, locked, made empty when there is none."""
    agency = session.get(Agency, THE_ONE, with_for_update=True, populate_existing=True)
    if agency is None:
        advisory_lock(session, _MAKING_LOCK)  # two that find none at once must not both make it
        agency = session.get(Agency, THE_ONE, with_for_update=True, populate_existing=True)
    if agency is None:
        agency = Agency(id=THE_ONE, revision=0, created_at=clock.now())
        session.add(agency)
        session.flush()
    return agency


def _stored(name: str, values: AgencyValues) -> str:
    value = getattr(values, name)
    return ",".join(value) if isinstance(value, tuple) else str(value)
