"""An import that an admin starts on a page: the file is kept in the database, a thread works on it, and the page may be left.

First the whole file is checked and nothing written, then it is imported when the admin says so. Whatever a process leaves
undone when it dies can be done again: the same file twice changes nothing.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import IO

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core import clock, log
from core.ids import new_id
from core.problems import Problem, not_found
from core.services import Services
from core.words import fill
from geo.geocoding import Geocoder
from responder import importing, refused_rows
from responder.models import ImportPiece, PeopleImport

UPLOADING, CHECKING, CHECKED, IMPORTING = "uploading", "checking", "checked", "importing"
DONE, UNUSABLE, BROKEN = "done", "unusable", "broken"
WORKING = (UPLOADING, CHECKING, IMPORTING)
FILE, REFUSED, TOLD = "file", "refused", "told"

LARGEST_BYTES = 20 * 2**20
"""About 150,000 people; more goes by `scripts/manage import-responders`, which has no limit."""
BEAT_S = 0.7
STALLED_AFTER = timedelta(seconds=15)
KEPT = timedelta(hours=24)
"""Files are full of names: they go a day after they came, whatever became of them."""
_PIECE = 2**20
_ROWS_A_PIECE = 2_000
_log = log.get("import")


def begin(services: Services, file: IO[bytes], unverified: bool, actor: str) -> str:
    """Keep an uploaded file and return the id of its import, which then waits to be checked. Problem 409 while another one
    is at work, 413 for a file that is too large, 422 for an empty one."""
    import_id = new_id()
    with services.write() as session:
        _refuse_second(session)
        now = clock.now()
        row = PeopleImport(id=import_id, created_at=now, created_by=actor, state=UPLOADING, unverified=unverified, alive_at=now)
        session.add(row)
    try:
        _keep(services, import_id, FILE, _taken(file))
        move(services, import_id, UPLOADING, CHECKING)
    except BaseException:
        discard(services, import_id)
        raise
    return import_id


def move(services: Services, import_id: str, before: str, after: str) -> bool:
    """Take an import from one state to the next; False when it is not in the first (any more)."""
    own = update(PeopleImport).where(PeopleImport.id == import_id, PeopleImport.state == before)
    with services.write() as session:
        if after == IMPORTING:
            _refuse_second(session)
        values = own.values(state=after, alive_at=clock.now(), done=0).returning(PeopleImport.id)
        return session.execute(values).first() is not None


def claim_stalled(services: Services, import_id: str) -> bool:
    """Take over an import that nobody works on any more; False when somebody does."""
    stalled = (PeopleImport.state.in_((CHECKING, IMPORTING)), PeopleImport.alive_at < clock.now() - STALLED_AFTER)
    with services.write() as session:
        taken = update(PeopleImport).where(PeopleImport.id == import_id, *stalled).values(alive_at=clock.now())
        return session.execute(taken.returning(PeopleImport.id)).first() is not None


def discard(services: Services, import_id: str) -> None:
    """Forget an import and its file."""
    with services.write() as session:
        session.execute(delete(ImportPiece).where(ImportPiece.import_id == import_id))
        session.execute(delete(PeopleImport).where(PeopleImport.id == import_id))


def purge(services: Services) -> None:
    """Drop the files of imports that are older than `KEPT`."""
    old = select(PeopleImport.id).where(PeopleImport.created_at < clock.now() - KEPT)
    with services.read() as session:
        ids = list(session.scalars(old))
    for import_id in ids:
        discard(services, import_id)


def find(session: Session, import_id: str) -> PeopleImport:
    """One import, or Problem 404."""
    row = session.get(PeopleImport, import_id)
    if row is None:
        raise not_found("import, or its file has been dropped (after a day)")
    return row


def latest(session: Session) -> PeopleImport | None:
    """The import that was begun last."""
    return session.scalar(select(PeopleImport).order_by(PeopleImport.id.desc()).limit(1))


def is_stalled(row: PeopleImport) -> bool:
    """Whether it should be worked on and nobody does: the process that did has ended."""
    return row.state in WORKING and row.alive_at < clock.now() - STALLED_AFTER


def piece(session: Session, import_id: str, kind: str) -> bytes:
    """The whole of what is kept of one kind."""
    own = select(ImportPiece.data).where(ImportPiece.import_id == import_id, ImportPiece.kind == kind)
    return b"".join(session.scalars(own.order_by(ImportPiece.number)))


def start(services: Services, geocoder: Geocoder, import_id: str) -> threading.Thread:
    """Check or import, whichever its state says, in a thread; returns at once."""
    thread = threading.Thread(target=_work, args=(services, geocoder, import_id), name="people-import", daemon=True)
    thread.start()
    return thread


def _refuse_second(session: Session) -> None:
    alive = (PeopleImport.state.in_(WORKING), PeopleImport.alive_at >= clock.now() - STALLED_AFTER)
    if session.scalar(select(func.count()).select_from(PeopleImport).where(*alive)):
        raise Problem(409, "Another import is at work; wait until it is done")


def _taken(file: IO[bytes]) -> Iterator[bytes]:
    """An uploaded file in pieces. Raises Problem when it is too large or empty."""
    total = 0
    for data in iter(lambda: file.read(_PIECE), b""):
        total += len(data)
        if total > LARGEST_BYTES:
            raise Problem(413, fill("The file is larger than {most} MB", most=LARGEST_BYTES // 2**20))
        yield data
    if not total:
        raise Problem(422, "Choose a CSV file; this one is empty")


def _pieces(rows: Iterator[bytes]) -> Iterator[bytes]:
    """Many rows at a time, so that each piece is well filled and none is large."""
    while piece := b"".join(islice(rows, _ROWS_A_PIECE)):
        yield piece


def _keep(services: Services, import_id: str, kind: str, pieces: Iterable[bytes]) -> None:
    for number, data in enumerate(pieces):
        # A transaction each: an emergency must not wait for a long file.
        with services.write() as session:
            session.add(ImportPiece(import_id=import_id, kind=kind, number=number, data=data))


def _drop_pieces(services: Services, import_id: str) -> None:
    """Drop what was kept of an import besides the file itself."""
    with services.write() as session:
        session.execute(delete(ImportPiece).where(ImportPiece.import_id == import_id, ImportPiece.kind != FILE))


def _work(services: Services, geocoder: Geocoder, import_id: str) -> None:
    try:
        with services.read() as session:
            row = find(session, import_id)
        with _as_file(services, import_id) as path:
            _run(services, geocoder, row, path)
    except importing.UnusableFile as error:
        _end(services, import_id, UNUSABLE, problem=str(error)[:500])
    except Exception as error:
        _log.exception("an import broke", import_id=import_id, error=type(error).__name__)
        _end(services, import_id, BROKEN)


def _run(services: Services, geocoder: Geocoder, row: PeopleImport, path: Path) -> None:
    is_check = row.state == CHECKING
    with _beating(services, row.id) as told:
        report = importing.run(
            services, geocoder, path, dry_run=is_check, unverified=row.unverified, actor=row.created_by, progress=told
        )
    refusals = sorted(report.refusals, key=lambda one: one.line)
    _drop_pieces(services, row.id)
    _keep(services, row.id, TOLD, [refused_rows.as_json(refusals)])
    _keep(services, row.id, REFUSED, _pieces(refused_rows.as_csv(path, refusals)))
    _end(
        services,
        row.id,
        CHECKED if is_check else DONE,
        people=dict(report.people),
        refused_rows=report.refused_rows,
        not_at_night=report.not_at_night,
    )


def _end(services: Services, import_id: str, state: str, **values: object) -> None:
    with services.write() as session:
        session.execute(
            update(PeopleImport).where(PeopleImport.id == import_id).values(state=state, ended_at=clock.now(), **values)
        )
        if state == DONE:
            session.execute(delete(ImportPiece).where(ImportPiece.import_id == import_id, ImportPiece.kind == FILE))


@contextmanager
def _as_file(services: Services, import_id: str) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        number = 0
        while True:
            with services.read() as session:
                data = session.scalar(
                    select(ImportPiece.data).where(
                        ImportPiece.import_id == import_id, ImportPiece.kind == FILE, ImportPiece.number == number
                    )
                )
            if data is None:
                break
            file.write(data)
            number += 1
        file.flush()
        yield Path(file.name)


@contextmanager
def _beating(services: Services, import_id: str) -> Iterator[Callable[[int, int], None]]:
    """Write down every moment how far the work is and that it goes on; yields what is to be told of progress."""
    at = [0, 0]
    ended = threading.Event()

    def tell(done: int, total: int) -> None:
        at[:] = [done, total]

    def beat() -> None:
        while not ended.wait(BEAT_S):
            _note(services, import_id, *at)

    thread = threading.Thread(target=beat, name="people-import-beat", daemon=True)
    thread.start()
    try:
        yield tell
    finally:
        ended.set()
        thread.join()
        _note(services, import_id, *at)


def _note(services: Services, import_id: str, done: int, total: int) -> None:
    try:
        with services.write() as session:
            own = update(PeopleImport).where(PeopleImport.id == import_id)
            session.execute(own.values(done=done, rows=total, alive_at=clock.now()))
    except Exception as error:
        _log.warning("the progress of an import could not be noted", error=type(error).__name__)
