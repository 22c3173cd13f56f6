"""Undoing an import: whoever it added goes, whoever it changed is what they were; who has done something since stays."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from core.clock import HandClock
from core.events import Event
from core.services import Services
from responder import availability, erasure, people
from responder.fields import Context
from responder.imports import jobs, undoing
from responder.imports.models import ImportedPerson, ImportPiece, PeopleImport
from responder.input import ResponderInput
from responder.models import Certification, Place, Responder
from scripts.lib import manage_import
from scripts.lib.terminal import Refusal
from sms.models import IN, Message
from tests.people.conftest import Visitor, words
from tests.people.test_imports import HEADER, checked, count, until
from tests.responder.helpers import everything_stored, index_rows, rebuilt_index_rows

pytestmark = pytest.mark.both_databases


def line(number: int, **other: str) -> str:
    cells = {
        "external_id": f"id-{number}",
        "name": f"Person {number}",
        "phone": f"+44770090{number:04d}",
        "home_address": "Torikatu 1",
        "certification_type": "cpr",
        "certification_expires": "2030-12-31",
        "consent_at": "2026-01-01",
        "night_alerts": "yes",
    } | other
    return ",".join(cells[column] for column in HEADER.strip().split(",")) + "\n"


def imported(admin: Visitor, *lines: str) -> str:
    import_id = checked(admin, HEADER + "".join(lines))
    admin.post(f"/people/import/{import_id}/go")
    until(admin, import_id, jobs.DONE)
    return import_id


def undo(admin: Visitor, import_id: str) -> str:
    """Undo it on its page, and return what the page then says."""
    admin.post(f"/people/import/{import_id}/undo")
    until(admin, import_id, jobs.UNDONE)
    return words(admin.get(f"/people/import/{import_id}"))


def known(services: Services) -> set[str]:
    with services.read() as session:
        return set(session.scalars(select(Responder.external_id).where(Responder.erased_at.is_(None))))


def facts_of(services: Services, external_id: str) -> list[Any]:
    """All that a list of people can say of somebody, and who vouched for it."""
    with services.read() as session:
        person = people.find(session, external_id)
        assert person is not None
        places = sorted((one.kind, one.lat, one.lon, one.address, one.hours) for one in person.places)
        proofs = sorted(
            (one.type, one.number or "", str(one.expires_at), str(one.verified_at), one.verified_by or "", one.issuer or "")
            for one in person.certifications
        )
        said = (person.name, person.sort_name, person.night_alerts, person.calls, person.transport, person.consent_at)
        return [said, person.contact.phone, person.contact.language, places, proofs]


def test_whoever_an_import_added_is_gone_without_a_trace(admin: Visitor, services: Services) -> None:
    import_id = imported(admin, *(line(number) for number in range(60)))
    preview = words(admin.get(f"/people/import/{import_id}/undo"))
    assert "would be removed 60 would be as before 0 would stay as they are 0" in preview
    assert "Undo it for 60 people" in preview
    assert len(known(services)) == 60, "the preview has undone something"
    told = undo(admin, import_id)
    assert "removed 60 as they were before 0 left as they are 0" in told
    assert known(services) == set()
    assert count(services, ImportedPerson) == count(services, Place) == count(services, Certification) == 0
    with services.read() as session:
        assert "4477009" not in everything_stored(session)
        noted = session.scalars(select(Event).where(Event.kind == "responders_import_undone")).one()
        assert (noted.actor, noted.data) == ("user:admin", {"kept": 0, "removed": 60})
    again = imported(admin, line(1))
    assert admin.get(f"/people/api/imports/{again}").json["people"] == {"added": 1}


def test_whoever_it_changed_is_what_they_were(admin: Visitor, services: Services, person: Callable[..., int]) -> None:
    work = {"kind": "work", "lat": 60.1, "lon": 24.9, "hours": "Mo-Fr 08:00-16:00"}
    home = {"kind": "home", "lat": 60.1712345678, "lon": 24.9412345678, "address": "Torikatu 3"}
    proofs = [{"type": "medical", "number": "M-1", "issuer": "Valvira", "issued": "2020-01-01"}, {"type": "cpr"}]
    person("Ääkkönen Aino", external_id="id-1", places=[home, work], certifications=proofs, phone="+447700900500", calls=True)
    person("Eero", external_id="id-2", phone="+447700900501", language="sv")
    before = [facts_of(services, "id-1"), facts_of(services, "id-2")]
    import_id = imported(admin, line(1), line(2), line(3))
    assert all(was != now for was, now in zip(before[0], facts_of(services, "id-1"), strict=True) if was != "en")
    assert "would be removed 1 would be as before 2" in words(admin.get(f"/people/import/{import_id}/undo"))
    undo(admin, import_id)
    assert [facts_of(services, "id-1"), facts_of(services, "id-2")] == before
    assert known(services) == {"id-1", "id-2"}
    with services.read() as session:
        assert index_rows(session) == rebuilt_index_rows(session)
        assert session.scalar(select(func.count()).where(Event.kind == "responder_put_back")) == 2
    assert admin.get("/people", q="Ääkkönen").text.count("Aino") > 0


def test_numbers_that_went_round_come_back(admin: Visitor, services: Services, person: Callable[..., int]) -> None:
    for number, phone in ((1, "+447700900001"), (2, "+447700900002")):
        person(external_id=f"id-{number}", phone=phone)
    import_id = imported(admin, line(1, phone="+447700900009"), line(2, phone="+447700900001"))
    assert "1 person stays as they are" in words(admin.get(f"/people/import/{import_id}/undo"))
    assert "as they were before 2 left as they are 0" in undo(admin, import_id), "the first waits for the second's number only"
    assert [facts_of(services, f"id-{number}")[1] for number in (1, 2)] == ["+447700900001", "+447700900002"]


def _wrote(services: Services, row: int) -> None:
    with services.write() as session:
        contact = session.get_one(Responder, row).contact
        now = session.get_one(Responder, row).created_at
        text = {"id": "m1", "direction": IN, "contact_id": contact.id, "phone": contact.phone, "body": "hi", "purpose": "in"}
        session.add(Message(**text, created_at=now))


def _said_off(services: Services, row: int) -> None:
    with services.write() as session:
        availability.set_off(session, session.get_one(Responder, row), None, f"responder:{row}")


def _asked(services: Services, row: int) -> None:
    with services.write() as session:
        undoing.events.record(session, "callout_queued", callout_id="c1", incident_id="i1", responder_id=row)


def _given_an_account(services: Services, row: int) -> None:
    with services.write() as session:
        session.get_one(Responder, row).account = "admin"


def _passed_over(services: Services, row: int) -> None:
    with services.write() as session:
        undoing.events.record(session, "passed_over", incident_id="i1", responder_id=row)
        undoing.events.record(session, "certification_reminded", responder_id=row)


def _changed(services: Services, row: int) -> None:
    with services.read() as session:
        person = session.get_one(Responder, row)
        said = {
            "external_id": person.external_id,
            "name": "Another Name",
            "phone": person.contact.phone,
            "consent_at": "2026-01-01",
            "places": [{"kind": "home", "lat": 60.1, "lon": 24.9}],
        }
    people.upsert(services, None, ResponderInput.read(said, Context.of(services.settings)), people.Manner("user:x"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("deed", "why"),
    [
        (_wrote, "Has written to us."),
        (_said_off, "Has done something since"),
        (_asked, "Has been asked to an emergency since."),
        (_changed, "Has been changed since"),
        (_given_an_account, "Has been changed since"),
        (_passed_over, None),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_has_done_something_since_stays(
    admin: Visitor, services: Services, person: Callable[..., int], deed: Callable[[Services, int], None], why: str | None
) -> None:
    person(external_id="id-1", phone="+447700900001")
    import_id = imported(admin, line(1), line(2), line(3))
    with services.read() as session:
        rows = session.scalars(select(Responder.id).where(Responder.external_id.in_(("id-1", "id-2")))).all()
    for number, row in enumerate(rows):
        deed(services, row) if deed is not _wrote or number else None
    admin.get(f"/people/{rows[0]}")  # looking at somebody is no deed of theirs
    stays = 0 if why is None else 1 if deed in (_wrote, _given_an_account) else 2
    preview = words(admin.get(f"/people/import/{import_id}/undo"))
    assert f"would stay as they are {stays}" in preview
    assert why is None or preview.count(why) == stays
    told = undo(admin, import_id)
    assert f"left as they are {stays}" in told
    assert why is None or told.count(why) == stays
    assert "id-3" not in known(services)
    assert ("id-2" in known(services)) is (why is not None)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_undoing_twice_and_half_done(admin: Visitor, services: Services, clock: HandClock) -> None:
    import_id = imported(admin, *(line(number) for number in range(30)))
    with services.write() as session:
        session.execute(update(PeopleImport).values(state=jobs.UNDOING, undone_by="user:admin", undone={"removed": 1}))
        erasure.erase(session, "id-0", "user:admin")
    clock.turn(20)
    assert "It stopped in the middle" in words(admin.get(f"/people/import/{import_id}"))
    admin.post(f"/people/import/{import_id}/again")
    until(admin, import_id, jobs.UNDONE)
    assert admin.post(f"/people/import/{import_id}/undo").status_code == 303
    assert "removed 30 as they were before 0 left as they are 0" in words(admin.get(f"/people/import/{import_id}"))
    assert admin.get(f"/people/import/{import_id}/undo").status_code == 303


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_import_is_remembered_for_two_weeks_and_its_file_for_a_day(
    visitor: Callable[[str], Visitor], services: Services, clock: HandClock
) -> None:
    admin = visitor("admin")
    import_id = imported(admin, line(1), line(2, phone="12"))
    clock.turn(timedelta(days=1, seconds=1).total_seconds())
    jobs.purge(services)
    admin = visitor("admin")
    assert admin.get(f"/people/import/{import_id}/refused.csv").data == b""
    assert "would be removed 1" in words(admin.get(f"/people/import/{import_id}/undo"))
    assert admin.post(f"/people/import/{import_id}/discard").status_code == 409
    clock.turn(timedelta(days=13).total_seconds())
    jobs.purge(services)
    assert visitor("admin").get(f"/people/import/{import_id}/undo").status_code == 404
    assert count(services, ImportedPerson) == 0
    assert known(services) == {"id-1"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_is_erased_is_forgotten_by_the_import_too(admin: Visitor, services: Services, person: Callable[..., int]) -> None:
    person("Aino Secretly", external_id="id-1", phone="+447700900001")
    import_id = imported(admin, line(1))
    with services.write() as session:
        erasure.erase(session, "id-1", "user:admin")
    with services.read() as session:
        assert "Secretly" not in everything_stored(session)
    assert "There is nobody whom it could be undone for." in words(admin.get(f"/people/import/{import_id}/undo"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_auditor_sees_and_undoes_nothing(visitor: Callable[[str], Visitor], admin: Visitor, services: Services) -> None:
    import_id = imported(admin, line(1))
    auditor, dispatcher = visitor("auditor"), visitor("dispatcher")
    page = auditor.get(f"/people/import/{import_id}/undo")
    assert "would be removed 1" in words(page)
    assert "<form" not in page.text.split("<main")[1]
    assert auditor.post(f"/people/import/{import_id}/undo").status_code == 403
    assert dispatcher.get(f"/people/import/{import_id}/undo").status_code == 403
    assert known(services) == {"id-1"}


def by_command(services: Services, path: Path) -> int:
    return manage_import.import_responders(services, Namespace(file=path, dry_run=False, unverified=False))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_a_command_imported_is_undone_on_the_page(admin: Visitor, services: Services, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(HEADER + line(1) + line(2, phone="12"), encoding="utf-8")
    assert by_command(services, path) == 2
    page = admin.get("/people/import").text
    import_id = re.findall(r"/people/import/(\w{26})", page)[0]
    assert "added 1" in words(admin.get(f"/people/import/{import_id}"))
    assert count(services, ImportPiece) == 0
    assert "removed 1" in undo(admin, import_id)
    assert known(services) == set()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_command_that_was_ended_in_the_middle_is_undone_too(
    admin: Visitor, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(HEADER + "".join(line(number) for number in range(80)), encoding="utf-8")

    def ended(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(manage_import, "bar", lambda _: nullcontext(ended))
    with pytest.raises(KeyboardInterrupt):
        by_command(services, path)
    assert len(known(services)) == 50
    with services.read() as session:
        import_id = session.scalars(select(PeopleImport.id)).one()
    assert "it was ended in the middle" in words(admin.get(f"/people/import/{import_id}"))
    assert "removed 50" in undo(admin, import_id)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_a_command_cannot_use_leaves_nothing(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(Refusal, match="a zip"):
        by_command(services, path)
    assert count(services, PeopleImport) == 0
