"""Choosing equals looking at everybody: on random worlds, at the poles and the date line too, the search finds the soonest."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clock import HandClock
from core.database import Database
from core.services import Services
from dispatch import candidates, states
from responder import rules
from tests.dispatch.worlds import NIGHT, NOON, PLANS, SPOTS, Found, World, brute_force, near, plain, random_world
from tests.dispatch.worlds_written import write_down


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
    people = [plain(number + 1, 0) for number in range(150)]
    for person in people:
        person.places, person.transport = [("home", *near(rng, lat, lon, 300), None)], "car"
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
    near = [plain(number, 100 + number) for number in range(1, 13)]
    stood_down = plain(20, 500)
    world = World(*SPOTS["town"], PLANS[0], [*near, stood_down], None, None)
    write_down(services, world)
    found = find(services, world, 600, NOON, 7, {20: "stood_down"}, 0)
    assert [one.id for one in found] == [20]


def test_the_soonest_and_not_the_nearest_is_found(services: Services) -> None:
    """A car from 900 m is there before someone on foot from 700 m: 283 s against 584 s."""
    walker, driver = plain(1, 700), plain(2, 900)
    driver.transport = "car"
    world = World(*SPOTS["town"], PLANS[0], [walker, driver], None, None)
    write_down(services, world)
    assert [one.id for one in find(services, world, 600, NOON, 1, {}, 100)] == [2]


@pytest.mark.parametrize("limit", [0, -1])
def test_nobody_is_looked_for_when_nobody_is_wanted(database: Database, services: Services, limit: int) -> None:
    world = World(*SPOTS["town"], PLANS[0], [plain(1, 10)], None, None)
    write_down(services, world)
    assert find(services, world, 600, NOON, limit, {}, 100) == []


def test_an_ambulance_that_is_there_leaves_nobody_to_ask(services: Services, clock: HandClock) -> None:
    """Reach 0 s: not even who stands at the door."""
    at_the_door = plain(1, 0)
    world = World(*SPOTS["town"], PLANS[0], [plain(2, 5), at_the_door], None, None)
    write_down(services, world)
    late = clock.now() - timedelta(seconds=30)
    reach_s = candidates.reach_s(world.plan, late, clock.now())
    assert reach_s == 0
    assert [one.id for one in find(services, world, reach_s, NOON, 7, {}, 100)] == [1]
