"""What the list can be narrowed to: each choice finds those it names, alone and together with others."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from console.joints import alerts_since
from core import clock as clocks
from core.clock import HandClock
from core.services import Services
from dispatch import intake
from dispatch.reports import NewIncident
from geo.geocoding import open_geocoder
from geo.models import District
from responder import availability, listing, standing
from responder.filters import Alerts, Availability, Certificate, Heard
from responder.listing import Found, Sort, Wanted
from responder.models import Certification, Responder
from tests.people.conftest import Visitor, words

pytestmark = pytest.mark.both_databases

DAY = timedelta(days=1)


def names(services: Services, **wanted: Any) -> list[str]:
    with services.read() as session:
        at = standing.At.of(services.settings, clocks.now())
        return [one.name for one in listing.find(session, Wanted(**wanted), at, alerts_since).people]


def proof(expires: str, **other: Any) -> dict[str, Any]:
    return {"type": "cpr", "number": expires, "expires": expires} | other


@pytest.mark.parametrize(
    ("state", "who"),
    [
        (Certificate.WAITING, ["Sent", "Unseen"]),
        (Certificate.ENDING, ["Ending", "Sent"]),
        (Certificate.ENDED, ["Ended"]),
        (Certificate.REJECTED, ["Refused"]),
        (Certificate.NONE, ["Nothing"]),
    ],
)
def test_how_a_certificate_stands(
    app: Flask, services: Services, person: Callable[..., int], state: Certificate, who: list[str]
) -> None:
    person("Good", certifications=[proof("2027-06-30")])
    person("Renewed", certifications=[proof("2026-12-01"), proof("2028-12-01")])
    person("Ending", certifications=[proof("2026-12-30")])
    person("Ended", certifications=[proof("2026-11-01"), {"type": "identity"}])
    person("Unseen", verified=False)
    person("Nothing", certifications=[])
    sent, refused = person("Sent", certifications=[proof("2026-12-30")]), person("Refused", certifications=[])
    with services.write() as session:
        now = clocks.now()
        session.add(Certification(responder_id=sent, type="cpr", submitted_at=now, sent_by="user:x"))
        session.add(Certification(responder_id=refused, type="cpr", submitted_at=now, sent_by="user:x", rejected_at=now))
    assert names(services, certificate=state) == who


def test_what_they_have_said_and_when(app: Flask, services: Services, clock: HandClock, person: Callable[..., int]) -> None:
    rows = {name: person(name) for name in ("Away", "Ever", "Gone", "Here")}
    person("Owl", night_alerts=True)
    with services.write() as session:
        people = {name: session.get(Responder, row) for name, row in rows.items()}
        availability.set_off(session, people["Away"], clocks.now() + DAY)
        availability.set_off(session, people["Ever"], None)
        people["Gone"].said_on_at = clocks.now() - 200 * DAY
        people["Ever"].said_on_at = clocks.now() - 40 * DAY
    assert names(services, availability=Availability.ON) == ["Gone", "Here", "Owl"]
    assert names(services, availability=Availability.OFF) == ["Away", "Ever"]
    assert names(services, availability=Availability.UNTIL_ON) == ["Ever"]
    assert names(services, availability=Availability.NIGHT) == ["Owl"]
    assert names(services, heard=Heard.LAST_30) == ["Away", "Here", "Owl"]
    assert names(services, heard=Heard.NOT_30) == ["Ever", "Gone"]
    assert names(services, heard=Heard.NOT_90) == names(services, heard=Heard.NOT_182) == ["Gone"]
    assert names(services, heard=Heard.NOT_30, availability=Availability.ON) == ["Gone"]
    assert names(services, sort=Sort.UNHEARD)[:2] == ["Gone", "Ever"]
    assert names(services, sort=Sort.NEWEST)[0] == "Owl"


def test_how_often_they_were_asked(admin: Visitor, services: Services, clock: HandClock, person: Callable[..., int]) -> None:
    person("Near")
    person("Off", available=False)

    def emergency(**more: Any) -> None:
        wanted = NewIncident.model_validate({"type": "cardiac_arrest", "address": "Torikatu 1"} | more)
        intake.open_incident(services, open_geocoder(services), wanted, "key:cad")

    emergency(drill=True)
    assert names(services, alerts=Alerts.NONE) == ["Near", "Off"], "a drill counts in no statistic"
    emergency()
    assert names(services, alerts=Alerts.NONE) == ["Off"]
    assert names(services, alerts=Alerts.SOME) == ["Near"]
    assert names(services, alerts=Alerts.MANY) == []
    assert "asked once in 30 days" in words(admin.get("/people", alerts="some"))
    clock.turn(31 * 86_400)
    assert names(services, alerts=Alerts.SOME) == []


def test_a_part_of_town(admin: Visitor, services: Services, person: Callable[..., int]) -> None:
    def home(lat: float, lon: float) -> list[dict[str, Any]]:
        return [{"kind": "home", "lat": lat, "lon": lon}]

    square = [[24.90, 60.20], [24.92, 60.20], [24.92, 60.22], [24.90, 60.22], [24.90, 60.20]]
    with services.write() as session:
        session.add(District(name="Pasila", lat=60.21, lon=24.91, polygon={"type": "Polygon", "coordinates": [square]}))
        session.add(District(name="Käpylä", lat=60.21, lon=24.95))
        session.add(District(name="Far away", lat=61.5, lon=23.7))
    person("Inside", places=home(60.21, 24.91))
    person("Beside", places=home(60.21, 24.949))
    person(
        "Works there",
        places=[*home(60.21, 24.949), {"kind": "work", "lat": 60.21, "lon": 24.911, "hours": "Mo-Fr 08:00-16:00"}],
    )
    person("Elsewhere", places=home(60.40, 25.10))
    assert names(services, area="Pasila") == ["Inside", "Works there"]
    assert names(services, area=" kapyla ") == ["Beside", "Works there"]
    assert names(services, area="Far away") == names(services, area="Atlantis") == []
    assert names(services, area="pasila", typed="works") == ["Works there"]
    page = admin.get("/people", area="Pasila").text
    assert '<option value="Käpylä">' in page
    assert "Elsewhere" not in page


def test_the_next_page_keeps_what_was_asked_and_how_it_is_sorted(
    admin: Visitor, services: Services, person: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    for number in range(5):
        person(f"Person {number}")
    with services.write() as session:
        for number, one in enumerate(session.scalars(select(Responder).order_by(Responder.id))):
            one.said_on_at = clocks.now() - (number % 2 + 40) * DAY
    for sort in Sort:
        seen: list[str] = []
        after = None
        while True:
            found = _page(services, Wanted(heard=Heard.NOT_30, sort=sort, after=after))
            seen += [one.name for one in found.people]
            after = found.next_after
            if after is None:
                break
        assert sorted(seen) == [f"Person {number}" for number in range(5)], sort
    link = admin.get("/people", heard="not-30", sort="unheard").text.split('rel="next"')[1].split('href="')[1].split('"')[0]
    assert "heard=not-30" in link
    assert "sort=unheard" in link
    following = words(admin.get(html.unescape(link)))
    assert [number for number in range(5) if f"Person {number}" in following] == [0, 2], "after 1 and 3"


@pytest.mark.parametrize("sort", Sort)
def test_whoever_moves_while_one_turns_the_page_takes_nobody_along(
    services: Services, person: Callable[..., int], monkeypatch: pytest.MonkeyPatch, sort: Sort
) -> None:
    """The last of the first page texts and gets another name before the second one is asked for."""
    monkeypatch.setattr(listing, "PAGE", 2)
    rows = [person(name) for name in ("Anna", "Bert", "Cleo", "Dora", "Eva")]
    with services.write() as session:
        for number, row in enumerate(rows):
            session.get_one(Responder, row).said_on_at = clocks.now() - (40 - number) * DAY
    first = _page(services, Wanted(sort=sort))
    with services.write() as session:
        last = session.get_one(Responder, first.people[-1].id)
        last.name = "Zoe"
        last.said_on_at = clocks.now()
    rest, after = [one.name for one in first.people], first.next_after
    while after is not None:
        found = _page(services, Wanted(sort=sort, after=after))
        rest += [one.name for one in found.people]
        after = found.next_after
    assert {"Anna", "Bert", "Cleo", "Dora", "Eva"} <= set(rest)


def _page(services: Services, wanted: Wanted) -> Found:
    with services.read() as session:
        return listing.find(session, wanted, standing.At.of(services.settings, clocks.now()), alerts_since)
