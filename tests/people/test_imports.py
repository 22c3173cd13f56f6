"""Importing in the browser: checked first, then imported, whoever looks on; good rows are not lost to bad ones."""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from core import clock as clocks
from core import words as sentences
from core.clock import HandClock
from core.events import Event
from core.services import Services
from responder.imports import importing, jobs, pieces, resuming, working
from responder.imports.models import ImportPiece, PeopleImport
from responder.models import Certification, Responder
from tests.people.conftest import Visitor, error_at, words

HEADER = "external_id,name,phone,home_address,certification_type,certification_expires,consent_at,night_alerts\n"
GOOD = "".join(f"id-{n},Person {n},+44770090{n:04d},Torikatu {n + 1},cpr,2030-12-31,2026-01-01,yes\n" for n in range(3))
BAD = 'b-1,"Doe, Jane",12,Torikatu 1,cpr,2030-12-31,2026-01-01,no\nb-2,Kim,+447700900801,Nowhere 9,cpr,soon,2026-01-01,no\n'
LONG_S = 30.0


def upload(admin: Visitor, text: str | bytes, **form: str) -> Any:
    data = text if isinstance(text, bytes) else text.encode()
    return admin.post("/people/import", {"file": (io.BytesIO(data), "people.csv")} | form)


def until(admin: Visitor, import_id: str, state: str) -> dict[str, Any]:
    deadline = time.monotonic() + LONG_S
    while time.monotonic() < deadline:
        now = admin.get(f"/people/api/imports/{import_id}").json
        if now["state"] == state:
            return now
        assert now["state"] in (jobs.CHECKING, jobs.IMPORTING, jobs.UNDOING), now
        time.sleep(0.05)
    raise AssertionError(f"not {state} in time")


def checked(admin: Visitor, text: str | bytes = HEADER + GOOD, **form: str) -> str:
    answer = upload(admin, text, **form)
    assert answer.status_code == 303, words(answer)
    import_id = answer.location.rpartition("/")[2]
    until(admin, import_id, jobs.CHECKED)
    return import_id


def count(services: Services, table: Any = Responder) -> int:
    with services.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_check_writes_nobody_and_tells_what_would_happen(admin: Visitor, services: Services) -> None:
    import_id = checked(admin, HEADER + GOOD + BAD)
    assert count(services) == 0
    page = words(admin.get(f"/people/import/{import_id}"))
    assert "Checked: nothing is written yet" in page
    assert "would be added 3" in page
    assert "rows refused 2" in page
    assert "left out at night 0 of 3" in page
    assert "5 phone" in page
    assert "6 certification_expires" in page
    assert "Import 3 people" in page


def test_go_imports_the_good_rows_as_the_command_line_does(admin: Visitor, services: Services) -> None:
    import_id = checked(admin, HEADER + GOOD + BAD)
    assert admin.post(f"/people/import/{import_id}/go").status_code == 303
    now = until(admin, import_id, jobs.DONE)
    assert now["people"] == {"added": 3}
    assert now["refused_rows"] == 2
    with services.read() as session:
        assert set(session.scalars(select(Certification.verified_by))) == {"user:admin"}
        noted = session.scalars(select(Event).where(Event.kind == "responders_imported")).one()
        assert (noted.actor, noted.data["added"]) == ("user:admin", 3)
        assert not session.scalars(select(ImportPiece).where(ImportPiece.kind == pieces.FILE)).all()
    assert "See the people" in words(admin.get(f"/people/import/{import_id}"))


def test_the_same_file_twice_changes_nothing(admin: Visitor) -> None:
    for expected in ({"added": 3}, {"unchanged": 3}):
        import_id = checked(admin)
        admin.post(f"/people/import/{import_id}/go")
        assert until(admin, import_id, jobs.DONE)["people"] == expected


def test_unverified_certificates_wait(admin: Visitor, services: Services) -> None:
    import_id = checked(admin, unverified="yes")
    admin.post(f"/people/import/{import_id}/go")
    until(admin, import_id, jobs.DONE)
    with services.read() as session:
        assert set(session.scalars(select(Certification.verified_at))) == {None}


def test_refused_rows_come_back_as_a_file_that_can_be_mended(admin: Visitor, services: Services) -> None:
    import_id = checked(admin, HEADER + GOOD + BAD)
    answer = admin.get(f"/people/import/{import_id}/refused.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row["refused_line"], row["name"]) for row in rows] == [("5", "Doe, Jane"), ("6", "Kim")]
    assert rows[0]["refused_because"].startswith("phone: ")
    mended = io.StringIO()
    writer = csv.DictWriter(mended, [name for name in rows[0] if not name.startswith("refused_")], extrasaction="ignore")
    writer.writeheader()
    writer.writerow(rows[0] | {"phone": "+447700900800"})
    again = checked(admin, mended.getvalue())
    assert admin.get(f"/people/api/imports/{again}").json["people"] == {"added": 1}


def test_the_work_goes_on_when_the_page_is_left(admin: Visitor, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    run = importing.run

    def slow(*given: Any, progress: Callable[[int, int], None], **other: Any) -> Any:
        progress(1, 3)
        assert go_on.wait(LONG_S)
        return run(*given, progress=progress, **other)

    monkeypatch.setattr(working, "BEAT_S", 0.02)
    monkeypatch.setattr(importing, "run", slow)
    import_id = upload(admin, HEADER + GOOD).location.rpartition("/")[2]
    deadline = time.monotonic() + LONG_S
    while admin.get(f"/people/api/imports/{import_id}").json["done"] != 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    page = admin.get(f"/people/import/{import_id}")
    assert "1 of 3" in words(page)
    assert '<progress value="1" max="3"' in page.text
    assert "See how it went" in words(admin.get("/people/import"))
    refused = upload(admin, HEADER + GOOD)
    assert refused.status_code == 409
    assert "Another import is at work" in error_at(refused, "file")
    assert admin.post(f"/people/import/{import_id}/discard").status_code == 409
    go_on.set()
    assert until(admin, import_id, jobs.CHECKED)["people"] == {"added": 3}
    assert count(services) == 0


def test_what_a_dead_process_left_can_be_gone_on_with(admin: Visitor, services: Services, clock: HandClock) -> None:
    import_id = checked(admin)
    with services.write() as session:
        session.execute(update(PeopleImport).values(state=jobs.IMPORTING, alive_at=clocks.now()))
    assert "Importing …" in words(admin.get(f"/people/import/{import_id}"))
    clock.turn(20)
    assert "It stopped in the middle" in words(admin.get(f"/people/import/{import_id}"))
    assert admin.get(f"/people/api/imports/{import_id}").json["stalled"] is True
    with services.write() as session:
        session.execute(update(PeopleImport).values(tries=resuming.MOST_TRIES))
    assert "waits now for you" in words(admin.get(f"/people/import/{import_id}"))
    admin.post(f"/people/import/{import_id}/again")
    assert until(admin, import_id, jobs.DONE)["people"] == {"added": 3}


def test_going_twice_imports_once(admin: Visitor, services: Services) -> None:
    import_id = checked(admin)
    for _ in range(2):
        admin.post(f"/people/import/{import_id}/go")
    until(admin, import_id, jobs.DONE)
    with services.read() as session:
        assert session.scalar(select(func.count()).where(Event.kind == "responders_imported")) == 1


def test_an_import_can_be_dropped(admin: Visitor, services: Services) -> None:
    import_id = checked(admin)
    assert admin.post(f"/people/import/{import_id}/discard").status_code == 303
    assert admin.get(f"/people/import/{import_id}").status_code == 404
    assert count(services, ImportPiece) == count(services) == 0


def test_files_are_dropped_after_a_day(admin: Visitor, services: Services, clock: HandClock) -> None:
    checked(admin)
    jobs.purge(services)
    assert count(services, ImportPiece) > 0
    clock.turn(timedelta(hours=24, seconds=1).total_seconds())
    jobs.purge(services)
    assert count(services, ImportPiece) == count(services, PeopleImport) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("external_id,name\n1,A\n", "phone"),
        ("\ufeff", "empty"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_plainly(admin: Visitor, services: Services, text: str, said: str) -> None:
    import_id = upload(admin, text).location.rpartition("/")[2]
    until(admin, import_id, jobs.UNUSABLE)
    page = words(admin.get(f"/people/import/{import_id}"))
    assert "This file cannot be used" in page
    assert said in page
    assert "/tmp" not in page


def test_why_rows_and_files_are_refused_is_said_in_the_readers_language(
    admin: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    finnish = {
        "it has {cells} cells, the header has {columns}": "{cells} solua, otsikossa {columns}",
        "a date written like 2026-12-31": "päivä kuten 2026-12-31",
        "Missing columns: {columns}": "Puuttuvat sarakkeet: {columns}",
    }
    monkeypatch.setattr(sentences, "gettext", lambda sentence: finnish.get(sentence, sentence))
    import_id = checked(admin, HEADER + GOOD + BAD + "b-3,Lee\n")
    page = words(admin.get(f"/people/import/{import_id}"))
    assert "7 2 solua, otsikossa 8" in page
    assert "6 certification_expires päivä kuten 2026-12-31" in page
    assert "it has 2 cells, the header has 8" in admin.get(f"/people/import/{import_id}/refused.csv").text
    admin.post(f"/people/import/{import_id}/discard")
    import_id = upload(admin, "external_id,name\n1,A\n").location.rpartition("/")[2]
    until(admin, import_id, jobs.UNUSABLE)
    assert "Puuttuvat sarakkeet: phone, consent_at" in words(admin.get(f"/people/import/{import_id}"))


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({}, 422, "choose a CSV file"),
        ({"file": ""}, 422, "choose a CSV file"),
        ({"file": "empty.csv"}, 422, "empty"),
    ],
)
def test_no_file_is_said_at_the_field(admin: Visitor, form: dict[str, str], status: int, said: str) -> None:
    page = admin.post("/people/import", {name: (io.BytesIO(b""), value) for name, value in form.items()})
    assert page.status_code == status
    assert said in error_at(page, "file")


def test_a_file_that_is_too_large_is_said_plainly(admin: Visitor, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "LARGEST_BYTES", 2**18)
    page = upload(admin, b"x" * (2**18 + 1))
    assert page.status_code == 413
    assert "The file is larger than" in error_at(page, "file")
    assert count(services, ImportPiece) == count(services, PeopleImport) == 0


def test_a_large_file_gets_through(admin: Visitor, services: Services) -> None:
    import_id = upload(admin, HEADER + "\n" * 400_000 + GOOD).location.rpartition("/")[2]
    assert until(admin, import_id, jobs.CHECKED)["people"] == {"added": 3}


def test_others_may_look_and_not_touch(visitor: Callable[[str], Visitor], admin: Visitor) -> None:
    import_id = checked(admin, HEADER + GOOD + BAD)
    auditor, dispatcher = visitor("auditor"), visitor("dispatcher")
    assert "<form" not in auditor.get(f"/people/import/{import_id}").text.split("<main")[1]
    assert auditor.post(f"/people/import/{import_id}/go").status_code == 403
    for path in (f"/people/import/{import_id}", f"/people/api/imports/{import_id}", f"/people/import/{import_id}/refused.csv"):
        assert dispatcher.get(path).status_code == 403
        assert auditor.get(path).status_code == 200


def test_a_request_for_no_import_is_a_404(admin: Visitor) -> None:
    for path in ("/people/import/none", "/people/api/imports/none", "/people/import/none/refused.csv"):
        assert admin.get(path).status_code == 404


def test_a_list_that_names_no_last_day_of_its_certificates_says_so_before_it_is_taken(admin: Visitor) -> None:
    text = HEADER + GOOD.replace("2030-12-31", "")
    page = words(admin.get(f"/people/import/{checked(admin, text)}"))
    assert "3 people have certificates that count for ever: the file names no last day for them. Look at line 2, 3, 4" in page


def test_a_number_that_nobody_is_known_to_have_is_taken_and_told(admin: Visitor) -> None:
    good = GOOD.replace("+44770090", "+35840123")
    import_id = checked(admin, HEADER + good + good.splitlines()[0].replace("id-0", "id-9").replace("+358401230000", "040123"))
    page = words(admin.get(f"/people/import/{import_id}"))
    assert "would be added 4" in page
    assert "1 person has a number that nobody is known to have; they are taken all the same. Look at line 5" in page
