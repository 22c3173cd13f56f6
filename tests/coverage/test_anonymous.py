"""Nothing that is shown, and no difference between two things that are, tells of fewer than five people."""

from __future__ import annotations

import h3.api.basic_int as h3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.coverage import anonymous
from responder.coverage.anonymous import FEWEST

PEOPLE = st.integers(1, 60)
CELLS = h3.grid_disk(h3.latlng_to_cell(60.17, 24.94, 8), 4)
TOWNS = st.dictionaries(st.sampled_from(CELLS), st.frozensets(PEOPLE, max_size=12), max_size=len(CELLS))


def parent(cell: int) -> int:
    return int(h3.cell_to_parent(cell, h3.get_resolution(cell) - 1))


@pytest.mark.parametrize(("people", "is_shown"), [(0, None), (1, None), (4, None), (5, 5), (9, 5), (10, 10), (104, 100)])
def test_a_count_is_shown_in_fives(people: int, is_shown: int | None) -> None:
    assert anonymous.shown(people) == is_shown


@pytest.mark.parametrize(
    ("km2", "per_km2", "people"), [(0.0, 10, 5), (0.4, 10, 5), (0.5, 10, 5), (0.51, 10, 10), (2.5, 10, 25), (2.6, 10, 30)]
)
def test_what_is_needed_is_rounded_up_to_fives(km2: float, per_km2: int, people: int) -> None:
    assert anonymous.needed(km2, per_km2) == people


@given(st.integers(0, 500), st.floats(0, 60), st.integers(1, 100))
def test_what_is_shown_says_whether_it_is_enough_as_the_people_would(people: int, km2: float, per_km2: int) -> None:
    needed = anonymous.needed(km2, per_km2)
    assert ((anonymous.shown(people) or 0) >= needed) == (people >= needed)
    if (anonymous.shown(people) or 0) >= needed:
        assert people >= round(km2 * per_km2, 6), "cover that is not there is never claimed"


@given(st.integers(0, 500), st.integers(0, 500))
def test_no_difference_tells_of_fewer_than_five(one: int, other: int) -> None:
    difference = abs((anonymous.shown(one) or 0) - (anonymous.shown(other) or 0))
    assert difference == 0 or difference >= FEWEST
    assert difference % FEWEST == 0, "so that differences of differences tell no more"


@given(TOWNS, st.integers(0, 3))
def test_every_cell_is_in_one_group_with_all_its_people(town: dict[int, frozenset[int]], levels: int) -> None:
    groups = anonymous.joined(town, parent, levels)
    assert sorted(cell for group in groups for cell in group.cells) == sorted(town)
    for group in groups:
        assert group.people == frozenset().union(*(town[cell] for cell in group.cells))


@given(TOWNS, st.integers(0, 3))
def test_only_those_are_joined_who_are_too_few(town: dict[int, frozenset[int]], levels: int) -> None:
    for group in anonymous.joined(town, parent, levels):
        if len(group.cells) > 1:
            assert all(len(town[cell]) < FEWEST for cell in group.cells)
            assert len({h3.cell_to_parent(cell, 8 - levels) for cell in group.cells}) == 1


@given(TOWNS)
def test_the_order_in_which_people_are_read_makes_no_difference(town: dict[int, frozenset[int]]) -> None:
    backwards = dict(reversed(town.items()))
    assert set(map(_as_set, anonymous.joined(town, parent, 2))) == set(map(_as_set, anonymous.joined(backwards, parent, 2)))


def _as_set(group: anonymous.Group) -> tuple[frozenset[int], frozenset[int]]:
    return frozenset(group.cells), group.people
