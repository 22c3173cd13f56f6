"""What is done to many at once: looked at first, done one by one, resumed where it stopped, undone where it can be."""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from console import joints
from core import clock as clocks
from core.clock import HandClock
from core.events import Event
from core.services import Services
from dispatch.models import Callout
from dispatch.retention import rest
from geo.geocoding import open_geocoder
from responder import availability, listing, membership
from responder.bulk import actions, deeds, resuming, working
from responder.bulk.models import BulkAction, BulkPerson
from responder.care import call_backs
from responder.imports import importing
from responder.models import Certification, Responder
from responder.pages.room import load
from sms.models import Message
from tests.people.conftest import Visitor, error_at, words
from tests.people.test_person import emergency


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work is over when the page that began it is there."""

    def start(services: Services, above: deeds.Above, action_id: str) -> threading.Thread:
        thread = threading.Thread(target=working.run, args=(services, above, action_id))
        thread.start()
        thread.join(60)
        return thread

    monkeypatch.setattr(working, "start", start)


def begin(admin: Visitor, rows: list[int], deed: str, **more: str) -> str:
    """Look at it; returns the address of the page."""
    answer = admin.post("/people/bulk", {"person": [str(row) for row in rows], "deed": deed, "because": "why"} | more)
    assert answer.status_code == 303, words(answer)
    return answer.location


def memberships(services: Services) -> dict[str, str]:
    with services.read() as session:
        return dict(session.execute(select(Responder.name, Responder.membership)).all())


def test_nothing_is_done_before_somebody_has_looked(admin: Visitor, services: Services, person: Callable[..., int]) -> None:
    rows = [person(name) for name in ("Anna", "Bert", "Cleo")]
    admin.post(f"/people/{rows[1]}/membership/suspend", {"because": "before"})
    page = begin(admin, rows, "suspend", because="a rumour")
    shown = words(admin.get(page))
    assert "Looked at: nothing is done yet" in shown
    assert "Suspend at once: 2 people" in shown
    assert "left: it is so already 1" in shown
    assert "Bert left: it is so already" in shown
    assert "Why: a rumour" in shown
    assert memberships(services) == {"Anna": "active", "Bert": "suspended", "Cleo": "active"}
    admin.post(f"{page}/go")
    assert set(memberships(services).values()) == {"suspended"}
    shown = words(admin.get(page))
    assert "Done done 2 left: it is so already 1" in shown
    with services.read() as session:
        assert membership.history(session, rows[0])[0].because == "a rumour"
        assert membership.history(session, rows[1])[0].because == "before"
    admin.post(f"{page}/go")
    with services.read() as session:
        assert len(session.scalars(select(Event).where(Event.kind == "responder_suspended")).all()) == 3


def test_undone_everybody_is_as_before_but_those_changed_since(
    admin: Visitor, services: Services, person: Callable[..., int]
) -> None:
    rows = [person(name) for name in ("Anna", "Bert", "Cleo", "Dora")]
    admin.post(f"/people/{rows[1]}/membership/deactivate", {"because": "moved away"})
    page = begin(admin, rows, "suspend")
    admin.post(f"{page}/go")
    admin.post(f"/people/{rows[2]}/membership/deactivate", {"because": "left"})
    admin.post(f"/people/{rows[3]}/erase", {"name": "Dora"})
    admin.post(f"{page}/undo")
    assert memberships(services) == {"Anna": "active", "Bert": "deactivated", "Cleo": "deactivated", "": "suspended"}
    shown = words(admin.get(page))
    assert "taken back 2" in shown
    assert "not taken back: changed since 2" in shown
    assert "Take it back" not in shown


def test_a_pause_and_its_end(admin: Visitor, services: Services, clock: HandClock, person: Callable[..., int]) -> None:
    rows = [person("Anna"), person("Bert"), person("Cleo", available=False)]
    admin.post(f"/people/{rows[1]}/off", {"until": "2026-11-25T08:00"})
    page = begin(admin, rows, "pause", until="2026-12-01T08:00")
    assert "Until 2026-12-01 08:00." in words(admin.get(page))
    admin.post(f"{page}/go")
    with services.read() as session:
        offs = [load(session, row).off_until for row in rows]
    assert offs[0] == offs[1] == clocks.now().replace(month=12, day=1, hour=6, minute=0, second=0, microsecond=0)
    assert offs[2] >= clocks.FOREVER, "an OFF that they said themselves is longer, and stays"
    admin.post(f"{page}/undo")
    with services.read() as session:
        assert load(session, rows[0]).off_until is None
        assert str(load(session, rows[1]).off_until).startswith("2026-11-25 06:00")


def test_a_pause_taken_back_speaks_for_nobody(
    admin: Visitor, services: Services, clock: HandClock, person: Callable[..., int]
) -> None:
    """Who said something of their own since keeps it, who waits for a call goes on waiting, and nobody was heard of."""
    silent, alone, to_ring = person("Silent"), person("Alone"), person("To ring")
    heard_at = clocks.now() - timedelta(days=100)
    with services.write() as session:
        load(session, silent).said_on_at = heard_at
        call_backs.ask_for(session, load(session, to_ring), call_backs.RING_ME, services.settings.zone_info)
    page = begin(admin, [silent, alone, to_ring], "pause")
    admin.post(f"{page}/go")
    clock.turn(60)
    with services.write() as session:  # "stop please"
        availability.set_off(session, load(session, alone), None)
        load(session, alone).left_alone_at = clocks.now()
    admin.post(f"{page}/undo")
    assert "taken back 2 not taken back: changed since 1" in words(admin.get(page))
    with services.read() as session:
        people = {row: load(session, row) for row in (silent, alone, to_ring)}
        assert {row: one.off_until is None for row, one in people.items()} == {silent: True, alone: False, to_ring: True}
        assert people[alone].left_alone_at is not None
        assert people[to_ring].waits_for_a_call
        assert people[silent].said_on_at == heard_at


def test_a_pause_that_would_be_over_is_none(
    admin: Visitor, services: Services, clock: HandClock, person: Callable[..., int]
) -> None:
    row = person()
    page = begin(admin, [row], "pause", until="2026-11-23T15:00")
    clock.turn(3600)
    admin.post(f"{page}/go")
    assert "left: the end of the pause has passed 1" in words(admin.get(page))
    with services.read() as session:
        assert load(session, row).off_until is None


def test_nobody_takes_their_own_suspension_back(
    visitor: Callable[[str], Visitor], services: Services, person: Callable[..., int]
) -> None:
    """Whoever presses the button answers for it, whoever made the list."""
    rows = [person("Admin"), person("Bert")]
    page = begin(visitor("admin"), rows, "suspend")
    action_id = page.rpartition("/")[2]
    with services.write() as session:
        session.get_one(BulkAction, action_id).created_by = "user:other"
    visitor("admin").post(f"{page}/go")
    visitor("admin").post(f"{page}/undo")
    assert memberships(services) == {"Admin": "suspended", "Bert": "active"}
    assert "left: nobody reactivates themselves 1" in words(visitor("admin").get(page))
    with services.read() as session:
        assert membership.history(session, rows[1])[0].by == "user:admin"


def test_a_reactivation_taken_back_ends_the_emergencies_they_were_asked_to_since(
    admin: Visitor, services: Services, person: Callable[..., int]
) -> None:
    row = person("Bert")
    admin.post(f"/people/{row}/membership/suspend", {"because": "before"})
    page = begin(admin, [row], "reactivate")
    admin.post(f"{page}/go")
    emergency(services)
    admin.post(f"{page}/undo")
    assert memberships(services) == {"Bert": "suspended"}
    with services.read() as session:
        assert session.scalars(select(Callout.state)).all() == ["stood_down"]


def test_what_nobody_wants_any_more_is_deleted_a_piece_at_a_time(
    visitor: Callable[[str], Visitor],
    services: Services,
    clock: HandClock,
    person: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    admin, rows = visitor("admin"), [person(name) for name in ("Anna", "Bert", "Cleo")]
    old, looked_at = begin(admin, rows, "suspend"), begin(admin, rows, "pause")
    admin.post(f"{old}/go")
    monkeypatch.setattr(actions, "_AT_ONCE", 2)
    with monkeypatch.context() as broken:  # the process ends in the middle of it
        broken.setattr(actions, "delete_some", lambda *_: 1)
        admin.post(f"{looked_at}/discard")
    assert admin.get(looked_at).status_code == 404
    assert admin.post(f"{looked_at}/go").status_code == 404
    clock.turn(31 * 86_400)
    admin = visitor("admin")
    new = begin(admin, rows, "reactivate")
    assert [admin.get(page).status_code for page in (old, looked_at, new)] == [404, 404, 200]
    while rest.delete_bulk(services) is not None:  # as the clock has it done
        pass
    with services.read() as session:
        assert len(session.scalars(select(BulkPerson)).all()) == 3
        assert len(session.scalars(select(BulkAction)).all()) == 1


def test_a_newer_certificate_is_asked_of_whom_a_text_reaches_and_not_at_night(
    admin: Visitor, services: Services, clock: HandClock, person: Callable[..., int]
) -> None:
    rows = [person("Anna"), person("Bert"), person("Cleo", consent_at=None), person("Dora")]
    with services.write() as session:
        load(session, rows[1]).contact.opted_out_at = clocks.now()
        load(session, rows[3]).membership = "deactivated"
    clock.turn(9 * 3600)  # 21 o'clock
    page = begin(admin, rows, "ask_proof")
    admin.post(f"{page}/go")
    shown = words(admin.get(page))
    for said in ("done 1", "left: wants no texts 1", "left: has not agreed to be asked 1", "left: suspended or deactivated 1"):
        assert said in shown
    assert "Take it back" not in shown
    assert admin.post(f"{page}/undo").status_code == 409
    with services.read() as session:
        (text,) = session.scalars(select(Message)).all()
    assert "Please send us your newest certificate" in text.body
    assert "/m/" in text.body
    assert text.send_at > clocks.now() + timedelta(hours=9)


def test_whoever_is_on_a_callout_is_taken_off_and_nobody_reactivates_themselves(
    admin: Visitor, services: Services, person: Callable[..., int]
) -> None:
    rows = [person("Admin"), person("Bert")]
    emergency(services)
    admin.post(f"{begin(admin, rows, 'suspend')}/go")
    with services.read() as session:
        assert set(session.scalars(select(Callout.state))) == {"stood_down"}
    page = begin(admin, rows, "reactivate")
    admin.post(f"{page}/go")
    assert memberships(services) == {"Admin": "suspended", "Bert": "active"}
    assert "left: nobody reactivates themselves 1" in words(admin.get(page))


def test_everybody_whom_a_search_finds_on_all_pages_and_nobody_who_comes_later(
    admin: Visitor, services: Services, person: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "_AT_ONCE", 2)
    for number in range(5):
        person(f"Same {number}")
    person("Other")
    page = begin(admin, [], "suspend", scope="found", q="same")
    person("Same late")
    admin.post(f"{page}/go")
    found = memberships(services)
    assert [name for name, state in sorted(found.items()) if state == "active"] == ["Other", "Same late"]


def test_it_goes_on_where_it_stopped(admin: Visitor, services: Services, clock: HandClock, person: Callable[..., int]) -> None:
    rows = [person(name) for name in ("Anna", "Bert", "Cleo")]
    page = begin(admin, rows, "suspend")
    action_id = page.rpartition("/")[2]
    assert actions.move(services, action_id, actions.LOOKED_AT, actions.WORKING, "user:admin")
    with services.write() as session:
        done = update(BulkPerson).where(BulkPerson.responder_id == rows[0])
        session.execute(done.values(outcome="done", before="active"))
    assert admin.get(f"/people/api/bulk/{action_id}").json == {"state": "working", "stalled": False, "done": 1, "rows": 3}
    admin.post(f"{page}/again")
    assert set(memberships(services).values()) == {"active"}, "somebody else is at work, as far as one can tell"
    clock.turn(16)
    assert "It stopped in the middle" in words(admin.get(page))
    admin.post(f"{page}/again")
    assert memberships(services) == {"Anna": "active", "Bert": "suspended", "Cleo": "suspended"}
    assert admin.get(f"/people/api/bulk/{action_id}").json["state"] == "done"


def test_a_process_that_starts_goes_on_with_what_another_left_and_not_for_ever(
    admin: Visitor, services: Services, clock: HandClock, person: Callable[..., int]
) -> None:
    rows = [person(name) for name in ("Anna", "Bert")]
    action_id = begin(admin, rows, "suspend").rpartition("/")[2]
    above = joints.above_the_people(services).of_deeds
    assert actions.move(services, action_id, actions.LOOKED_AT, actions.WORKING, "user:admin")
    assert resuming.resume(services, above) == [], "somebody works on it, as far as one can tell"
    clock.turn(16)
    (thread,) = resuming.resume(services, above)
    thread.join(30)
    assert set(memberships(services).values()) == {"suspended"}
    with services.write() as session:
        row = session.get_one(BulkAction, action_id)
        assert (row.state, row.tries) == (actions.DONE, 1)
        row.state, row.tries = actions.WORKING, resuming.MOST_TRIES
    clock.turn(16)
    assert resuming.resume(services, above) == [], "it would end this process too"
    assert actions.claim_stalled(services, action_id), "an admin may still say so"


def test_one_for_whom_it_breaks_keeps_nobody_waiting(
    admin: Visitor, services: Services, person: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [person(name) for name in ("Anna", "Bert", "Cleo")]
    page = begin(admin, rows, "pause")
    real = deeds.DEEDS[deeds.PAUSE].do

    def breaks(above: deeds.Above, session: object, who: Responder, action: BulkAction) -> str:
        if who.name == "Bert":
            raise RuntimeError
        return real(above, session, who, action)  # type: ignore[arg-type]  # as it came

    monkeypatch.setitem(deeds.DEEDS, deeds.PAUSE, deeds.Deed(deeds.DEEDS[deeds.PAUSE].against, breaks))
    admin.post(f"{page}/go")
    assert "it broke here; it has been logged 1" in words(admin.get(page))
    with services.read() as session:
        assert session.scalars(select(Event.responder_id).where(Event.kind == "bulk_failed")).all() == [rows[1]]
        assert [load(session, row).off_until is None for row in rows] == [False, True, False]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"deed": "suspend", "because": ""}, "because"),
        ({"deed": "pause", "until": "yesterday"}, "until"),
        ({"deed": "promote"}, "deed"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    admin: Visitor, services: Services, person: Callable[..., int], form: dict[str, str], field: str
) -> None:
    page = admin.post("/people/bulk", {"person": [str(person())]} | form)
    assert page.status_code == 422
    assert error_at(page, field)
    with services.read() as session:
        assert session.scalars(select(BulkAction)).all() == []


def test_a_form_that_is_refused_keeps_the_page_and_who_was_ticked(
    admin: Visitor, person: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    rows = [person(name) for name in ("Anna", "Bert", "Cleo", "Dora")]
    after = f"{rows[1]}~bert"
    assert f'name="after" value="{after}"' in admin.get("/people", after=after).text
    page = admin.post("/people/bulk", {"person": [str(rows[3])], "deed": "suspend", "because": "", "after": after})
    assert page.status_code == 422
    assert re.findall(r'name="person" value="(\d+)"( checked)?', page.text) == [(str(rows[2]), ""), (str(rows[3]), " checked")]
    assert 'class="error-summary" role="alert"' in page.text


@pytest.mark.parametrize("more", [{"deed": "suspend"}, {"deed": "export"}, {"deed": "suspend", "scope": "found", "q": "zzz"}])
def test_nobody_is_somebody_too_few(admin: Visitor, person: Callable[..., int], more: dict[str, str]) -> None:
    person()
    page = admin.post("/people/bulk", {"because": "x"} | more)
    assert page.status_code == 422
    assert "tick people" in words(page)


def test_an_export_can_be_imported_again_and_runs_in_no_spreadsheet(
    admin: Visitor, services: Services, person: Callable[..., int], tmp_path: Path
) -> None:
    hours = {"kind": "work", "lat": 60.171, "lon": 24.94, "hours": "Mo-Fr 08:00-16:00"}
    home = {"kind": "home", "lat": 60.1712, "lon": 24.9412, "address": "Torikatu 3"}
    two = [{"type": "cpr", "number": "C-1", "expires": "2030-12-31"}, {"type": "first_aid", "number": "F-1"}]
    row = person("Aino Virtanen", certifications=two, places=[home, hours], night_alerts=True)
    person("=1+1", certifications=[])
    with services.write() as session:
        session.add(Certification(responder_id=row, type="medical", submitted_at=clocks.now(), sent_by="user:x"))
    answer = admin.post("/people/bulk", {"deed": "export", "scope": "found", "q": "aino"})
    assert answer.content_type == "text/csv; charset=utf-8"
    path = tmp_path / "again.csv"
    path.write_text(answer.text, encoding="utf-8")
    report = importing.run(services, open_geocoder(services), path)
    assert dict(report.people) == {"unchanged": 1}
    assert report.refusals == []
    everybody = admin.post("/people/bulk", {"deed": "export", "scope": "found"}).text
    names = [one["name"] for one in csv.DictReader(io.StringIO(everybody))]
    assert names == ["Aino Virtanen", "Aino Virtanen", "'=1+1"]
    with services.read() as session:
        assert session.scalars(select(Event.actor).where(Event.kind == "people_exported")).all() == ["user:admin"] * 2


@pytest.mark.parametrize("deed", ["export", "suspend"])
def test_auditors_read_and_do_nothing(visitor: Callable[[str], Visitor], person: Callable[..., int], deed: str) -> None:
    row = person()
    auditor = visitor("auditor")
    assert auditor.post("/people/bulk", {"person": [str(row)], "deed": deed, "because": "x"}).status_code == 403
    page = begin(visitor("admin"), [row], "suspend")
    assert auditor.get(page).status_code == 200
    assert "Do something to several" not in auditor.get("/people").text
