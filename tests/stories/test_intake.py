"""An emergency is reported: once, twice, wrongly. What is refused leaves nothing behind but a red row where one is due."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from console.tables import METADATA
from core.clock import rfc3339
from core.problems import Problem
from dispatch import intake
from dispatch.intake import Opened
from dispatch.models import Alarm, Incident, PlanRow
from dispatch.reports import NewIncident
from geo.models import EXCLUSION, SERVICE_AREA, HouseNumber, Street, Zone
from tests.stories.town import CENTRE, METRES_PER_DEGREE, Town

FIRST = {
    "type": "cardiac_arrest",
    "external_id": "CAD-1",
    "location": {"lat": CENTRE[0], "lon": CENTRE[1]},
    "access_notes": "door code 1234",
    "caller_phone": "0401234567",
    "hazards": ["traffic"],
}
BARE = {"type": "cardiac_arrest", "external_id": "CAD-1", "location": {"lat": CENTRE[0], "lon": CENTRE[1]}}


def report(town: Town, facts: dict[str, Any]) -> Opened:
    """A report as the CAD system sends it; everything that follows at once has happened."""
    opened = intake.open_incident(town.services, town.geocoder, NewIncident.model_validate(facts), "key:cad")
    town.incidents.append(opened.incident_id)
    town.settle()
    return opened


def refused(town: Town, facts: dict[str, Any]) -> Problem:
    """The problem that a report ends with."""
    with pytest.raises(Problem) as problem:
        report(town, facts)
    town.settle()
    return problem.value


def everything(town: Town) -> dict[str, int]:
    """How many rows each table has."""
    with town.services.read() as session:
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in METADATA.sorted_tables}


def changed(before: dict[str, int], after: dict[str, int]) -> set[str]:
    """The tables that have more rows or fewer."""
    return {name for name in before if before[name] != after[name] and name != "heartbeats"}


def red_rows(town: Town, kind: str) -> list[Alarm]:
    with town.services.read() as session:
        return list(
            session.scalars(select(Alarm).where(Alarm.kind == kind, Alarm.acknowledged_at.is_(None)).order_by(Alarm.id))
        )


def two_streets_of_one_name(town: Town) -> None:
    with town.services.write() as session:
        for name, lat in (("Helsinki", CENTRE[0]), ("Espoo", CENTRE[0] + 0.002)):
            street = Street(name="Testikatu", other_names=[], town=name, lat=lat, lon=CENTRE[1])
            session.add(street)
            session.flush()
            session.add(HouseNumber(street_id=street.id, number="5", lat=lat, lon=CENTRE[1]))


def a_street(town: Town) -> None:
    """Ainokatu 5 at the centre and Ainokatu 7 a little north of it."""
    with town.services.write() as session:
        street = Street(name="Ainokatu", other_names=[], town="Helsinki", lat=CENTRE[0], lon=CENTRE[1])
        session.add(street)
        session.flush()
        for number, lat in (("5", CENTRE[0]), ("7", CENTRE[0] + 0.0002)):
            session.add(HouseNumber(street_id=street.id, number=number, lat=lat, lon=CENTRE[1]))


def square(metres: float, name: str, kind: str, north_m: float = 0) -> Zone:
    """A square zone of twice `metres` around a point so far north of the centre."""
    lat, lon = CENTRE[0] + north_m / METRES_PER_DEGREE, CENTRE[1]
    d = metres / METRES_PER_DEGREE
    ring = [
        [lon - 2 * d, lat - d],
        [lon + 2 * d, lat - d],
        [lon + 2 * d, lat + d],
        [lon - 2 * d, lat + d],
        [lon - 2 * d, lat - d],
    ]
    return Zone(kind=kind, name=name, polygon={"type": "Polygon", "coordinates": [ring]})


def test_the_same_report_twice_is_one_incident_and_texts_nobody_twice(town: Town) -> None:
    anna = town.volunteer("Anna")
    first = report(town, FIRST)
    anna.gets("CARDIAC")
    again = report(town, FIRST)
    assert again == Opened(first.incident_id, created=False)
    anna.gets_nothing()
    town.turn(40)
    assert report(town, BARE).incident_id == first.incident_id
    anna.gets_nothing()


def test_what_a_second_report_leaves_out_stays(town: Town) -> None:
    report(town, FIRST)
    before = town.incident()
    report(town, BARE)
    after = town.incident()
    for name in ("access_notes", "caller_phone", "hazards", "type", "location", "drill", "ambulance_at"):
        assert after[name] == before[name]
    assert town.alarms() == ["nobody_asked"]


def test_the_newest_ambulance_eta_wins_and_counts_from_its_own_request(town: Town) -> None:
    near, far = town.volunteer("Near", 60), town.volunteer("Far", 500)
    report(town, FIRST | {"ambulance_eta_s": 600})
    near.gets("CARDIAC")
    far.gets("CARDIAC")
    town.turn(20)
    report(town, BARE | {"ambulance_eta_s": 120})
    assert "conflicting_report" not in town.alarms()
    assert town.incident()["ambulance_at"] == rfc3339(town.clock.now() + timedelta(seconds=120))


def test_a_sooner_ambulance_stops_us_from_asking_those_who_would_come_after_it(town: Town) -> None:
    town.volunteer("Near", 60).read = 1
    late = town.volunteer("Late", 500, available=False)
    report(town, BARE | {"ambulance_eta_s": 900})
    report(town, BARE | {"ambulance_eta_s": 120})
    late.texts("ON")
    late.gets("You are on")
    town.turn(11)
    late.gets_nothing()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", "breathing"),
        ("location", {"lat": CENTRE[0] + 0.001, "lon": CENTRE[1]}),
        ("access_notes", "door code 9999"),
        ("caller_phone", "0407654321"),
        ("hazards", ["traffic", "suicide"]),
        ("drill", True),
    ],
)
def test_a_field_that_differs_is_named_and_stands_red(town: Town, field: str, value: object) -> None:
    anna = town.volunteer("Anna", certified=["first_aid"])
    report(town, FIRST)
    anna.gets("CARDIAC")
    before = town.incident()
    problem = refused(town, FIRST | {field: value})
    assert (problem.status, [one.pointer for one in problem.errors]) == (409, [f"/{field}"])
    assert town.alarms() == ["conflicting_report"]
    assert red_rows(town, "conflicting_report")[0].data["fields"] == [f"/{field}"]
    after = town.incident()
    assert {name: after[name] for name in after if name != "events"} == {
        name: before[name] for name in before if name != "events"
    }


def test_every_field_that_differs_is_named_at_once(town: Town) -> None:
    report(town, FIRST)
    problem = refused(town, FIRST | {"type": "breathing", "access_notes": "none", "hazards": []})
    assert {one.pointer for one in problem.errors} == {"/type", "/access_notes", "/hazards"}


def test_a_second_conflict_with_other_fields_is_not_swallowed_by_the_first(town: Town) -> None:
    report(town, FIRST)
    refused(town, FIRST | {"access_notes": "second floor"})
    refused(town, FIRST | {"access_notes": "second floor"})
    refused(town, FIRST | {"hazards": ["weapon"]})
    assert [row.data["fields"] for row in red_rows(town, "conflicting_report")] == [["/access_notes"], ["/hazards"]]


def test_another_address_in_words_is_a_conflict_too(town: Town) -> None:
    a_street(town)
    facts = {"type": "cardiac_arrest", "external_id": "CAD-7", "address": "Ainokatu 5"}
    report(town, facts)
    assert report(town, facts).created is False
    assert [one.pointer for one in refused(town, facts | {"address": "Ainokatu 7"}).errors] == ["/address"]


def test_the_same_phone_and_hazards_written_otherwise_are_no_conflict(town: Town) -> None:
    report(town, FIRST | {"hazards": ["traffic", "suicide"]})
    assert not report(town, FIRST | {"hazards": ["suicide", "traffic"], "caller_phone": "+358 40 123 4567"}).created
    assert "conflicting_report" not in town.alarms()


def test_on_a_closed_incident_the_same_report_still_finds_it_and_asks_nobody(town: Town) -> None:
    anna = town.volunteer("Anna")
    first = report(town, FIRST)
    anna.gets("CARDIAC")
    town.close()
    anna.gets("over for volunteers")
    assert report(town, FIRST | {"ambulance_eta_s": 60}) == Opened(first.incident_id, created=False)
    assert town.incident()["state"] == "closed"
    anna.gets_nothing()


def test_the_same_external_id_counts_even_when_its_type_was_switched_off_since(town: Town) -> None:
    first = report(town, FIRST)
    with town.services.write() as session:
        plan_id = session.get_one(Incident, first.incident_id).plan_id
        session.get_one(PlanRow, plan_id).is_on = False
    assert report(town, FIRST).incident_id == first.incident_id


def test_an_address_that_fits_nothing_is_refused_and_stands_red(town: Town) -> None:
    town.volunteer("Anna")
    before = everything(town)
    problem = refused(town, {"type": "cardiac_arrest", "address": "Nowhere Lane 12"})
    assert (problem.status, problem.errors[0].pointer, problem.extra["matches"]) == (422, "/address", [])
    assert town.alarms() == ["address_refused"]
    assert red_rows(town, "address_refused")[0].data["report"]["address"] == "Nowhere Lane 12"
    assert changed(before, everything(town)) == {"alarms", "events"}


def test_an_address_that_fits_several_offers_them_and_guesses_none(town: Town) -> None:
    town.volunteer("Anna")
    two_streets_of_one_name(town)
    before = everything(town)
    problem = refused(town, {"type": "cardiac_arrest", "address": "Testikatu 5"})
    matches = problem.extra["matches"]
    assert problem.status == 422
    assert len(matches) == 2
    assert all(set(match) == {"label", "lat", "lon"} for match in matches)
    assert town.alarms() == ["address_refused"]
    assert changed(before, everything(town)) == {"alarms", "events"}


def test_nowhere_is_no_place(town: Town) -> None:
    before = everything(town)
    with pytest.raises(ValueError, match="does not know where it is"):
        town.emergency(location={"lat": 0.0, "lon": 0.0})
    assert not changed(before, everything(town))


@pytest.mark.parametrize(
    ("zones", "reason"),
    [
        ([square(300, "Town", SERVICE_AREA, north_m=5000)], "outside the service area"),
        ([square(900, "Town", SERVICE_AREA), square(100, "Prison", EXCLUSION)], "excluded zone Prison"),
    ],
    ids=["outside", "excluded"],
)
def test_a_place_we_do_not_serve_is_refused_with_the_reason_and_nothing_is_written(
    town: Town, zones: list[Zone], reason: str
) -> None:
    town.volunteer("Anna")
    a_street(town)
    with town.services.write() as session:
        for zone in zones:
            session.add(Zone(kind=zone.kind, name=zone.name, polygon=zone.polygon))
    before = everything(town)
    by_place = refused(town, BARE)
    assert (by_place.status, by_place.errors[0].pointer) == (422, "/location")
    assert reason in by_place.errors[0].detail
    by_address = refused(town, {"type": "cardiac_arrest", "address": "Ainokatu 5"})
    assert by_address.errors[0].pointer == "/address"
    assert not changed(before, everything(town))


def test_nobody_who_lives_in_an_excluded_zone_is_asked(town: Town) -> None:
    town.volunteer("Inside", 400)
    outside = town.volunteer("Outside", 100)
    with town.services.write() as session:
        session.add(square(100, "Works", EXCLUSION, north_m=400))
    report(town, BARE)
    outside.gets("CARDIAC")
    assert town.asked() == {"Outside"}


@pytest.mark.parametrize("kind", ["fire", "alien_landing", ""])
def test_a_type_that_is_off_or_unknown_names_those_that_are_on(town: Town, kind: str) -> None:
    before = everything(town)
    problem = refused(town, BARE | {"type": kind})
    assert (problem.status, problem.errors[0].pointer) == (422, "/type")
    assert "bleeding, breathing, cardiac_arrest" in problem.errors[0].detail
    assert "fire" not in problem.errors[0].detail
    assert not changed(before, everything(town))


def test_a_callers_phone_that_is_none_is_refused_by_name(town: Town) -> None:
    before = everything(town)
    problem = refused(town, BARE | {"caller_phone": "call me"})
    assert (problem.status, problem.errors[0].pointer) == (422, "/caller_phone")
    assert not changed(before, everything(town))


def test_everyone_asked_has_a_reason_a_distance_and_a_time(town: Town) -> None:
    people = town.street(12)
    rider = town.volunteer("Rider", 150, transport="bike")
    report(town, BARE)
    for person in [*people, rider]:
        if person.name in town.asked():
            person.gets("CARDIAC")
    for callout in town.incident()["callouts"]:
        assert f"{callout['distance_m']} m from home" in callout["reason"]
        assert f"{callout['eta_s']} s" in callout["reason"]
    assert all(event["data"]["reason"] for event in town.events("callout_queued"))
