"""The work of an import that was started on a page, in a thread: the page may be left, and shows on return how far it is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from core import clock, log
from core.services import Services
from geo.geocoding import Geocoder
from responder.imports import columns, importing, jobs, pieces, reasons, refused_rows, undoing
from responder.imports.jobs import Superseded
from responder.imports.ledger import Ledger
from responder.imports.models import LONGEST_PROBLEM, PeopleImport
from responder.imports.report import MOST_DOUBTFUL, Report

BEAT_S = 0.7
Tell = Callable[[int, int], None]
_log = log.get("import")


def start(services: Services, geocoder: Geocoder, import_id: str) -> threading.Thread:
    """Check, import or undo, whichever its state says, in a thread; returns at once."""
    thread = threading.Thread(target=_work, args=(services, geocoder, import_id), name="people-import", daemon=True)
    thread.start()
    return thread


def _work(services: Services, geocoder: Geocoder, import_id: str) -> None:
    try:
        with services.read() as session:
            row = jobs.find(session, import_id)
        _work_on(services, geocoder, row)
    except Superseded:
        _log.warning("an import is somebody else's by now", import_id=import_id)
    except Exception as error:
        # Left as it stands: whoever finds that nobody is at it goes on with it.
        _log.exception("an import could not be worked on", import_id=import_id, error=type(error).__name__)


def _work_on(services: Services, geocoder: Geocoder, row: PeopleImport) -> None:
    try:
        with _beating(services, row) as tell:
            if row.state == jobs.UNDOING:
                undoing.undo(services, row, tell)
            else:
                _run(services, geocoder, row, tell)
        end(services, row, AFTER[row.state])
    except Superseded:
        raise
    except importing.UnusableFile as error:
        # Of one that was checked already people may be in: it is to be undone, not dropped.
        came_to = jobs.UNUSABLE if row.state == jobs.CHECKING else jobs.BROKEN
        _log.warning("the file of an import cannot be used", import_id=row.id, state=row.state)
        end(services, row, came_to, problem=reasons.written(error.args[0], LONGEST_PROBLEM))
    except Exception as error:
        _log.exception("an import broke", import_id=row.id, error=type(error).__name__)
        end(services, row, jobs.BROKEN)


AFTER = {jobs.CHECKING: jobs.CHECKED, jobs.IMPORTING: jobs.DONE, jobs.UNDOING: jobs.UNDONE}
"""What each kind of work comes to when it ends well."""
_NEEDED_NO_MORE = {jobs.CHECKED: (pieces.SO_FAR,), jobs.DONE: (pieces.SO_FAR, pieces.FILE)}


def _run(services: Services, geocoder: Geocoder, row: PeopleImport, tell: Tell) -> None:
    with pieces.as_file(services, row.id) as path:
        report = importing.run(
            services,
            geocoder,
            path,
            dry_run=row.state == jobs.CHECKING,
            unverified=row.unverified,
            actor=row.created_by,
            progress=tell,
            ledger=Ledger(services, row.id),
            columns=row.columns,
        )
        _keep(services, row, report, path)


def _keep(services: Services, row: PeopleImport, report: Report, path: Path) -> None:
    named = columns.names_in(path, row.columns)  # whoever mends the file looks for its own names
    refusals = [replace(one, column=named.get(one.column, one.column)) for one in report.refusals]
    refusals.sort(key=lambda one: one.line)
    with services.write() as session:
        _note(session, row, counts(report))
        for kind in (pieces.TOLD, pieces.REFUSED):
            pieces.drop(session, row.id, kind)
    pieces.keep(services, row.id, pieces.TOLD, [refused_rows.as_json(refusals)])
    pieces.keep(services, row.id, pieces.REFUSED, pieces.of_rows(refused_rows.as_csv(path, refusals)))


def counts(report: Report) -> dict[str, Any]:
    """What an import came to, as its row tells it."""
    told = {"doubtful": report.doubtful, "endless": report.endless}
    looked_at = {name: {"count": len(lines), "lines": lines[:MOST_DOUBTFUL]} for name, lines in told.items()}
    plain = {"refused_rows": report.refused_rows, "not_at_night": report.not_at_night}
    return {"people": dict(report.people), **looked_at, **plain}


def end(services: Services, row: PeopleImport, state: str, **values: object) -> None:
    """Have an import, read as `row` when this work began, be what it came to; once it is done, nobody has to go on with it.
    Raises Superseded, and nothing is written, where it is somebody else's by now."""
    if state == jobs.CHECKED:
        values["reached"] = 0  # what comes next begins at the beginning
    with services.write() as session:
        _note(session, row, {"state": state, "ended_at": clock.now(), **values})
        for kind in _NEEDED_NO_MORE.get(state, ()):
            pieces.drop(session, row.id, kind)


@contextmanager
def _beating(services: Services, row: PeopleImport) -> Iterator[Tell]:
    """Write down every moment how far the work is and that it goes on; yields what is to be told of progress."""
    at = [0, 0]
    ended = threading.Event()

    def tell(done: int, total: int) -> None:
        at[:] = [done, total]

    def beat() -> None:
        while not ended.wait(BEAT_S):
            _beat(services, row, *at)

    thread = threading.Thread(target=beat, name="people-import-beat", daemon=True)
    thread.start()
    try:
        yield tell
    finally:
        ended.set()
        thread.join()
        _beat(services, row, *at)


def _beat(services: Services, row: PeopleImport, done: int, total: int) -> None:
    try:
        with services.write() as session:
            _note(session, row, {"done": done, "rows": total, "alive_at": clock.now()})
    except Exception as error:
        _log.warning("the progress of an import could not be noted", import_id=row.id, error=type(error).__name__)


def _note(session: Session, row: PeopleImport, values: Mapping[str, object]) -> None:
    """Write down of an import that this process holds. Raises Superseded where it holds it no more."""
    own = update(PeopleImport).where(*jobs.still_held(row)).values(values).returning(PeopleImport.id)
    if session.execute(own.execution_options(synchronize_session=False)).first() is None:
        raise Superseded
