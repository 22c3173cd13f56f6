"""An import that ends in the middle is gone on with where it was: nothing twice, nothing lost, the same report as in one go."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from core import clock as clock_of
from core.clock import HandClock
from core.events import Event
from core.ids import new_id
from core.services import Services
from geo.resolution import Resolution
from responder.imports import importing, jobs, pieces, resuming, working
from responder.imports.jobs import Superseded
from responder.imports.ledger import Ledger
from responder.imports.models import ImportedPerson, PeopleImport
from responder.imports.report import Report
from responder.models import Responder
from tests.responder.csv_files import row, write
from tests.responder.helpers import KnownAddresses

ADDRESS = {"home_lat": "", "home_lon": "", "home_address": "Kaivokatu 1"}


class _DiesAt(KnownAddresses):
    """A geocoder in whose hands the process ends, after so many batches, each of which asks for one address."""

    def __init__(self, count: int) -> None:
        self._left = count

    def resolve(self, address: str) -> Resolution:
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1
        return super().resolve(address)


def begun(services: Services, state: str = jobs.IMPORTING) -> str:
    with services.write() as session:
        now = clock_of.now()
        row = PeopleImport(id=new_id(), created_at=now, created_by="user:a", state=state, alive_at=now)
        session.add(row)
        return row.id


def people_of(folder: Path, number: int = 130, **place: str) -> Path:
    """So many people, every tenth without a phone, the first two rows being about one person."""
    where = place or ADDRESS
    rows = [row(external_id=f"v{n}", phone=f"+44770090{n:04d}" if n % 10 else "12", **where) for n in range(1, number)]
    return write(folder, row(external_id="v1", phone="+447700900001", certification_type="medical", **where), *rows)


def told(report: Report) -> tuple[object, ...]:
    return dict(report.people), sorted(report.refusals, key=str), report.not_at_night


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_it_goes_on_behind_the_last_batch_and_reports_as_in_one_go(services: Services, tmp_path: Path) -> None:
    path, import_id = people_of(tmp_path), begun(services)
    with pytest.raises(KeyboardInterrupt):
        importing.run(services, _DiesAt(2), path, ledger=Ledger(services, import_id))
    with services.read() as session:
        there = session.scalar(select(func.count()).select_from(Responder))
        assert there == 90, "two batches of 50, every tenth of them refused"
    heard: list[tuple[int, int]] = []
    resumed = importing.run(
        services, _DiesAt(1), path, ledger=Ledger(services, import_id), progress=lambda *at: heard.append(at)
    )
    assert heard[-1] == (130, 130)
    assert min(heard)[0] > 100, "it began at the beginning again"
    once = importing.run(services, KnownAddresses(), path, dry_run=True)
    assert resumed.people == {"added": 117}
    assert told(resumed)[1:] == told(once)[1:]
    with services.read() as session:
        entries = session.scalars(select(ImportedPerson.responder_id)).all()
        assert len(entries) == len(set(entries)) == 117
        added = select(func.count()).where(Event.kind == "responder_added")
        assert session.scalar(added) == 117


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_check_goes_on_too_and_knows_the_numbers_it_has_seen(services: Services, tmp_path: Path) -> None:
    import_id = begun(services, jobs.CHECKING)
    path = people_of(tmp_path)
    path.write_text(path.read_text() + row(external_id="late", phone="+447700900001", **ADDRESS) + "\n")
    with pytest.raises(KeyboardInterrupt):
        importing.run(services, _DiesAt(2), path, dry_run=True, ledger=Ledger(services, import_id))
    resumed = importing.run(services, _DiesAt(1), path, dry_run=True, ledger=Ledger(services, import_id))
    once = importing.run(services, KnownAddresses(), path, dry_run=True)
    assert (resumed.people, told(resumed)) == (once.people, told(once))
    assert "in this file it belongs to v1" in str(resumed.refusals)
    with services.read() as session:
        assert session.scalar(select(func.count()).select_from(Responder)) == 0
        work = jobs.find(session, import_id)
    working.end(services, work, jobs.CHECKED)
    with services.read() as session:
        assert not b"".join(pieces.of(session, import_id, pieces.SO_FAR))
    assert jobs.move(services, import_id, (jobs.CHECKED,), jobs.IMPORTING, "user:a")
    imported = importing.run(services, KnownAddresses(), path, ledger=Ledger(services, import_id))
    assert (imported.people, told(imported)) == (once.people, told(once)), "and the import begins at the beginning"


def test_whoever_was_taken_for_dead_writes_nothing_more(services: Services, tmp_path: Path) -> None:
    path, import_id = people_of(tmp_path, 60), begun(services)
    slow = Ledger(services, import_id)
    importing.run(services, KnownAddresses(), path, ledger=Ledger(services, import_id))
    with pytest.raises(Superseded):
        importing.run(services, KnownAddresses(), path, ledger=slow)
    with services.read() as session:
        assert session.scalar(select(func.count()).where(Event.kind == "responder_changed")) == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_process_that_starts_goes_on_with_what_another_left_and_not_for_ever(
    services: Services, tmp_path: Path, clock: HandClock
) -> None:
    import_id = begun(services)
    pieces.keep(services, import_id, pieces.FILE, [people_of(tmp_path, 60, home_lat="60.1", home_lon="24.9").read_bytes()])
    assert resuming.resume(services) == [], "somebody still works on it"
    clock.turn(16)
    (thread,) = resuming.resume(services)
    thread.join(30)
    with services.write() as session:
        row = session.get_one(PeopleImport, import_id)
        assert (row.state, row.people, row.tries) == (jobs.DONE, {"added": 54}, 1)
        row.state, row.tries = jobs.IMPORTING, resuming.MOST_TRIES
    clock.turn(16)
    assert resuming.resume(services) == [], "it would end this process too"
    assert jobs.claim_stalled(services, import_id), "an admin may still say so"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_check_that_was_taken_for_dead_ends_no_import_that_began_since(services: Services, clock: HandClock) -> None:
    import_id = begun(services, jobs.CHECKING)
    with services.read() as session:
        slow = jobs.find(session, import_id)
    clock.turn(16)
    assert jobs.claim_stalled(services, import_id)
    with services.read() as session:
        working.end(services, jobs.find(session, import_id), jobs.CHECKED)
    assert jobs.move(services, import_id, (jobs.CHECKED,), jobs.IMPORTING, "user:a")
    for state in (jobs.CHECKED, jobs.BROKEN):
        with pytest.raises(Superseded):
            working.end(services, slow, state)
    with services.read() as session:
        assert jobs.find(session, import_id).state == jobs.IMPORTING


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_import_whose_file_is_gone_can_be_undone_and_is_not_dropped(services: Services, clock: HandClock) -> None:
    import_id = begun(services)
    clock.turn(16)
    (thread,) = resuming.resume(services)
    thread.join(30)
    with services.read() as session:
        assert jobs.find(session, import_id).state == jobs.BROKEN
    assert not jobs.discard_unused(services, import_id)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_file_is_dropped_while_somebody_is_at_it(services: Services, tmp_path: Path, clock: HandClock) -> None:
    import_id = begun(services)
    pieces.keep(services, import_id, pieces.FILE, [people_of(tmp_path, 3).read_bytes()])
    clock.turn(2 * 86_400)
    with services.write() as session:
        session.get_one(PeopleImport, import_id).alive_at = clock.now()
    jobs.purge(services)
    with services.read() as session:
        assert b"".join(pieces.of(session, import_id, pieces.FILE))
    clock.turn(16)
    jobs.purge(services)
    with services.read() as session:
        assert not b"".join(pieces.of(session, import_id, pieces.FILE))


@pytest.mark.parametrize("state", [jobs.UNDOING, jobs.UNDONE])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_import_that_is_being_undone_takes_in_nobody_more(services: Services, tmp_path: Path, state: str) -> None:
    import_id = begun(services, jobs.BY_COMMAND)
    ledger = Ledger(services, import_id)
    with services.write() as session:
        session.get_one(PeopleImport, import_id).state = state
    with pytest.raises(Superseded):
        importing.run(services, KnownAddresses(), people_of(tmp_path, 5), ledger=ledger)
    with services.read() as session:
        assert session.scalar(select(func.count()).select_from(Responder)) == 0
