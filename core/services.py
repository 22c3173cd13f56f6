"""What every process opens once and hands down: settings, database, wake-ups."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from core import events
from core.agency import CurrentSettings
from core.database import Database
from core.group_commit import GroupCommit, Work
from core.queue import WakeUps
from core.settings import Settings

_TOPICS = "topics_to_wake"
_CURRENT = "current_settings"


@dataclass(frozen=True)
class Services:
    """The tools of one process. Functions take it as their first argument where they need more than a session.

    `settings` change while a process runs (`core.agency`): ask for them when they are needed and keep none.
    """

    settings: Settings
    database: Database
    wake_ups: WakeUps
    _group: GroupCommit = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_group", GroupCommit(self.write))

    def settings_changed(self) -> None:
        """Have this process read the agency's values again at once; the others do within two seconds."""
        current: CurrentSettings = self.__dict__[_CURRENT]
        current.look_again()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A short write transaction; after its commit the workers it has work for are woken, and the readers of events."""
        with self.database.write() as session:
            yield session
        for topic in sorted(session.info.pop(_TOPICS, ())):
            self.wake_ups.send(topic)
        if events.take_written(session):
            self.wake_ups.announce_events()

    def write_together(self, work: Work, patience_s: float | None = None) -> None:
        """Do `work` in a transaction that others of the same moment share, and return once it is committed: for small writes
        that come in floods. Each piece of work is all or nothing by itself. Raises TimeoutError after `patience_s` seconds, and
        the work may then still be done."""
        self._group.run(work, patience_s)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction for looking only."""
        with self.database.read() as session:
            yield session


class _SettingsOfNow:
    """`services.settings`: given once, read as they hold now, so that nobody keeps old ones by accident."""

    def __get__(self, services: Services | None, owner: type[Services]) -> Settings:
        if services is None:
            raise AttributeError("settings have no default")
        current: CurrentSettings = services.__dict__[_CURRENT]
        return current.now()

    def __set__(self, services: Services, given: Settings) -> None:
        services.__dict__[_CURRENT] = CurrentSettings(given, lambda: services.database)


Services.settings = _SettingsOfNow()  # type: ignore[assignment]  # read as a field, kept current behind it


def wake_after_commit(session: Session, topic: str) -> None:
    """Ask that `topic`'s worker be woken once this transaction has committed (and not at all if it rolls back)."""
    session.info.setdefault(_TOPICS, set()).add(topic)


def open_services(settings: Settings) -> Services:
    """Connect to what `settings` name; nothing is migrated here."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Services(settings, Database(settings.database), WakeUps(settings.redis_url))
