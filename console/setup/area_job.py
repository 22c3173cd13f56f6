"""Brings in an area that was sent from the page, in a process of its own: it takes a core for minutes, emergencies go first.

`python -m console.setup.area_job FILE ACTOR`; only the page starts it. Its progress is a row that every process can read.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from core import clock, log, milestones
from core.milestones import Milestone
from core.problems import Problem
from core.services import Services, open_services
from core.settings import load
from core.words import _, fill, kept, told
from geo import area

NAME = "area_import"
RUNNING, DONE, FAILED = "running", "done", "failed"
BROKEN_OFF_AFTER = timedelta(minutes=10)
"""A step that says nothing for so long has died with its machine."""
_NICE = 10
_ROOT = Path(__file__).parents[2]
_SAY_EVERY_S = 1.0
_log = log.get("area")


def state(session: Session) -> Mapping[str, Any] | None:
    """How the newest import stands: `state`, `percent`, and when it failed `words`; None when there was none."""
    row = session.get(Milestone, NAME, populate_existing=True)
    if row is None:
        return None
    if row.data["state"] == RUNNING and clock.now() - row.at > BROKEN_OFF_AFTER:
        return {"state": FAILED, "percent": row.data["percent"], "words": _("It was broken off. The old area is as it was.")}
    said = row.data.get("words")
    return row.data if said is None else {**row.data, "words": told(said)}


def begin(services: Services, file: Path, actor: str) -> None:
    """Start a process that imports `file` and deletes it. Problem 409 while another import runs."""
    with services.write() as session:
        before = state(session)
        if before is not None and before["state"] == RUNNING:
            raise Problem(409, "An area is being brought in already; wait until it is done")
        milestones.note(session, NAME, state=RUNNING, percent=0)
    settings = services.settings
    where = {"DATA_DIR": str(settings.data_dir.absolute()), "DATABASE_URL": settings.database}
    job = subprocess.Popen(  # noqa: S603  # our own module; the file's name is ours too
        [sys.executable, "-m", "console.setup.area_job", str(file.absolute()), actor],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        cwd=_ROOT,
        env=os.environ | where,
    )
    threading.Thread(target=job.wait, name="area-job", daemon=True).start()  # whoever ends unwaited for stays as a zombie


def main(file: Path, actor: str) -> None:
    """Import, and say all along how far it is."""
    os.nice(_NICE)
    log.setup("area")
    services = open_services(load())
    try:
        made = area.import_area(services, file, actor, _Teller(services))
        _note(services, state=DONE, percent=100, addresses=made.counts.house_numbers, streets=made.counts.streets)
    except Problem as problem:
        _note(services, state=FAILED, percent=0, words=kept(problem.errors[0].detail if problem.errors else problem.title))
    except Exception as error:
        _log.exception("an area could not be brought in")
        said = fill("It broke ({error}); the log says more.", error=type(error).__name__)
        _note(services, state=FAILED, percent=0, words=kept(said))
    finally:
        file.unlink(missing_ok=True)
        services.database.close()


class _Teller:
    """Writes how far it is, at most once a second; not while the import itself writes, and nobody else can."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._next_s = float("-inf")

    def __call__(self, done: int, all_: int) -> None:
        if clock.monotonic_s() >= self._next_s and not self._services.database.is_writing:
            self._next_s = clock.monotonic_s() + _SAY_EVERY_S
            _note(self._services, state=RUNNING, percent=min(99, done * 100 // max(1, all_)))


def _note(services: Services, **facts: Any) -> None:
    with services.write() as session:
        milestones.note(session, NAME, **facts)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
