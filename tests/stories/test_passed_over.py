"""Who was near and was not asked, and why: each reason by name, the nearest fifty by name, the rest as counts."""

from __future__ import annotations

from collections import Counter
from math import ceil
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from core.services import Services
from dispatch import passed_over
from dispatch.models import Incident, PassedOver
from geo.distance import distance_m
from geo.models import EXCLUSION, Zone
from geo.travel import DETOUR_FACTOR, SET_OFF_S, SPEED_M_PER_S
from responder.fields import Context
from responder.input import ResponderInput
from responder.models import Responder
from sms import contacts
from tests import moving_in
from tests.stories.test_intake import square
from tests.stories.town import CENTRE, METRES_PER_DEGREE, Town


def explained(town: Town, incident_id: str | None = None) -> list[PassedOver]:
    """What the conductor writes down after the texts have left."""
    passed_over.explain_due(town.services)
    wanted = select(PassedOver).where(PassedOver.incident_id == (incident_id or town.incidents[-1])).order_by(PassedOver.id)
    with town.services.read() as session:
        return list(session.scalars(wanted))


def reasons(town: Town) -> dict[str, str]:
    """The reason of everyone who is named, by name."""
    rows = explained(town)
    with town.services.read() as session:
        names = {row.id: row.name for row in session.execute(select(Responder.id, Responder.name))}
    return {names[row.responder_id]: row.reason for row in rows if row.responder_id is not None}


def test_each_reason_by_name(town: Town) -> None:
    busy = town.volunteer("Busy", 90)
    town.emergency()
    busy.gets("CARDIAC")
    busy.texts("1")
    busy.gets("GO TO")
    street = town.street(12)
    town.volunteer("Uncertified", 95, certified=[])
    town.volunteer("Lapsed", 95, certifications=[{"type": "cpr", "expires": "2026-11-22"}])
    town.volunteer("Wrong", 95, certified=["identity"])
    town.volunteer("Unwilling", 95, consent_at=None)
    town.volunteer("Off", 95, available=False)
    gone = town.volunteer("Gone", 95)
    home = {"kind": "home", "lat": CENTRE[0] + 0.0009, "lon": CENTRE[1], "hours": "Mo-Fr 18:00-22:00"}
    town.volunteer("Away", 95, places=[home])
    town.volunteer("Slow", 1100)
    town.volunteer("Late", 400)
    with town.services.write() as session:
        person = session.scalars(select(Responder).where(Responder.name == "Gone")).one()
        contacts.opt_out(town.wire, session, person.contact)
        session.add(square(40, "Works", EXCLUSION, north_m=600))
    town.volunteer("Fenced", 600, transport="bike")
    town.volunteer("Unknown", 1600)
    town.emergency(ambulance_eta_s=320)
    for person_ in street[:7]:
        person_.gets("CARDIAC")
    gone.gets_nothing()
    found = reasons(town)
    assert found == {
        "Busy": "going_elsewhere",
        "Uncertified": "not_certified",
        "Lapsed": "certification_lapsed",
        "Wrong": "not_certified",
        "Unwilling": "no_consent",
        "Off": "off",
        "Gone": "opted_out",
        "Away": "outside_hours",
        "Slow": "too_far",
        "Late": "after_ambulance",
        "Fenced": "outside_zone",
    } | {person_.name: "others_sooner" for person_ in street[7:]}
    assert not set(found) & town.asked()


def test_by_night_those_who_did_not_agree_to_it(town: Town) -> None:
    town.clock.turn(10 * 3600)
    town.volunteer("Asleep", 100, night_alerts=False)
    town.emergency()
    assert reasons(town) == {"Asleep": "night"}


def test_when_nobody_could_be_asked_the_reasons_are_told_all_the_same(town: Town) -> None:
    town.volunteer("Off", 100, available=False)
    town.emergency()
    assert town.alarms() == ["nobody_asked"]
    assert reasons(town) == {"Off": "off"}


def test_it_is_worked_out_once_and_again_after_the_next_wave(town: Town) -> None:
    street = town.street(12)
    town.emergency()
    for person in street[:7]:
        person.gets("CARDIAC")
    assert passed_over.explain_due(town.services) == 1
    assert passed_over.explain_due(town.services) == 0
    street[0].texts("2")
    street[7].gets("CARDIAC")
    assert passed_over.explain_due(town.services) == 1
    assert set(reasons(town)) == {"V9", "V10", "V11", "V12"}


def test_nobody_near_is_nothing_to_explain_and_is_not_tried_for_ever(town: Town) -> None:
    town.emergency()
    assert explained(town) == []
    assert passed_over.explain_due(town.services) == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_in_a_bigger_world_it_equals_a_brute_force_look_at_everyone(town: Town, seed: int) -> None:
    world = a_world(town.services, town, seed)
    town.emergency(ambulance_eta_s=500)
    for volunteer in town.volunteers:
        volunteer.read = len(volunteer.inbox())
    town.carrier.messages()
    asked = {callout["responder_id"] for callout in town.incident()["callouts"]}
    expected = sorted(
        (round(metres), person["number"], reason, eta_s)
        for person in world
        if person["external_id"] not in asked
        for metres, eta_s, reason in brute(person)
    )
    rows = explained(town)
    named = [row for row in rows if row.responder_id is not None]
    assert [(row.distance_m, row.responder_id, row.reason, row.eta_s) for row in named] == expected[:50]
    counts = {row.reason: row.count for row in rows if row.responder_id is None}
    assert counts == Counter(reason for _, _, reason, _ in expected[50:])
    sooner = sorted(eta_s for person in world for _, eta_s, reason in brute(person) if reason == "others_sooner")
    got = sorted(callout["eta_s"] for callout in town.incident()["callouts"])
    assert got == sooner[: len(got)], "those asked are the soonest of all who may be asked"
    assert len(got) == 7


def a_world(services: Services, town: Town, seed: int) -> list[dict[str, Any]]:
    """200 people around the centre with everything that can be against them; `number` is their row's."""
    dice = Random(seed)
    with services.write() as session:
        zone: Zone = square(80, "Works", EXCLUSION, north_m=300)
        session.add(zone)
    world = []
    for number in range(200):
        place = {
            "kind": "home",
            "lat": CENTRE[0] + dice.uniform(-1700, 1700) / METRES_PER_DEGREE,
            "lon": CENTRE[1] + dice.uniform(-1700, 1700) / METRES_PER_DEGREE * 2,
        }
        hours = dice.choice([None] * 5 + ["Mo-Fr 08:00-18:00", "Sa-Su 08:00-18:00"])
        person = {
            "external_id": f"p{number}",
            "name": f"P{number}",
            "phone": f"+4477009{10_000 + number}",
            "places": [place | ({"hours": hours} if hours else {})],
            "certifications": dice.choice(
                [[{"type": "cpr"}]] * 6
                + [[], [{"type": "identity"}], [{"type": "cpr", "expires": "2026-11-20"}], [{"type": "medical"}]]
            ),
            "consent_at": dice.choice(["2026-01-01"] * 9 + [None]),
            "available": dice.random() < 0.9,
            "transport": dice.choice(["foot", "foot", "bike", "car"]),
        }
        world.append(person)
    context = Context.of(services.settings)
    numbers = moving_in.all_of(services, town.geocoder, [ResponderInput.read(person, context) for person in world])
    return [person | {"number": number} for person, number in zip(world, numbers, strict=True)]


def brute(person: dict[str, Any]) -> list[tuple[float, int, str]]:
    """Distance, travel time and reason of one person, worked out from what was said of them; empty beyond the ceiling."""
    place = person["places"][0]
    metres = distance_m(*CENTRE, place["lat"], place["lon"])
    if metres > 1500:
        return []
    pace = DETOUR_FACTOR / SPEED_M_PER_S[person["transport"]][1]
    eta_s = ceil(SET_OFF_S[person["transport"]] + metres * pace)
    return [(metres, eta_s, against(person, place, eta_s))]


def against(person: dict[str, Any], place: dict[str, Any], eta_s: int) -> str:
    kinds = [one["type"] for one in person["certifications"] if one["type"] in ("cpr", "first_aid", "medical")]
    north_m = (place["lat"] - CENTRE[0]) * METRES_PER_DEGREE
    east = abs(place["lon"] - CENTRE[1]) * METRES_PER_DEGREE
    table = [
        ("not_certified", not kinds),
        ("certification_lapsed", any("expires" in one for one in person["certifications"])),
        ("no_consent", person["consent_at"] is None),
        ("off", not person["available"]),
        ("outside_hours", place.get("hours") == "Sa-Su 08:00-18:00"),
        ("outside_zone", 220 <= north_m <= 380 and east <= 160),
        ("too_far", eta_s > 600),
        ("after_ambulance", eta_s > 500),
    ]
    return next((reason for reason, holds in table if holds), "others_sooner")


def test_the_reasons_survive_as_ids_only(town: Town) -> None:
    town.volunteer("Off", 100, available=False)
    town.emergency()
    explained(town)
    with town.services.read() as session:
        incident = session.get_one(Incident, town.incidents[-1])
        assert incident.explained_waves == 0
    assert "Off" not in str(town.incident()["events"])
