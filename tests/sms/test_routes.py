"""Which way a text takes, how fast each way is, and when a carrier counts as well: tables of pure decisions."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings import load
from sms.carriers.judging import FIRST_SHARE, LONGEST_REST, Health, Tally, judge, rest
from sms.carriers.models import DOWN, TRIAL, UP
from sms.carriers.rates import segments_per_s
from sms.carriers.routes import ANDROID, TWILIO, Route, Standing, Wish, in_order, routes_of
from sms.purposes import ADDRESS, FIRST, PRIORITY

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ONE, TWO, PHONE = Route(TWILIO, "+1", 1), Route(TWILIO, "+2", 1), Route(ANDROID, "+3", 1)
ALL = (ONE, TWO, PHONE)


def wish(**more: Any) -> Wish:
    return Wish(**{"message_id": "m", "phone": "+358401234567", "priority": PRIORITY[FIRST]} | more)


@pytest.mark.parametrize(
    ("sender", "rate"),
    [
        ("+18005550100", 3),
        ("+18885550100", 3),
        ("+14155550100", 1),
        ("12345", 100),
        ("+358401234567", 10),
        ("Doorstep", 10),
        ("MG" + "0" * 32, 10),
    ],
)
def test_the_pace_of_a_sender_is_that_of_its_kind(sender: str, rate: float) -> None:
    assert segments_per_s(sender) == rate


@pytest.mark.parametrize(
    ("states", "more", "first"),
    [
        ({}, {}, TWILIO),
        ({TWILIO: DOWN}, {}, ANDROID),
        ({TWILIO: DOWN, ANDROID: DOWN}, {}, TWILIO),
        ({ANDROID: DOWN}, {"home": (ANDROID, "+3")}, TWILIO),
        ({}, {"home": (ANDROID, "+3")}, ANDROID),
        ({TWILIO: TRIAL}, {"priority": PRIORITY[ADDRESS]}, ANDROID),
        ({TWILIO: TRIAL, ANDROID: DOWN}, {}, TWILIO),
        ({}, {"lost_at": TWILIO}, ANDROID),
        ({ANDROID: DOWN}, {"lost_at": TWILIO}, TWILIO),
        ({}, {"avoid": frozenset({TWILIO})}, ANDROID),
    ],
)
def test_which_carrier_goes_first(states: dict[str, str], more: dict[str, Any], first: str) -> None:
    standings = {name: Standing(state, 0.0) for name, state in states.items()}
    assert in_order(ALL, standings, wish(**more))[0].carrier == first


def test_a_route_that_refused_is_left_out_and_none_may_be_left() -> None:
    assert TWO not in in_order(ALL, {}, wish(avoid=frozenset({TWO.name})))
    assert in_order(ALL, {}, wish(avoid=frozenset({TWILIO, PHONE.name}))) == []


def test_one_number_is_texted_by_one_sender_and_all_senders_share_the_load() -> None:
    firsts = {
        f"+35840{n:07}": {in_order(ALL, {}, wish(phone=f"+35840{n:07}", message_id=m))[0] for m in "ab"} for n in range(60)
    }
    assert all(len(one) == 1 for one in firsts.values())
    assert set(Counter(next(iter(one)) for one in firsts.values())) == {ONE, TWO}
    assert in_order(ALL, {}, wish(home=(TWILIO, "+2")))[0] == TWO == in_order(ALL, {}, wish(home=(TWILIO, "+2"), phone="+1"))[0]


@pytest.mark.parametrize("share", [0.05, 0.4])
def test_a_carrier_on_trial_gets_its_share(share: float) -> None:
    standings = {TWILIO: Standing(TRIAL, share)}
    got = sum(in_order(ALL, standings, wish(message_id=f"m{n}"))[0].carrier == TWILIO for n in range(1000))
    assert abs(got / 1000 - share) < 0.04


@pytest.mark.parametrize(
    ("before", "window", "after_s", "state", "share"),
    [
        (UP, Tally(10), 0, UP, 1.0),
        (UP, Tally(0, 2), 0, UP, 1.0),
        (UP, Tally(0, 3), 0, DOWN, 0.0),
        (UP, Tally(0, 0, 3), 0, DOWN, 0.0),
        (UP, Tally(1, 1, 2), 0, DOWN, 0.0),
        (UP, Tally(4, 3), 0, UP, 1.0),
        (DOWN, Tally(), 59, DOWN, 0.0),
        (DOWN, Tally(), 60, TRIAL, FIRST_SHARE),
        (TRIAL, Tally(), 600, TRIAL, 0.1),
        (TRIAL, Tally(1), 29, TRIAL, 0.1),
        (TRIAL, Tally(1), 30, TRIAL, 0.2),
        (TRIAL, Tally(3, 1), 30, TRIAL, 0.1),
        (TRIAL, Tally(1, 1), 1, DOWN, 0.0),
    ],
)
def test_how_a_carrier_is_judged(before: str, window: Tally, after_s: int, state: str, share: float) -> None:
    shares = {UP: 1.0, DOWN: 0.0, TRIAL: 0.1}
    judged = judge(Health(before, shares[before], NOW, 1), window, NOW + timedelta(seconds=after_s))
    assert (judged.state, judged.share) == (state, share)


def test_the_last_step_of_a_trial_is_everything() -> None:
    assert judge(Health(TRIAL, 0.8, NOW, 3), Tally(5), NOW + timedelta(seconds=30)) == Health(
        UP, 1.0, NOW + timedelta(seconds=30), 0
    )


@given(st.integers(0, 1000))
def test_the_rest_grows_to_a_quarter_of_an_hour(failures: int) -> None:
    assert rest(failures) <= rest(failures + 1) <= LONGEST_REST


def test_either_carrier_may_be_the_only_one() -> None:
    phone = {
        "android_gateway_url": "http://192.168.1.10:8080",
        "android_gateway_user": "sms",
        "android_gateway_password": "p",
        "android_gateway_signing_key": ("k",),
        "android_gateway_number": "+358500000000",
    }
    alone = load(_env_file=None, **phone)
    assert not alone.simulating
    assert [route.carrier for route in routes_of(alone)] == [ANDROID]
    assert [route.carrier for route in routes_of(load(_env_file=None, simulate=True, **phone))] == [TWILIO]
