"""/privacy: what is kept how long, and what was done about it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock as clocks
from core.clock import HandClock
from core.events import Event
from core.services import Services
from dispatch import alarms
from dispatch.models import Alarm, Incident, PlanRow
from dispatch.retention import asked, rounds
from responder.care.models import CallBack
from responder.imports.models import ImportedPerson, PeopleImport
from sms.models import IN, Message
from tests.people.conftest import Visitor, error_at, words
from tests.responder.helpers import everything_stored

pytestmark = pytest.mark.both_databases

OF_NOBODY = ("/join",)
"""Pages of the open form, which are the same for everybody."""
CALLER, ADDRESS = "+447700900555", "Torikatu 3"


def emergency(services: Services, clock: HandClock, name: str = "a", **other: object) -> str:
    """An emergency that is over, written down as it is once it has ended."""
    with services.write() as session:
        plan = session.query(PlanRow).filter_by(type="cardiac_arrest").one()
        known = {"address": ADDRESS, "caller_phone": CALLER, "access_notes": "code 1234", "external_id": f"cad-{name}"}
        said = {"state": "closed", "asking": "ended", "closed_at": clock.now(), "outcome": "helped"}
        incident = Incident(
            id=name * 26,
            code=name.upper() * 5,
            type="cardiac_arrest",
            plan=plan,
            lat=60.17123,
            lon=24.94123,
            placed_at=clock.now(),
            hazards=[],
            door_code="1234",
            opened_at=clock.now(),
            opened_by="key:cad",
            **(known | said | other),
        )
        session.add(incident)
    return name * 26


def test_an_admin_hands_out_everything_about_a_person_and_that_is_an_event(
    admin: Visitor, person: Callable[..., int], kinds: Callable[[int], list[str]]
) -> None:
    aino = person()
    assert "as a file for them" in words(admin.get(f"/people/{aino}"))
    told = admin.get(f"/people/{aino}/everything.json").get_json()
    assert told["person"]["name"] == "Aino Virtanen"
    assert told["records"]["certifications"][0]["number"] == "C-1"
    assert kinds(aino)[-1] == "everything_handed_out"
    assert "password" not in repr(told)


def test_what_is_handed_out_names_nobody_else_and_withholds_no_word(
    admin: Visitor, person: Callable[..., int], services: Services
) -> None:
    aino, now = person(), clocks.now()
    before = {"certifications": [{"type": "cpr", "verified_by": "user:nosy"}]}
    with services.write() as session:
        session.add(PeopleImport(id="i" * 26, created_at=now, created_by="user:nosy", state="done", alive_at=now))
        session.flush()
        session.add(ImportedPerson(import_id="i" * 26, responder_id=aino, kind="changed", revision=1, before=before))
        call = {"wish": "ring_me", "at": now, "due_at": now, "holds": False, "done_at": now, "done_by": "user:nosy"}
        session.add(CallBack(responder_id=aino, note="operator of a crane, sleeps badly", **call))
    told = admin.get(f"/people/{aino}/everything.json").get_json()["records"]
    assert told["call_backs"][0]["note"] == "operator of a crane, sleeps badly"
    assert told["call_backs"][0]["done_by"] == "others"
    assert told["imported_people"][0]["before"] == {"certifications": [{"type": "cpr", "verified_by": "others"}]}
    assert "nosy" not in repr(told)


def test_the_page_says_what_is_kept_how_long_and_what_is_due(
    visitor: Callable[[str], Visitor], services: Services, clock: HandClock
) -> None:
    emergency(services, clock)
    clock.turn(91 * 86_400)
    auditor = visitor("auditor")
    told = words(auditor.get("/privacy"))
    assert "90 days (CALLER_DAYS) Last done not yet Forgotten so far 0 Due now 1" in told
    assert "24 hours (CARRIER_TEXT_HOURS)" in told
    assert "nobody's phone is followed" in told
    rounds.run(services)
    told = words(auditor.get("/privacy"))
    assert "90 days (CALLER_DAYS) Last done 2027-02-22 14:00 Forgotten so far 1 Due now 0" in told


def test_it_stands_in_the_head_of_every_page_of_an_admin_and_an_auditor(visitor: Callable[[str], Visitor], app: Flask) -> None:
    plain = sorted(rule.rule for rule in app.url_map.iter_rules() if not rule.arguments and "GET" in (rule.methods or ()))
    for role in ("admin", "auditor"):
        answers = {path: visitor(role).get(path) for path in plain if path not in OF_NOBODY}
        pages = {path: one for path, one in answers.items() if one.mimetype == "text/html" and one.status_code == 200}
        assert len(pages) > 10
        assert [path for path, one in pages.items() if 'href="/privacy"' not in one.text] == []


def test_what_a_caller_asks_for_is_found_by_number_address_or_day(
    visitor: Callable[[str], Visitor], services: Services, clock: HandClock
) -> None:
    emergency(services, clock)
    emergency(services, clock, "b", caller_phone="+447700900556", address="Kaivokatu 1")
    clock.turn(86_400)
    emergency(services, clock, "c", address="Kaivokatu 7")
    emergency(services, clock, "d", address=None, address_given="Äkäämäen kuja 1", caller_phone=None)
    admin = visitor("admin")
    seen = {
        (("phone", "+44 7700 900555"),): {"AAAAA", "CCCCC"},
        (("address", "kaivoKATU"),): {"BBBBB", "CCCCC"},
        (("address", "äKÄÄmäenkuja"),): {"DDDDD"},
        (("day", "2026-11-23"),): {"AAAAA", "BBBBB"},
        (("phone", CALLER), ("day", "2026-11-24")): {"CCCCC"},
        (("phone", "+447700900111"),): set(),
    }
    for typed, codes in seen.items():
        page = words(admin.post("/privacy/requests", dict(typed)))
        assert {code for code in ("AAAAA", "BBBBB", "CCCCC", "DDDDD") if code in page} == codes, typed
    assert "Nothing: either it was never here" in page
    for wrong in ({}, {"phone": "call me"}, {"address": "Ka"}, {"address": "- - -"}, {"day": "yesterday"}):
        assert admin.post("/privacy/requests", wrong).status_code == 422
    assert visitor("auditor").get("/privacy/requests").status_code == 403
    with services.read() as session:
        noted = session.scalars(select(Event).where(Event.kind == "caller_data_searched").order_by(Event.number)).all()
    assert next(one.data for one in noted if not one.incident_id) == {"by": ["number"], "count": 2}
    assert "900555" not in repr([one.data for one in noted]), "for whom somebody looked is told nowhere"


def test_it_is_handed_out_and_erased_and_the_statistics_stay(admin: Visitor, services: Services, clock: HandClock) -> None:
    one = emergency(services, clock)
    answer = admin.post("/privacy/requests", {"phone": CALLER, "deed": "file"})
    assert "attachment" in answer.headers["Content-Disposition"]
    (told,) = answer.get_json()["emergencies"]
    assert (told["caller_phone"], told["location"]["address"], told["access_notes"]) == (CALLER, ADDRESS, "code 1234")
    assert admin.post(f"/privacy/requests/{one}/erase", {"code": "wrong"}).status_code == 422
    assert admin.post(f"/privacy/requests/{one}/erase", {"code": "aaaaa "}).status_code == 303
    with services.read() as session:
        left = everything_stored(session)
        incident = session.get_one(Incident, one)
        assert (incident.outcome, incident.lat, incident.forgotten_at) == ("helped", 60.17, clock.now())
        kinds = session.scalars(select(Event.kind).where(Event.incident_id == one).order_by(Event.number)).all()
    assert [secret for secret in (CALLER, ADDRESS, "code 1234", "60.17123") if secret in left] == []
    assert kinds == ["caller_data_exported", "incident_forgotten"]
    assert admin.post(f"/privacy/requests/{one}/erase", {"code": "AAAAA"}).status_code == 409
    assert admin.post("/privacy/requests/nobody/erase", {"code": "AAAAA"}).status_code == 404


def test_who_else_rang_about_an_emergency_finds_it_too(admin: Visitor, services: Services, clock: HandClock) -> None:
    one, other = emergency(services, clock), "+447700900556"
    with services.write() as session:
        report = {"caller_phone": other, "address": "Kaivokatu 1"}
        alarms.raise_alarm(session, alarms.CONFLICTING_REPORT, incident_id=one, report=report, fields=["/address"])
    for typed in ({"phone": other}, {"address": "kaivokatu"}, {"phone": other, "address": "Kaivokatu", "day": "2026-11-23"}):
        assert "1 thing is known" in words(admin.post("/privacy/requests", typed)), typed
    assert "Nothing:" in words(admin.post("/privacy/requests", {"phone": other, "address": ADDRESS}))
    (told,) = admin.post("/privacy/requests", {"phone": other, "deed": "file"}).get_json()["emergencies"]
    assert told["reports_and_alarms"][0]["report"]["caller_phone"] == other


def test_by_a_place_or_a_day_nobody_is_handed_what_is_anothers(admin: Visitor, services: Services, clock: HandClock) -> None:
    one = emergency(services, clock)
    emergency(services, clock, "b", caller_phone="+447700900556")
    with services.write() as session:
        alarms.raise_alarm(session, alarms.ADDRESS_REFUSED, report={"address": ADDRESS, "type": "fire"}, matches=[])
    asked = {"address": ADDRESS, "deed": "file"}
    assert "only what is theirs" in words(admin.post("/privacy/requests", {"address": ADDRESS}))
    assert admin.post("/privacy/requests", asked).status_code == 422
    told = admin.post("/privacy/requests", asked | {"only": one}).get_json()
    assert [emergency["code"] for emergency in told["emergencies"]] == ["AAAAA"]
    assert told["reports_that_were_refused"] == []
    told = admin.post("/privacy/requests", asked | {"only": "report-1"}).get_json()
    assert (len(told["emergencies"]), len(told["reports_that_were_refused"]), told["is_all"]) == (0, 1, True)
    with services.read() as session:
        wanted = select(Event.incident_id).where(Event.kind == "caller_data_exported")
        handed = session.scalars(wanted.order_by(Event.number)).all()
    assert [event for event in handed if event] == [one]


def test_a_code_that_is_not_the_one_erases_nothing_and_loses_nothing(
    admin: Visitor, services: Services, clock: HandClock
) -> None:
    one = emergency(services, clock)
    page = admin.post(f"/privacy/requests/{one}/erase", {"phone": CALLER, "code": "wrong"})
    assert page.status_code == 422
    assert "nothing was erased" in error_at(page, f"code-{one}")
    assert "1 thing is known" in words(page)
    assert admin.post(f"/privacy/requests/{one}/erase", {"phone": CALLER, "code": "AAAAA"}).status_code == 303


def test_however_many_texts_there_are_all_are_erased_but_one_under_way(admin: Visitor, services: Services) -> None:
    now = clocks.now()
    with services.write() as session:
        for number in range(asked.MOST + 2):
            handled_at = now if number else None
            text = {"direction": IN, "phone": CALLER, "body": "please come", "purpose": "answer", "created_at": now}
            session.add(Message(id=f"f{number:025}", handled_at=handled_at, **text))
    answer = admin.post("/privacy/requests", {"phone": CALLER, "deed": "erase_texts"})
    assert "Erased, but for texts that are still on their way" in words(admin.get(answer.location))
    with services.read() as session:
        assert session.scalars(select(Message.id).where(Message.phone == CALLER)).all() == [f"f{0:025}"]


def test_what_goes_on_is_not_erased(admin: Visitor, services: Services, clock: HandClock) -> None:
    one = emergency(services, clock, state="open", closed_at=None)
    assert "still open" in words(admin.post("/privacy/requests", {"phone": CALLER}))
    assert admin.post(f"/privacy/requests/{one}/erase", {"code": "AAAAA"}).status_code == 409


def test_reports_that_became_nothing_and_texts_of_strangers_are_found_too(admin: Visitor, services: Services) -> None:
    with services.write() as session:
        report = {"caller_phone": CALLER, "address": "Nowhere 1", "type": "fire"}
        alarms.raise_alarm(session, alarms.ADDRESS_REFUSED, report=report, matches=[])
        now = clocks.now()
        text = Message(
            id="f" * 26,
            direction=IN,
            phone=CALLER,
            body="please come https://d.example/m/2342342342",
            purpose="answer",
            created_at=now,
            handled_at=now,
        )
        session.add(text)
    page = words(admin.post("/privacy/requests", {"phone": CALLER}))
    assert "2 things are known" in page
    assert "Nowhere 1" in page
    assert admin.post("/privacy/requests/reports/1/erase").status_code == 409, "somebody has to see to it first"
    with services.write() as session:
        session.get_one(Alarm, 1).acknowledged_at = clocks.now()
    assert admin.post("/privacy/requests/reports/1/erase").status_code == 303
    told = admin.post("/privacy/requests", {"phone": CALLER, "deed": "file"}).get_json()
    assert [one["words"] for one in told["texts"]] == ["please come https://d.example/m/…"], "no link that would open"
    assert admin.post("/privacy/requests", {"phone": CALLER, "deed": "erase_texts"}).status_code == 303
    with services.read() as session:
        left = everything_stored(session)
    assert CALLER not in left
    assert "please come" not in left
