"""One person's page: who may see what, why they would be asked or not, and what an admin does to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from core import clock as clocks
from core import words as sentences
from core.clock import HandClock
from core.services import Services
from dispatch import intake
from dispatch.models import Callout
from dispatch.reports import NewIncident
from geo.geocoding import open_geocoder
from responder.models import ReachablePlace, Responder
from responder.pages import wording
from responder.pages.room import load
from sms.models import IN, OUT, Contact, Message
from tests.conftest import empty_sqlite as database
from tests.people.conftest import Visitor, error_at, words

__all__ = ["database"]


def text(services: Services, row: int, body: str, direction: str = OUT, **other: Any) -> None:
    with services.write() as session:
        contact = load(session, row).contact
        number = len(session.scalars(select(Message.id)).all())
        given = {"state": "taken", "handled_at": clocks.now(), "about_kind": None} | other
        session.add(
            Message(
                id=f"{number:026d}",
                direction=direction,
                contact_id=contact.id,
                phone=contact.phone,
                body=body,
                purpose="follow_up",
                created_at=clocks.now(),
                **given,
            )
        )


def emergency(services: Services) -> None:
    wanted = NewIncident.model_validate({"type": "cardiac_arrest", "address": "Torikatu 1"})
    intake.open_incident(services, open_geocoder(services), wanted, "user:dispatcher")


@pytest.mark.parametrize(
    ("role", "method", "path", "status"),
    [
        ("dispatcher", "get", "/people", 403),
        ("dispatcher", "get", "/people/{row}", 403),
        ("auditor", "get", "/people", 200),
        ("auditor", "get", "/people/{row}", 200),
        ("auditor", "get", "/people/{row}/edit", 403),
        ("auditor", "get", "/people/import", 403),
        ("auditor", "post", "/people/{row}/off", 403),
        ("auditor", "post", "/people/{row}/erase", 403),
        ("admin", "get", "/people/{row}/edit", 200),
        ("admin", "post", "/people/{row}/off", 303),
    ],
)
def test_admins_edit_auditors_read_dispatchers_stay_out(
    visitor: Callable[[str], Visitor], person: Callable[..., int], role: str, method: str, path: str, status: int
) -> None:
    answer = getattr(visitor(role), method)(path.format(row=person()))
    assert answer.status_code == status


def test_an_auditor_sees_no_buttons(visitor: Callable[[str], Visitor], person: Callable[..., int]) -> None:
    page = visitor("auditor").get(f"/people/{person(verified=False)}").text.split("<main")[1]
    assert "<form" not in page
    assert "/edit" not in page


def test_opening_a_person_is_an_event(admin: Visitor, person: Callable[..., int], kinds: Callable[[int], list[str]]) -> None:
    row = person()
    admin.get("/people")
    assert kinds(row) == ["responder_added"]
    admin.get(f"/people/{row}")
    assert kinds(row) == ["responder_added", "responder_opened"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, "Cardiac arrest Home: ● Asked, when it is near."),
        ({"certifications": []}, "has no verified certificate"),
        ({"certifications": [{"type": "cpr", "expires": "2026-01-01"}]}, "the certificate this needs has lapsed"),
        ({"consent_at": None}, "has not agreed"),
        ({"available": False}, "Not asked: is off"),
        ({"places": [{"kind": "work", "lat": 60.17, "lon": 24.94, "hours": "Sa 10:00-12:00"}]}, "not the hours of this place"),
    ],
)
def test_why_they_would_or_would_not_be_asked(
    admin: Visitor, person: Callable[..., int], said: dict[str, Any], expected: str
) -> None:
    assert expected in words(admin.get(f"/people/{person(**said)}"))


def test_at_night_it_says_that_it_is_night(admin: Visitor, person: Callable[..., int], clock: HandClock) -> None:
    row = person()
    assert "it is night" not in words(admin.get(f"/people/{row}"))
    clock.turn(10 * 3600)
    assert "it is night (23:00 to 07:00)" in words(admin.get(f"/people/{row}"))


def test_texts_about_an_emergency_are_for_auditors(
    visitor: Callable[[str], Visitor], services: Services, person: Callable[..., int]
) -> None:
    row = person()
    text(services, row, "OFF 8h", IN)
    text(services, row, "A: GO TO Torikatu 1", about_kind="callout", about_id="1")
    text(services, row, "he is blue", IN, about_kind="callout", about_id="1")
    text(services, row, "she fell", IN, handled_at=None)
    seen = {role: words(visitor(role).get(f"/people/{row}")) for role in ("admin", "auditor")}
    assert "OFF 8h" in seen["admin"]
    for secret in ("GO TO", "he is blue", "she fell"):
        assert secret not in seen["admin"]
        assert secret in seen["auditor"]
    assert seen["admin"].count("only dispatchers and auditors read it") == 3


def test_texts_come_a_page_at_a_time(admin: Visitor, services: Services, person: Callable[..., int]) -> None:
    row = person()
    for number in range(35):
        text(services, row, f"text number {number:02d}.")
    first = admin.get(f"/people/{row}")
    assert "text number 34." in first.text
    assert "text number 04." not in first.text
    older = first.text.split("before=")[1].split('"')[0].partition("#")[0]
    second = admin.get(f"/people/{row}", before=older).text
    assert "text number 04." in second
    assert "text number 05." not in second


def test_verifying_makes_a_certificate_count(
    admin: Visitor, services: Services, person: Callable[..., int], kinds: Callable[[int], list[str]]
) -> None:
    row = person(verified=False)
    with services.read() as session:
        proof = load(session, row).certifications[0].id
    assert admin.post(f"/people/{row}/certifications/{proof}/verify").status_code == 303
    assert admin.post(f"/people/{row}/certifications/{proof}/verify").status_code == 303
    with services.read() as session:
        assert load(session, row).certifications[0].verified_by == "user:admin"
        assert session.scalars(select(ReachablePlace.certified)).one().startswith("cpr:")
    assert kinds(row).count("certification_verified") == 1
    assert ", admin" in words(admin.get(f"/people/{row}"))


def test_another_persons_certificate_is_not_theirs(admin: Visitor, services: Services, person: Callable[..., int]) -> None:
    mine, other = person(), person("Other", verified=False)
    with services.read() as session:
        proof = load(session, other).certifications[0].id
    assert admin.post(f"/people/{mine}/certifications/{proof}/verify").status_code == 404


@pytest.mark.parametrize("until", ["tomorrow", "2020-01-01T10:00", "2999-01-01T10:00"])
def test_an_off_that_cannot_be_is_refused(admin: Visitor, services: Services, person: Callable[..., int], until: str) -> None:
    row = person()
    page = admin.post(f"/people/{row}/off", {"until": until})
    assert page.status_code == 422
    assert error_at(page, "until")
    with services.read() as session:
        assert load(session, row).off_until is None


def test_off_and_on_by_the_agencys_clock(admin: Visitor, services: Services, person: Callable[..., int]) -> None:
    row = person()
    admin.post(f"/people/{row}/off", {"until": "2026-11-24T08:00"})
    with services.read() as session:
        assert load(session, row).off_until.isoformat() == "2026-11-24T06:00:00+00:00"
    assert "OFF until 2026-11-24 08:00." in words(admin.get(f"/people/{row}"))
    admin.post(f"/people/{row}/on")
    assert "ON." in words(admin.get(f"/people/{row}"))
    admin.post(f"/people/{row}/off")
    assert "OFF until they say ON" in words(admin.get(f"/people/{row}"))


def test_opted_out_says_what_that_means(admin: Visitor, services: Services, person: Callable[..., int]) -> None:
    row = person()
    with services.write() as session:
        session.get(Contact, load(session, row).contact_id).opted_out_at = clocks.now()
    page = words(admin.get(f"/people/{row}"))
    assert "Opted out" in page
    assert "by texting START" in page


@pytest.mark.parametrize("typed", ["", "Aino", "someone else"])
def test_erasing_wants_the_name(admin: Visitor, services: Services, person: Callable[..., int], typed: str) -> None:
    row = person()
    page = admin.post(f"/people/{row}/erase", {"name": typed})
    assert page.status_code == 422
    assert error_at(page, "name")
    with services.read() as session:
        assert load(session, row).name == "Aino Virtanen"


def test_erased_means_gone(admin: Visitor, person: Callable[..., int]) -> None:
    row = person()
    assert admin.post(f"/people/{row}/erase", {"name": " aino virtanen "}).location.endswith("said=erased")
    assert admin.get(f"/people/{row}").status_code == 404
    assert "Aino" not in words(admin.get("/people", q="aino")).replace("aino", "")
    assert "p-00" not in admin.get("/people").text


def test_on_a_callout_erasing_waits_and_says_so(admin: Visitor, services: Services, person: Callable[..., int]) -> None:
    row = person()
    emergency(services)
    with services.read() as session:
        assert session.scalars(select(Callout.responder_id)).all() == [row]
    page = admin.get(admin.post(f"/people/{row}/erase", {"name": "Aino Virtanen"}).location)
    assert "erased the minute it ends" in words(page)
    assert "They are on a callout now" in words(page)
    assert "Being erased" in words(page)
    assert "Erase for good" not in words(page)
    with services.read() as session:
        assert session.scalars(select(Responder.erase_requested_at)).one() is not None


@pytest.mark.parametrize(
    ("actor", "said"),
    [
        ("user:the operator", "the operator"),
        ("key:register", "register"),
        ("operator", "ylläpito"),
        ("responder:7", "vapaaehtoinen"),
        (None, ""),
    ],
)
def test_who_did_something_is_said_in_words(monkeypatch: pytest.MonkeyPatch, actor: str | None, said: str) -> None:
    finnish = {"the operator": "ylläpito", "the volunteer": "vapaaehtoinen"}
    monkeypatch.setattr(sentences, "gettext", lambda sentence: finnish.get(sentence, sentence))
    assert wording.actor(actor) == said
