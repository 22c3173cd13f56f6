"""Roles, and who is still wanted: tables and properties of the pure decisions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch import coverage, states
from dispatch.coverage import ASKING, ENDED, FILLED, HELD

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ROLES = ("direct", "direct", "guide")


@dataclass(frozen=True)
class Fake:
    state: str
    role: str | None = None
    set_out_at: datetime | None = None
    eta_s: int = 0
    at_old_address: bool = False


def coming(there_in_s: int, role: str = "direct", answered_s_ago: int = 60) -> Fake:
    """Somebody on the way who will be there `there_in_s` from now, having answered a while ago."""
    return Fake(states.ACCEPTED, role, NOW - timedelta(seconds=answered_s_ago), there_in_s + answered_s_ago)


def at_old_address(there_in_s: int) -> Fake:
    """Somebody who said 3 at a door that turned out to be wrong, and will be at the right one `there_in_s` from now."""
    return Fake(states.ON_SCENE, "direct", NOW, there_in_s, at_old_address=True)


@pytest.mark.parametrize(
    ("held", "left"),
    [
        ([], ["direct", "direct", "guide"]),
        ([(states.ACCEPTED, "direct")], ["direct", "guide"]),
        ([(states.ACCEPTED, "direct"), (states.ON_SCENE, "direct")], ["guide"]),
        ([(states.ACCEPTED, "guide")], ["direct", "direct"]),
        ([(states.FINISHED, "direct"), (states.FINISHED, "direct"), (states.FINISHED, "guide")], []),
        ([(states.DECLINED, "direct"), (states.STOOD_DOWN, "guide"), (states.ALERTED, None)], ["direct", "direct", "guide"]),
        ([(states.ACCEPTED, "direct")] * 4, ["guide"]),
        ([(states.ACCEPTED, "aed")], ["direct", "direct", "guide"]),
    ],
)
def test_the_roles_that_nobody_holds(held: list[tuple[str, str | None]], left: list[str]) -> None:
    callouts = [Fake(state, role) for state, role in held]
    assert coverage.unfilled(ROLES, callouts) == left
    assert coverage.next_role(ROLES, callouts) == (left[0] if left else "direct")


@pytest.mark.parametrize(
    ("held", "only", "role"),
    [
        ([], "guide", "guide"),
        (["direct", "direct"], "guide", "guide"),
        (["guide"], "guide", None),
        (["direct", "direct", "guide"], "guide", None),
        ([], "aed", None),  # no role of this plan
        (["guide"], None, "direct"),
    ],
)
def test_whoever_may_have_one_role_alone_gets_that_one_or_none(held: list[str], only: str | None, role: str | None) -> None:
    assert coverage.next_role(ROLES, [Fake(states.ACCEPTED, one) for one in held], only) == role


@pytest.mark.parametrize(
    ("asking", "callouts", "eta_s", "wanted"),
    [
        (ASKING, [], 600, True),
        (ASKING, [Fake(states.ON_SCENE, "direct")], 600, True),
        (ENDED, [], 10, False),
        (HELD, [], 10, False),
        (FILLED, [], 600, True),
        (FILLED, [coming(300), coming(400)], 239, True),
        (FILLED, [coming(300), coming(400)], 240, False),  # exactly 60 s sooner is not more than 60 s sooner
        (FILLED, [coming(300), coming(100)], 200, False),  # sooner than one, not than each
        (FILLED, [coming(300), Fake(states.ON_SCENE, "direct")], 10, False),
        (FILLED, [at_old_address(300)], 239, True),  # a 3 said before the address was corrected turns nobody away
        (FILLED, [at_old_address(300)], 240, False),
        (FILLED, [coming(300), Fake(states.FINISHED, "direct")], 10, True),
        (FILLED, [coming(300), Fake(states.DECLINED), Fake(states.ALERTED), Fake(states.STOOD_DOWN)], 10, True),
        (FILLED, [coming(-200)], 10, False),  # should have been there long ago
    ],
)
def test_who_is_wanted(asking: str, callouts: list[Fake], eta_s: int, wanted: bool) -> None:
    assert coverage.is_wanted(asking, callouts, eta_s, NOW) is wanted


CALLOUTS = st.lists(
    st.builds(
        Fake,
        st.sampled_from(states.STATES),
        st.sampled_from([None, "direct", "guide", "aed"]),
        st.integers(0, 600).map(lambda ago_s: NOW - timedelta(seconds=ago_s)),
        st.integers(0, 1200),
    ),
    max_size=12,
)
PLAN_ROLES = st.lists(st.sampled_from(["direct", "aed", "guide"]), max_size=6)


@given(PLAN_ROLES, CALLOUTS)
def test_held_and_unfilled_roles_make_up_the_plan(roles: list[str], callouts: list[Fake]) -> None:
    left = Counter(coverage.unfilled(roles, callouts))
    held = Counter(one.role for one in callouts if one.state in states.FILLING)
    assert left == Counter(roles) - held


@given(PLAN_ROLES, CALLOUTS)
def test_each_who_accepts_fills_one_more_role_until_all_are(roles: list[str], callouts: list[Fake]) -> None:
    before = coverage.unfilled(roles, callouts)
    taken = Fake(states.ACCEPTED, coverage.next_role(roles, callouts))
    assert len(coverage.unfilled(roles, [*callouts, taken])) == max(0, len(before) - 1)


@given(PLAN_ROLES, CALLOUTS)
def test_a_4_is_no_drop_out(roles: list[str], callouts: list[Fake]) -> None:
    gone = [Fake(states.FINISHED, one.role) if one.state in states.BOUND else one for one in callouts]
    assert coverage.unfilled(roles, gone) == coverage.unfilled(roles, callouts)


@given(st.sampled_from([ASKING, FILLED, ENDED, HELD]), CALLOUTS, st.integers(0, 1200), st.integers(0, 600))
def test_whoever_is_nearer_is_wanted_at_least_as_much(asking: str, callouts: list[Fake], eta_s: int, nearer_s: int) -> None:
    if coverage.is_wanted(asking, callouts, eta_s, NOW):
        assert coverage.is_wanted(asking, callouts, max(0, eta_s - nearer_s), NOW)
