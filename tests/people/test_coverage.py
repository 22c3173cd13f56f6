"""The page of cover: counted from real people, kept, shown with its moment, counted again when it is due."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, select

from core import clock as clocks
from core.clock import HandClock
from core.services import Services
from dispatch import candidates, plans
from geo.models import SERVICE_AREA, District, Zone
from responder import index, rules
from responder.certificates import kinds
from responder.certificates.kinds import Kind
from responder.coverage import counted, keeping
from responder.coverage.models import KeptForecast
from responder.coverage.needs import Needs
from responder.models import Certification
from tests.people.conftest import Visitor, words

WORK = {"kind": "work", "lat": 60.1712, "lon": 24.9413, "hours": "Mo-Fr 08:00-16:00"}
HELPS = Needs.of((), plans.ANY_HELPER)
RING = [[24.93, 60.165], [24.95, 60.165], [24.95, 60.175], [24.93, 60.175], [24.93, 60.165]]


@pytest.fixture
def border(app: Any, services: Services) -> None:
    """1.2 km² around the market, all of it in the one district of the town: 15 people cover it."""
    with services.write() as session:
        session.add(Zone(kind=SERVICE_AREA, name="Town", polygon={"type": "Polygon", "coordinates": [RING]}))


def certificates(ends: str) -> list[dict[str, str]]:
    return [{"type": "cpr", "number": "C-1", "expires": ends}]


def test_what_lapses_is_told_where_to_recruit_and_whom_not_to_lose(
    border: None, admin: Visitor, visitor: Callable[[str], Visitor], person: Callable[..., int], services: Services
) -> None:
    for _ in range(6):
        person(night_alerts=True)
    for _ in range(9):
        person(night_alerts=False, certifications=certificates("2027-02-10"))
    person("Far Fanni", places=[{"kind": "home", "lat": 60.3, "lon": 24.9}])
    assert "being counted for the first time" in words(admin.get("/coverage"))
    assert keeping.make_due(services, plans.needs_now)
    told = words(admin.get("/coverage"))
    assert "5 or more lapse in February: Keskusta falls below 10 per km² by day." in told
    assert "Keskusta has just enough by day: the loss of any one person takes it below 10 per km²." in told
    assert "Keskusta about 10 more by day, 10 by night, now" in told
    assert "January under 5 1 of 1 0 of 1 February 5 or more 0 of 1 0 of 1" in told
    assert "Nobody: everyone has another near." in told
    assert "Fanni" not in told, "who is outside the service area is not asked by the dispatcher either"
    assert "As of 2026-11-23 14:00" in told
    assert "Count again" not in words(visitor("auditor").get("/coverage"))
    assert visitor("dispatcher").get("/coverage").status_code == 403


def test_the_forecast_comes_true_for_the_dispatcher(
    border: None, person: Callable[..., int], services: Services, clock: HandClock
) -> None:
    for number in range(40):
        ends = ("2026-12-05", "2027-01-31", "2027-02-01", "2030-01-01")[number % 4]
        work = [WORK] if number % 3 else []
        home = {"kind": "home", "lat": 60.1708, "lon": 24.9407}
        person(night_alerts=number % 5 > 0, certifications=certificates(ends), places=[home, *work])
    keeping.make(services, plans.needs_now)
    with services.read() as session:
        kept = keeping.latest(session, HELPS)
    assert kept is not None
    told = kept.forecast.areas[0].stands[1 + kept.forecast.months.index(1)]
    for shown, hour, asked in ((told.by_night, 0, 16), (told.by_day, 10, 20)):
        clock.set(datetime(2027, 2, 1, hour, 0, tzinfo=UTC))  # in Helsinki 02:00 and 12:00 after January's end
        assert len(found_by_the_dispatcher(services)) == asked
        assert shown == asked // 5 * 5


def found_by_the_dispatcher(services: Services) -> list[candidates.Candidate]:
    with services.read() as session:
        moment = rules.moment_of(services.settings, clocks.now())
        plan = plans.of(plans.current(session, "cardiac_arrest"))
        return candidates.find(session, candidates.Question(1, "none", 60.171, 24.941, plan, 600, moment), 100, {})


def test_one_who_stands_alone_is_named(border: None, admin: Visitor, person: Callable[..., int], services: Services) -> None:
    alone = person("Alone Alva", night_alerts=False)
    assert admin.post("/coverage").status_code == 303
    page = admin.get("/coverage")
    assert "Alone Alva by day" in words(page)
    assert f'href="/people/{alone}"' in page.text
    with services.read() as session:
        kept = session.scalars(select(KeptForecast)).one()
    assert "Alva" not in json.dumps(kept.facts)


def test_each_kind_of_emergency_counts_by_the_certificates_that_its_own_plan_asks_for(
    border: None, admin: Visitor, person: Callable[..., int], services: Services
) -> None:
    rescuer = Kind("water_rescue", {"en": "Water rescue"}, {})
    with services.write() as session:
        kinds.save(session, rescuer, "admin:1")
        plans.save(session, plans.Plan(type="drowning", all_of=("water_rescue",), any_of=plans.ANY_HELPER), is_on=True)
    for number in range(16):
        own = [{"type": "water_rescue", "number": "W-1", "expires": "2030-01-01"}] if number < 6 else []
        person(certifications=[*certificates("2030-01-01"), *own], night_alerts=True)
    for _ in range(5):
        person(certifications=[{"type": "water_rescue", "number": "W-1", "expires": "2030-01-01"}], night_alerts=True)
    admin.post("/coverage")
    drowning = words(admin.get("/coverage", plan="drowning"))
    assert "Asked for in it: Water rescue and one of CPR, First aid, Medical profession." in drowning
    assert "Keskusta 1.2 15 ▲ 5+" in drowning, "six"
    assert "Keskusta 1.2 15 ● 15+" in words(admin.get("/coverage")), "sixteen: those who rescue alone are not asked to a heart"
    assert "Keskusta 1.2 15 ▲ under 5" in words(admin.get("/coverage", plan="bleeding"))
    squares = admin.get("/coverage/squares.json", plan="drowning").json["features"]
    assert {one["properties"]["by_day"] for one in squares} == {5, None}
    assert admin.post("/coverage", {"plan": "drowning"}).location == "/coverage?plan=drowning"
    assert admin.get("/coverage", plan="fire").status_code == 404, "it is off"


def test_a_plan_switched_on_or_changed_is_counted_at_once_and_none_at_all_is_said(
    border: None, admin: Visitor, person: Callable[..., int], services: Services
) -> None:
    person()
    assert [keeping.make_due(services, plans.needs_now) for _ in range(2)] == [True, False]
    with services.write() as session:
        plans.save(session, plans.Plan(type="bleeding", any_of=("medical",)), is_on=True)
    assert "being counted for the first time" in words(admin.get("/coverage", plan="bleeding"))
    assert [keeping.make_due(services, plans.needs_now) for _ in range(2)] == [True, False]
    assert "What is coming" in words(admin.get("/coverage", plan="bleeding"))
    with services.write() as session:
        for plan in plans.on(session):
            plans.save(session, plan, is_on=False)
    assert [keeping.make_due(services, plans.needs_now) for _ in range(2)] == [True, False]
    assert "No kind of emergency is on, so nobody would be asked." in words(admin.get("/coverage"))
    assert admin.get("/coverage/squares.json").json["features"] == []


def test_nobody_and_nowhere_is_a_page_too(admin: Visitor, services: Services) -> None:
    admin.post("/coverage")
    guessed = "how much ground a district has is a guess"
    assert guessed in words(admin.get("/coverage"))
    with services.write() as session:
        session.execute(delete(District))
    admin.post("/coverage")
    told = words(admin.get("/coverage"))
    assert guessed not in told
    assert "Nobody can be asked yet: bring people in." in told
    assert "everyone has another near" not in told
    assert told.count("No area is known: draw the service area, or bring in your town.") == 2
    assert admin.get("/coverage/squares.json").json == {"type": "FeatureCollection", "features": []}


def test_squares_hold_no_fewer_than_five(border: None, admin: Visitor, person: Callable[..., int]) -> None:
    for _ in range(7):
        person(night_alerts=False, places=[{"kind": "home", "lat": 60.1712, "lon": 24.9413}, WORK])
    for _ in range(4):
        person(places=[{"kind": "home", "lat": 60.1745, "lon": 24.949}])
    admin.post("/coverage")
    features = json.loads(admin.get("/coverage/squares.json").text)["features"]
    counts = [(one["properties"]["by_day"], one["properties"]["by_night"]) for one in features]
    assert set(counts) == {(5, None), (None, None)}, "the seven at work by day; the four nowhere"
    assert {one["geometry"]["type"] for one in features} <= {"Polygon", "MultiPolygon"}


def test_it_is_made_anew_when_an_hour_is_over_or_the_ground_is_another(
    border: None, person: Callable[..., int], services: Services, clock: HandClock
) -> None:
    person()
    assert [keeping.make_due(services, plans.needs_now) for _ in range(2)] == [True, False]
    clock.turn(3599)
    assert not keeping.make_due(services, plans.needs_now)
    clock.turn(1)
    assert keeping.make_due(services, plans.needs_now)
    with services.write() as session:
        session.add(Zone(kind=SERVICE_AREA, name="More", polygon={"type": "Polygon", "coordinates": [RING]}))
    assert [keeping.make_due(services, plans.needs_now) for _ in range(2)] == [True, False]
    with services.read() as session:
        kept = keeping.latest(session, HELPS)
    assert kept is not None
    assert kept.made_at == clocks.now()


def test_what_another_release_has_kept_is_made_anew(admin: Visitor, services: Services) -> None:
    keeping.make(services, plans.needs_now)
    with services.write() as session:
        kept = session.scalars(select(KeptForecast)).one()
        kept.made_of, kept.facts = "000000000000" + kept.made_of[12:], {"of": "another shape"}
    assert "being counted for the first time" in words(admin.get("/coverage"))
    assert keeping.make_due(services, plans.needs_now)
    assert "What is coming" in words(admin.get("/coverage"))


def test_everybody_is_read_however_many_looks_it_takes(
    person: Callable[..., int], services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [person(places=[{"kind": "home", "lat": 60.17 + n / 100, "lon": 24.94}, WORK], night_alerts=True) for n in range(5)]
    for many in (1, 2, 3, 10, 11):
        monkeypatch.setattr(counted, "AT_ONCE", many)
        found = counted.read(services, [HELPS])
        assert sorted(found.people.tolist()) == sorted(ids * 2)
    with services.write() as session:
        proof = session.scalars(select(Certification).where(Certification.responder_id == ids[0])).one()
        proof.verified_at = None
        index.refresh(session, [ids[0]])
    assert ids[0] not in counted.read(services, [HELPS]).people
