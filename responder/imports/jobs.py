"""An import that an admin starts on a page: its states, and who may take it from one to the next. `working` does the work.

First the whole file is checked and nothing written, then it is imported when the admin says so. What a process leaves undone
when it dies is gone on with where it was, and a whole import can be undone (`undoing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import IO, Any

from sqlalchemy import ColumnElement, and_, delete, func, not_, or_, select, update
from sqlalchemy.orm import Session

from core import clock
from core.database import advisory_lock
from core.events import Event
from core.ids import new_id
from core.problems import Problem, not_found
from core.services import Services
from responder.imports import columns, pieces
from responder.imports.models import PeopleImport

UPLOADING, MATCHING, CHECKING, CHECKED, IMPORTING = "uploading", "matching", "checking", "checked", "importing"
DONE, UNUSABLE, BROKEN = "done", "unusable", "broken"
UNDOING, UNDONE = "undoing", "undone"
BY_COMMAND = "by_command"
"""One that `scripts/manage` is at, or was at when it was ended: its file is not here, so nobody can go on with it."""
WORKING = (UPLOADING, CHECKING, IMPORTING, UNDOING)
RESUMABLE = (CHECKING, IMPORTING, UNDOING)
UNDOABLE = (DONE, BROKEN, BY_COMMAND)
WRITES_NOBODY = (UPLOADING, MATCHING, CHECKING, CHECKED, UNUSABLE)

_ONE_AT_A_TIME = 4010
"""The lock under which it is looked whether another import is at work."""
LARGEST_BYTES = 20 * 2**20
"""About 150,000 people; more goes by `scripts/manage import-responders`, which has no limit."""
STALLED_AFTER = timedelta(seconds=15)
KEPT = timedelta(hours=24)
"""Files are full of names: they go a day after they came, whatever became of them."""
UNDOABLE_FOR = timedelta(days=14)
"""So long it is remembered what people were before: a mistake shows within days, and what was is to be forgotten."""


class Superseded(Exception):
    """Somebody else has this import now: this process was so slow that it was taken for dead, or an admin has decided."""


def begin(services: Services, file: IO[bytes], unverified: bool, actor: str) -> str:
    """Keep an uploaded file and return the id of its import, which then waits to be checked, or for somebody to say what its
    columns are. Problem 409 while another one is at work, 413 for a file that is too large, 422 for an empty one."""
    import_id = new_id()
    with services.write() as session:
        _refuse_second(session)
        now = clock.now()
        row = PeopleImport(id=import_id, created_at=now, created_by=actor, state=UPLOADING, unverified=unverified, alive_at=now)
        session.add(row)
    try:
        pieces.keep(services, import_id, pieces.FILE, pieces.of_upload(file, LARGEST_BYTES))
        move(services, import_id, (UPLOADING,), CHECKING if columns.are_ours(given(services, import_id)) else MATCHING, actor)
    except BaseException:
        discard(services, import_id)
        raise
    return import_id


def begin_by_command(services: Services, unverified: bool, actor: str) -> PeopleImport:
    """Note that a command imports a file, and return the row of that: it can then be undone on the pages."""
    now = clock.now()
    row = PeopleImport(id=new_id(), created_at=now, created_by=actor, state=BY_COMMAND, unverified=unverified, alive_at=now)
    with services.write() as session:
        row.events_before = _last_event(session)
        session.add(row)
    return row


def given(services: Services, import_id: str) -> list[columns.Given]:
    """The columns of the file of an import."""
    with pieces.as_file(services, import_id, most=1) as path:
        return columns.read(path)


def match(services: Services, import_id: str, given: Sequence[columns.Given], chosen: Sequence[str]) -> bool:
    """Have an import's columns be those chosen, and remember the choice; False when it does not wait for that (any more)."""
    with services.write() as session:
        own = update(PeopleImport).where(PeopleImport.id == import_id, PeopleImport.state == MATCHING)
        values = own.values(columns=list(chosen), state=CHECKING, alive_at=clock.now()).returning(PeopleImport.id)
        if session.execute(values).first() is None:
            return False
        columns.remember(session, given, chosen)
        return True


def move(services: Services, import_id: str, before: tuple[str, ...], after: str, actor: str) -> bool:
    """Have `actor` take an import from one of some states to the next; False when it is in none of them (any more)."""
    with services.write() as session:
        values: dict[str, Any] = {"state": after, "alive_at": clock.now(), "done": 0}
        if after in (IMPORTING, UNDOING):
            _refuse_second(session)
        if after == IMPORTING:
            values["events_before"] = _last_event(session)
        if after == UNDOING:
            values["undone_by"] = actor
        own = update(PeopleImport).where(PeopleImport.id == import_id, PeopleImport.state.in_(before))
        return session.execute(own.values(**values).returning(PeopleImport.id)).first() is not None


def claim_stalled(services: Services, import_id: str) -> bool:
    """Take over an import that nobody works on any more; False when somebody does."""
    with services.write() as session:
        taken = update(PeopleImport).where(PeopleImport.id == import_id, *stalled())
        values = taken.values(alive_at=clock.now(), tries=PeopleImport.tries + 1).returning(PeopleImport.id)
        return session.execute(values).first() is not None


def discard(services: Services, import_id: str, *only: ColumnElement[bool]) -> bool:
    """Forget an import with its file and whom it had, if `only` holds of it; whether it did."""
    gone = delete(PeopleImport).where(PeopleImport.id == import_id, *only).returning(PeopleImport.id)
    with services.write() as session:
        return session.execute(gone.execution_options(synchronize_session=False)).first() is not None


def discard_unused(services: Services, import_id: str) -> bool:
    """Forget an import by which nobody has come in and that nobody is at; False where it is not so (any more)."""
    return discard(services, import_id, PeopleImport.state.in_(WRITES_NOBODY), not_(_is_alive()))


def purge(services: Services) -> None:
    """Drop the files of imports that are older than `KEPT`, and the imports that nothing can be done with any more; what
    somebody is at just now is left to them."""
    past_file = and_(PeopleImport.created_at < clock.now() - KEPT, not_(_is_alive()))
    past_all = and_(PeopleImport.created_at < clock.now() - UNDOABLE_FOR, not_(_is_alive()))
    useless = or_(past_all, and_(past_file, PeopleImport.state.in_(WRITES_NOBODY)))
    with services.read() as session:
        gone = list(session.scalars(select(PeopleImport.id).where(useless)))
        filed = select(PeopleImport.id).where(past_file, pieces.some(PeopleImport.id))
        emptied = [one for one in session.scalars(filed) if one not in gone]
    for import_id in gone:
        discard(services, import_id, useless)
    for import_id in emptied:
        with services.write() as session:
            pieces.drop(session, import_id)


def find(session: Session, import_id: str) -> PeopleImport:
    """One import, or Problem 404."""
    row = session.get(PeopleImport, import_id)
    if row is None:
        raise not_found("import, or it is too old to be of use")
    return row


def latest(session: Session) -> PeopleImport | None:
    """The import that was begun last."""
    return session.scalar(select(PeopleImport).order_by(PeopleImport.id.desc()).limit(1))


def stalled() -> tuple[ColumnElement[bool], ...]:
    """The imports that somebody could go on with, and nobody does."""
    return PeopleImport.state.in_(RESUMABLE), PeopleImport.alive_at < clock.now() - STALLED_AFTER


def is_stalled(row: PeopleImport) -> bool:
    """Whether it should be worked on and nobody does: the process that did has ended."""
    return row.state in WORKING and row.alive_at < clock.now() - STALLED_AFTER


def still_held(row: PeopleImport) -> tuple[ColumnElement[bool], ...]:
    """That an import is where it was when a process began to work on it, and that nobody has taken it over since."""
    return PeopleImport.id == row.id, PeopleImport.state == row.state, PeopleImport.tries == row.tries


def _is_alive() -> ColumnElement[bool]:
    return and_(PeopleImport.state.in_(WORKING), PeopleImport.alive_at >= clock.now() - STALLED_AFTER)


def _last_event(session: Session) -> int:
    return session.scalar(select(func.max(Event.number))) or 0


def _refuse_second(session: Session) -> None:
    advisory_lock(session, _ONE_AT_A_TIME)
    if session.scalar(select(func.count()).select_from(PeopleImport).where(_is_alive())):
        raise Problem(409, "Another import is at work; wait until it is done")
