"""How many to ask next: tables and properties of the pure decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch import states, waves
from dispatch.plans import REPLACE, STOCKHOLM
from dispatch.waves import ELSEWHERE, Need

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Fake:
    state: str
    alerted_at: datetime | None = None
    replaced_at: datetime | None = None
    stood_down_as: str | None = None


def alerted(seconds_ago: float, state: str = states.ALERTED, replaced: bool = False) -> Fake:
    return Fake(state, NOW - timedelta(seconds=seconds_ago), NOW if replaced else None)


@pytest.mark.parametrize(
    ("callout", "owes"),
    [
        (Fake(states.QUEUED), False),
        (alerted(29), False),
        (alerted(30), True),
        (alerted(30, states.UNCLEAR), True),
        (alerted(29, states.UNCLEAR), False),
        (Fake(states.UNCLEAR), False),
        (alerted(300, replaced=True), False),
        (Fake(states.DECLINED), True),
        (Fake(states.FAILED), True),
        (Fake(states.EXPIRED), True),
        (Fake(states.DECLINED, replaced_at=NOW), False),
        (Fake(states.EXPIRED, replaced_at=NOW), False),
        (alerted(300, states.ACCEPTED), False),
        (alerted(300, states.ON_SCENE), False),
        (alerted(300, states.FINISHED), False),
        (Fake(states.STOOD_DOWN, stood_down_as="covered"), False),
        (Fake(states.STOOD_DOWN, stood_down_as=ELSEWHERE), True),
        (Fake(states.STOOD_DOWN, stood_down_as=ELSEWHERE, replaced_at=NOW), False),
    ],
)
def test_who_brings_the_next_soonest(callout: Fake, owes: bool) -> None:
    assert waves.owes_a_replacement(callout, REPLACE, NOW) is owes


@pytest.mark.parametrize(
    ("found", "playing", "need", "asked"),
    [
        (40, 0, Need(7, True, 30), 7),
        (10, 0, Need(7, True, 30), 7),
        (9, 0, Need(7, True, 30), 9),
        (3, 0, Need(7, True, 30), 3),
        (0, 0, Need(7, True, 30), 0),
        # A new start: those still coming count as in reach.
        (8, 2, Need(5, True, 20), 5),
        (7, 2, Need(5, True, 20), 7),
        # A replacement is one for one, however few there are.
        (5, 0, Need(1, False, 20), 1),
        (0, 3, Need(2, False, 20), 0),
    ],
)
def test_how_many_of_those_found_are_asked(found: int, playing: int, need: Need, asked: int) -> None:
    assert waves.ask(need, REPLACE, found, playing) == asked


def test_a_first_wave_looks_far_enough_to_tell_whether_few_are_in_reach() -> None:
    assert waves.look_for(waves.need(REPLACE, [], NOW, starting=True), REPLACE) == 10
    assert waves.look_for(Need(2, False, 30), REPLACE) == 2


def test_stockholm_asks_for_as_many_as_it_may() -> None:
    assert waves.need(STOCKHOLM, [], NOW, starting=True) == Need(100, True, 100)


CALLOUTS = st.lists(
    st.builds(
        Fake,
        st.sampled_from(states.STATES),
        st.none() | st.integers(0, 90).map(lambda ago_s: NOW - timedelta(seconds=ago_s)),
        st.sampled_from([None, NOW]),
        st.sampled_from([None, ELSEWHERE, "covered"]),
    ),
    max_size=45,
)


@given(CALLOUTS, st.booleans())
def test_never_more_newcomers_than_one_incident_may_ask(callouts: list[Fake], starting: bool) -> None:
    need = waves.need(REPLACE, callouts, NOW, starting=starting)
    assert need.newcomers >= 0
    assert len(callouts) + need.newcomers <= max(REPLACE.most_asked, len(callouts))
    assert need.people >= 0
    assert need.fill is starting


@given(CALLOUTS)
def test_silence_adds_people_and_an_answer_in_time_adds_none(callouts: list[Fake]) -> None:
    """Time alone never lowers what is owed, and once everything owed is settled nothing is."""
    now_need = waves.need(REPLACE, callouts, NOW, starting=False).people
    later_need = waves.need(REPLACE, callouts, NOW + timedelta(seconds=30), starting=False).people
    assert now_need <= later_need
    settled = [Fake(one.state, one.alerted_at, NOW, one.stood_down_as) for one in callouts]
    assert waves.need(REPLACE, settled, NOW, starting=False).people == 0


@given(CALLOUTS)
def test_a_new_start_fills_up_to_seven_in_play(callouts: list[Fake]) -> None:
    playing = waves.in_play(callouts, REPLACE, NOW)
    assert waves.need(REPLACE, callouts, NOW, starting=True).people == max(0, 7 - playing)
    assert playing <= len(callouts)


@given(st.builds(Need, st.integers(0, 30), st.booleans(), st.integers(0, 30)), st.integers(0, 40), st.integers(0, 40))
def test_asks_only_people_who_were_found_and_at_least_those_needed(need: Need, found: int, playing: int) -> None:
    asked = waves.ask(need, REPLACE, found, playing)
    assert min(found, need.people) <= asked <= found
