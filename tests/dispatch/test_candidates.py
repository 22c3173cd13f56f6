"""Choosing equals looking at everybody: on random worlds, at the poles and the date line too, the search finds the soonest."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from core import clock as clock_module
from core import ids
from core.clock import HandClock
from core.database import Database
from core.services import Services
from dispatch import candidates, plans, states
from dispatch.models import Callout, Incident
from dispatch.plans import Plan, Reach
from geo.distance import distance_m
from geo.models import EXCLUSION, SERVICE_AREA, Zone
from geo.travel import StraightLine
from responder import index, rules
from responder.models import Certification, Place, ReachablePlace, Responder
from sms.models import Contact

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
"""Monday 14:00 and Tuesday 03:00 in Helsinki."""
HOLDS = {None: (True, True), "Mo-Fr 08:00-16:00": (True, False), "Mo-Su 22:00-06:00": (False, True), "Sa,Su": (False, False)}
"""Hours, and whether they hold at NOON and at NIGHT."""
SPOTS = {
    "town": (60.17, 24.94),
    "equator": (0.0, 30.0),
    "north pole": (90.0, 0.0),
    "near the north pole": (89.9995, 120.0),
    "south pole": (-90.0, 0.0),
    "date line": (-16.5, 180.0),
    "west of the date line": (-16.5, -179.9995),
    "north on the date line": (71.2, 179.9999),
    "a pentagon": (58.397145907431, 11.177405),
}
PLANS = (
    Plan(type="any", any_of=("cpr", "medical")),
    Plan(type="both", all_of=("identity",), any_of=("cpr",), reach=Reach(travel_s=300, ceiling_m=800)),
    Plan(type="rural", any_of=("cpr", "medical"), reach=Reach(travel_s=900, ceiling_m=5000)),
)


@dataclass
class Person:
    """Somebody as the brute force sees them."""

    id: int
    transport: str
    night_alerts: bool
    consented: bool
    opted_out: bool
    membership: str
    off_until: datetime | None
    certified_until: dict[str, datetime | None]
    agency_id: int
    places: list[tuple[str, float, float, str | None]] = field(default_factory=list)
    elsewhere: str | None = None
    """The state of a callout of theirs at another incident."""
    spared: bool = False

    def may_be_asked(self, kind: str, hours: str | None, plan: Plan, now: datetime) -> bool:
        """Every rule of the issue, in plain words."""
        night = now == NIGHT
        good = {name for name, until in self.certified_until.items() if until is None or until >= now}
        return (
            self.consented
            and not self.opted_out
            and self.membership == "active"
            and (self.off_until is None or self.off_until <= now)
            and set(plan.all_of) <= good
            and bool(set(plan.any_of) & good)
            and self._holds(kind, hours, night)
            and not (night and kind == "home" and not self.night_alerts)
            and self.elsewhere not in ("accepted", "on_scene")
        )

    def _holds(self, kind: str, hours: str | None, night: bool) -> bool:
        if kind == "home" and hours is None:
            work = next((of_work for name, _, _, of_work in self.places if name == "work"), None)
            return work is None or not HOLDS[work][night]
        return HOLDS[hours][night]


@dataclass
class World:
    """A place on Earth with people around it."""

    lat: float
    lon: float
    plan: Plan
    people: list[Person]
    exclusion: tuple[float, float, float, float] | None
    """South, west, north, east."""
    area: tuple[float, float, float, float] | None

    def inside(self, lat: float, lon: float) -> bool:
        """Whether somebody there may be asked as far as zones go."""
        return (self.area is None or _within(self.area, lat, lon)) and not (
            self.exclusion is not None and _within(self.exclusion, lat, lon)
        )


class Found(NamedTuple):
    """Who was found, sorting best first."""

    asked_elsewhere: bool
    spared: bool
    eta_s: int
    distance_m: int
    id: int


def brute_force(world: World, reach_s: int, now: datetime, limit: int, asked: Mapping[int, str], newcomers: int) -> list[Found]:
    """Look at everybody, sort, and take the first."""
    travel = StraightLine(None)
    best: dict[int, Found] = {}
    for person in world.people:
        if person.agency_id != 1 or asked.get(person.id, "stood_down") != "stood_down":
            continue
        for kind, lat, lon, hours in person.places:
            metres = distance_m(world.lat, world.lon, lat, lon)
            eta_s = travel.estimate_s(metres, person.transport)
            if metres > world.plan.reach.ceiling_m or eta_s > reach_s or not world.inside(lat, lon):
                continue
            if person.may_be_asked(kind, hours, world.plan, now):
                elsewhere = person.elsewhere in ("queued", "alerted", "unclear")
                one = Found(elsewhere, person.spared, eta_s, round(metres), person.id)
                best[person.id] = min(one, best.get(person.id, one))
    others_free = sum(not one.spared and not one.asked_elsewhere for one in best.values())
    taken: list[Found] = []
    for one in sorted(one for one in best.values() if others_free < 3 or not one.spared):
        new = one.id not in asked
        if len(taken) < limit and (newcomers > 0 or not new):
            taken.append(one)
            newcomers -= new
    return taken


def random_world(rng: random.Random, spot: str) -> World:
    """People thick and thin around a spot, some in clumps, some exactly at it, a few far beyond reach."""
    lat, lon = SPOTS[spot]
    spread_m = rng.choice((60, 400, 1500, 6000))
    people = [_random_person(rng, number + 1, lat, lon, spread_m) for number in range(rng.choice((0, 5, 20, 60, 120)))]
    exclusion = area = None
    if spot in ("town", "equator") and rng.random() < 0.5:
        exclusion = _box(rng, lat, lon, spread_m / 2, off_centre=True)
    if spot in ("town", "equator") and rng.random() < 0.3:
        area = _box(rng, lat, lon, spread_m, off_centre=False)
    return World(lat, lon, rng.choice(PLANS), people, exclusion, area)


def _random_person(rng: random.Random, number: int, lat: float, lon: float, spread_m: float) -> Person:
    until = rng.choice((None, None, NOON - timedelta(days=1), NOON, NIGHT + timedelta(days=100)))
    types = rng.sample(("cpr", "medical", "identity", "first_aid"), rng.randint(1, 4))
    person = Person(
        id=number,
        transport=rng.choice(("foot", "foot", "bike", "car")),
        night_alerts=rng.random() < 0.6,
        consented=rng.random() < 0.95,
        opted_out=rng.random() < 0.05,
        membership=rng.choice((*["active"] * 38, "suspended", "deactivated")),
        off_until=rng.choice((*[None] * 8, NOON - timedelta(1), NOON, NIGHT + timedelta(9), clock_module.FOREVER)),
        certified_until={name: until if rng.random() < 0.3 else None for name in types},
        agency_id=1 if rng.random() < 0.95 else 2,
        elsewhere=rng.choice((*[None] * 12, *states.STATES)),
        spared=rng.random() < 0.2,
    )
    home_hours = rng.choice((None, None, None, "Mo-Su 22:00-06:00"))
    person.places.append(("home", *_near(rng, lat, lon, spread_m), home_hours))
    if rng.random() < 0.4:
        person.places.append(("work", *_near(rng, lat, lon, spread_m), rng.choice(("Mo-Fr 08:00-16:00", "Sa,Su"))))
    return person


def _near(rng: random.Random, lat: float, lon: float, spread_m: float) -> tuple[float, float]:
    """A random place around another, over a pole and across the date line if need be; now and then exactly there."""
    if rng.random() < 0.03:
        return lat, lon
    d_lat = rng.gauss(0, spread_m) / 111_000
    if abs(lat) > 89:
        return max(-90.0, min(90.0, lat - abs(d_lat) * (1 if lat > 0 else -1))), rng.uniform(-180, 180)
    d_lon = rng.gauss(0, spread_m) / (111_000 * max(0.02, abs(_cos(lat))))
    return lat + d_lat, (lon + d_lon + 180.0) % 360.0 - 180.0


def _cos(lat: float) -> float:
    return (90.0 - abs(lat)) / 90.0


def _box(rng: random.Random, lat: float, lon: float, half_m: float, *, off_centre: bool) -> tuple[float, float, float, float]:
    d = half_m / 111_000
    shift = rng.uniform(-2 * d, 2 * d) if off_centre else 0.0
    return lat - d + shift, lon - d + shift, lat + d + shift, lon + d + shift


def _within(box: tuple[float, float, float, float], lat: float, lon: float) -> bool:
    return box[0] <= lat <= box[2] and box[1] <= lon <= box[3]


def write_down(services: Services, world: World) -> None:
    """Put a world into the database, as imports do, and the index made by the room itself."""
    with services.write() as session:
        for model in (Callout, Incident, ReachablePlace, Certification, Place, Responder, Contact, Zone):
            session.execute(delete(model))
        elsewhere = _elsewhere(session, world)
        rows = {
            Contact: [_contact(person) for person in world.people],
            Responder: [_responder(person) for person in world.people],
            Certification: [row for person in world.people for row in _certifications(person)],
            Place: [row for person in world.people for row in _places(person)],
        }
        for model, of_model in rows.items():
            if of_model:
                session.execute(insert(model), of_model)
        session.add_all(_callout(elsewhere, person) for person in world.people if person.elsewhere is not None)
        for kind, box in ((SERVICE_AREA, world.area), (EXCLUSION, world.exclusion)):
            if box is not None:
                session.add(Zone(kind=kind, name=kind, polygon=_polygon(*box)))
        index.refresh(session, [person.id for person in world.people])


def _contact(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "phone": f"+4477009{person.id:05d}",
        "language": "en",
        "opted_out_at": NOON if person.opted_out else None,
        "created_at": NOON,
    }


def _responder(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "agency_id": person.agency_id,
        "external_id": f"p{person.id}",
        "membership": person.membership,
        "name": "P",
        "sort_name": "p",
        "contact_id": person.id,
        "transport": person.transport,
        "night_alerts": person.night_alerts,
        "consent_at": NOON if person.consented else None,
        "off_until": person.off_until,
        "spared_until": NIGHT + timedelta(hours=1) if person.spared else NOON,
        "created_at": NOON,
    }


def _certifications(person: Person) -> Iterator[dict[str, Any]]:
    for name, until in person.certified_until.items():
        yield {"responder_id": person.id, "type": name, "expires_at": until, "verified_at": NOON}
    yield {"responder_id": person.id, "type": "medical", "expires_at": None, "verified_at": None}


def _places(person: Person) -> Iterator[dict[str, Any]]:
    for kind, lat, lon, hours in person.places:
        yield {"responder_id": person.id, "kind": kind, "lat": lat, "lon": lon, "hours": hours}


def _elsewhere(session: Any, world: World) -> Incident:
    plan = plans.save(session, Plan(type="other", any_of=("cpr",)), True)
    incident = Incident(
        id=ids.new_id(),
        code="BCDFG",
        type="other",
        plan=plan,
        asking="asking",
        lat=world.lat,
        lon=world.lon,
        placed_at=NOON,
        hazards=[],
        door_code="4711",
        opened_at=NOON,
        opened_by="test",
    )
    session.add(incident)
    session.flush()
    return incident


def _callout(incident: Incident, person: Person) -> Callout:
    return Callout(
        id=ids.new_id(),
        incident_id=incident.id,
        responder_id=person.id,
        letter="A",
        state=person.elsewhere,
        wave=1,
        distance_m=1,
        eta_s=1,
        transport="foot",
        reason="for the test",
        queued_at=NOON,
        expires_at=NOON,
    )


def _polygon(south: float, west: float, north: float, east: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def find(
    services: Services, world: World, reach_s: int, now: datetime, limit: int, asked: Mapping[int, str], newcomers: int
) -> list[Found]:
    """The function that texts real people, for this world."""
    moment = rules.moment(now, services.settings.zone_info, "FI")
    question = candidates.Question(1, "an incident", world.lat, world.lon, world.plan, reach_s, moment)
    with services.read() as session:
        found = candidates.find(session, question, limit, asked, newcomers)
    return [Found(one.asked_elsewhere, one.spared, one.eta_s, one.distance_m, one.responder_id) for one in found]


@pytest.mark.parametrize("spot", SPOTS)
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_the_search_finds_what_looking_at_everybody_finds(services: Services, spot: str, seed: int) -> None:
    rng = random.Random(seed)
    world = random_world(rng, spot)
    write_down(services, world)
    for now in (NOON, NIGHT):
        for limit in (1, 7, 30):
            known = rng.sample(world.people, min(len(world.people), rng.choice((0, 3, 20))))
            asked = {person.id: rng.choice((*states.STATES, *["stood_down"] * 6)) for person in known}
            newcomers = rng.choice((0, 1, 5, 100))
            reach_s = rng.choice((0, 60, 240, world.plan.reach.travel_s))
            expected = brute_force(world, reach_s, now, limit, asked, newcomers)
            assert find(services, world, reach_s, now, limit, asked, newcomers) == expected


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_in_a_crowd_of_equals_the_search_stops_no_ring_too_early(services: Services, seed: int) -> None:
    """Everybody may be asked and drives, as the search must allow for: the last of the best is often just beyond a border."""
    rng = random.Random(seed)
    lat, lon = SPOTS["town"][0] + rng.uniform(-0.01, 0.01), SPOTS["town"][1] + rng.uniform(-0.01, 0.01)
    people = [_plain(number + 1, 0) for number in range(150)]
    for person in people:
        person.places, person.transport = [("home", *_near(rng, lat, lon, 300), None)], "car"
    world = World(lat, lon, PLANS[0], people, None, None)
    write_down(services, world)
    for limit in range(1, 60, 5):
        assert find(services, world, 600, NOON, limit, {}, 100) == brute_force(world, 600, NOON, limit, {}, 100)


def test_the_random_worlds_are_worth_looking_at() -> None:
    """Guards the generator: worlds in which nobody can be asked prove nothing."""
    sizes = []
    for seed in range(60):
        rng = random.Random(seed)
        world = random_world(rng, rng.choice(list(SPOTS)))
        sizes.append(len(brute_force(world, 600, NOON, 30, {}, 100)))
    assert sum(size >= 7 for size in sizes) >= 15
    assert sum(0 < size < 7 for size in sizes) >= 8


def test_once_nobody_new_may_be_asked_those_stood_down_are_found_behind_them(services: Services) -> None:
    """The most that one incident may ask are asked; someone who was stood down lives behind people never asked."""
    near = [_plain(number, 100 + number) for number in range(1, 13)]
    stood_down = _plain(20, 500)
    world = World(*SPOTS["town"], PLANS[0], [*near, stood_down], None, None)
    write_down(services, world)
    found = find(services, world, 600, NOON, 7, {20: "stood_down"}, 0)
    assert [one.id for one in found] == [20]


def test_the_soonest_and_not_the_nearest_is_found(services: Services) -> None:
    """A car from 900 m is there before someone on foot from 700 m: 283 s against 584 s."""
    walker, driver = _plain(1, 700), _plain(2, 900)
    driver.transport = "car"
    world = World(*SPOTS["town"], PLANS[0], [walker, driver], None, None)
    write_down(services, world)
    assert [one.id for one in find(services, world, 600, NOON, 1, {}, 100)] == [2]


@pytest.mark.parametrize("limit", [0, -1])
def test_nobody_is_looked_for_when_nobody_is_wanted(database: Database, services: Services, limit: int) -> None:
    world = World(*SPOTS["town"], PLANS[0], [_plain(1, 10)], None, None)
    write_down(services, world)
    assert find(services, world, 600, NOON, limit, {}, 100) == []


def test_an_ambulance_that_is_there_leaves_nobody_to_ask(services: Services, clock: HandClock) -> None:
    """Reach 0 s: not even who stands at the door."""
    at_the_door = _plain(1, 0)
    world = World(*SPOTS["town"], PLANS[0], [_plain(2, 5), at_the_door], None, None)
    write_down(services, world)
    late = clock.now() - timedelta(seconds=30)
    reach_s = candidates.reach_s(world.plan, late, clock.now())
    assert reach_s == 0
    assert [one.id for one in find(services, world, reach_s, NOON, 7, {}, 100)] == [1]


def _plain(number: int, metres: float) -> Person:
    lat, lon = SPOTS["town"]
    home = ("home", lat + metres / 111_412.0, lon, None)
    return Person(number, "foot", True, True, False, "active", None, {"cpr": None}, 1, [home])
