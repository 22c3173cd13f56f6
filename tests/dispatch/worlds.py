"""Random worlds with people around a spot, and the brute force that looks at every one of them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from core import clock as clock_module
from dispatch import states
from dispatch.plans import Plan, Reach
from geo.distance import distance_m
from geo.travel import StraightLine

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
    person.places.append(("home", *near(rng, lat, lon, spread_m), home_hours))
    if rng.random() < 0.4:
        person.places.append(("work", *near(rng, lat, lon, spread_m), rng.choice(("Mo-Fr 08:00-16:00", "Sa,Su"))))
    return person


def near(rng: random.Random, lat: float, lon: float, spread_m: float) -> tuple[float, float]:
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


def plain(number: int, metres: float) -> Person:
    """Somebody on foot so many metres north of the town, against whom nothing speaks."""
    lat, lon = SPOTS["town"]
    home = ("home", lat + metres / 111_412.0, lon, None)
    return Person(number, "foot", True, True, False, "active", None, {"cpr": None}, 1, [home])
