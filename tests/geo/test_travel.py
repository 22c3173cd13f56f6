"""Travel times grow with the distance, differ by transport and density, and are never absurd."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.travel import StraightLine

densities = st.one_of(st.none(), st.integers(0, 50_000))
transports = st.sampled_from(["foot", "bike", "car"])
distances = st.floats(0, 20_000)


@given(densities, transports, distances, distances)
def test_farther_is_never_sooner(density: int | None, transport: str, one_m: float, other_m: float) -> None:
    travel = StraightLine(density)
    near_m, far_m = sorted((one_m, other_m))
    assert travel.estimate_s(near_m, transport) <= travel.estimate_s(far_m, transport)


@given(densities, transports, distances, st.integers(0, 3600))
def test_who_arrives_in_time_is_within_the_fastest_reach(
    density: int | None, transport: str, distance_m: float, seconds: int
) -> None:
    travel = StraightLine(density)
    if travel.estimate_s(distance_m, transport) <= seconds:
        assert distance_m <= travel.fastest_reach_m(seconds)


@pytest.mark.parametrize(
    ("density", "transport", "distance_m", "seconds"),
    [
        (None, "foot", 0, 0),
        (None, "foot", 600, 500),
        (9000, "foot", 600, 500),
        (100, "foot", 600, 500),
        (9000, "bike", 620, 345),
        (8000, "bike", 600, 295),
        (None, "bike", 600, 295),
        (1500, "bike", 600, 295),
        (1499, "bike", 560, 245),
        (8001, "car", 800, 390),
        (None, "car", 1400, 390),
        (1000, "car", 2200, 390),
    ],
)
def test_what_a_way_takes(density: int | None, transport: str, distance_m: float, seconds: int) -> None:
    assert StraightLine(density).estimate_s(distance_m, transport) == seconds


def test_an_unknown_transport_is_refused() -> None:
    with pytest.raises(KeyError):
        StraightLine().estimate_s(100, "horse")


def test_nobody_arrives_before_the_time_has_begun() -> None:
    assert StraightLine().fastest_reach_m(-5) == 0.0
