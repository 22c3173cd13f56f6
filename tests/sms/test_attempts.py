"""What follows from an attempt, as a table; and how long to wait, for any number of tries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.attempts import NotSent, Result, attempt, back_off_s, decide
from sms.carriers.judging import Tally
from sms.carriers.routes import Route
from sms.claims import LEASE, Hold, Parcel
from sms.gateway import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, Refused, Sent, Unknown
from sms.results import Report

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def parcel(**more: Any) -> Parcel:
    usual = {
        "id": "m1",
        "claim": "k1",
        "claimed_until": NOW + LEASE,
        "phone": "+358401234567",
        "body": "A: go?",
        "expires_at": NOW + timedelta(minutes=5),
        "attempts": 1,
        "retries": 0,
        "unknown_since": None,
        "hold": None,
    }
    return Parcel(**usual | more)


@pytest.mark.parametrize(
    ("result", "state", "outcome", "counts"),
    [
        (Sent("SM1", "queued"), "taken", "taken", True),
        (Refused("21211", 400), "refused", "failed", True),
        (Refused("20429", 429, retry=True), "due", None, False),
        (Refused("30003", 400), "due", None, False),
        (Unknown("HTTP 500"), "unknown", None, True),
        (NotSent("no time left"), "due", None, False),
        (Hold("cancelled", "lapsed"), "cancelled", "failed", False),
        (Hold("expired", "expired"), "expired", "failed", False),
    ],
)
def test_what_follows_from_a_result(result: Result, state: str, outcome: str | None, counts: bool) -> None:
    verdict = decide(parcel(), result, NOW)
    assert (verdict.state, verdict.outcome, verdict.sent) == (state, outcome, counts)
    assert (verdict.send_at is not None) == (state in ("due", "unknown"))


@pytest.mark.parametrize("result", [Refused("20429", 429, retry=True), Unknown("HTTP 500"), NotSent("could not look")])
def test_what_may_have_left_stays_of_unknown_fate(result: Result) -> None:
    since = NOW - timedelta(seconds=4)
    verdict = decide(parcel(unknown_since=since), result, NOW)
    assert (verdict.state, verdict.unknown_since) == ("unknown", since)


def test_a_claim_about_to_run_out_is_not_used(clock: Any) -> None:
    late = parcel(claimed_until=clock.now() + timedelta(seconds=6.9))
    nobody: Any = None
    assert isinstance(attempt(nobody, late, lambda *_: ()).result, NotSent)


@pytest.mark.parametrize(("took_s", "sent"), [(CONNECT_TIMEOUT_S + READ_TIMEOUT_S, True), (9, False)])
def test_a_look_that_took_all_its_time_leaves_enough_to_send_and_a_longer_one_leaves_it_to_another_claim(
    clock: Any, took_s: float, sent: bool
) -> None:
    class SlowToLook:
        def find(self, *_: object) -> tuple[()]:
            clock.turn(took_s)
            return ()

        def send(self, *_: object) -> Sent:
            return Sent("SM1", "queued")

    gateway: Any = SlowToLook()
    here = Route("twilio", "+1", 1)
    fresh = parcel(unknown_since=clock.now(), claimed_until=clock.now() + LEASE, route=here, sent_by=here)
    assert isinstance(attempt(gateway, fresh, lambda *_: ()).result, Sent if sent else NotSent)


@pytest.mark.parametrize(
    ("result", "took_s", "tally"),
    [
        (Sent("SM1", "queued"), 0.2, Tally(good=1)),
        (Sent("SM1", "queued"), 2.1, Tally(slow=1)),
        (Unknown("HTTP 500"), 0.1, Tally(bad=1)),
        (NotSent("the claim is about to run out"), 0.1, Tally()),
        (Refused("unreachable", 0, retry=True), 0.1, Tally(bad=1)),
        (Refused("20003", 401), 0.1, Tally(bad=1)),
        (Refused("20429", 429, retry=True), 0.1, Tally()),
        (Refused("21211", 400), 0.1, Tally(good=1)),
        (Hold("cancelled", "lapsed"), 0.1, Tally()),
    ],
)
def test_what_an_attempt_says_of_its_carrier(result: Result, took_s: float, tally: Tally) -> None:
    assert Report(parcel(), result, NOW, Route("twilio", "+1", 1), took_s).tally == tally


@pytest.mark.parametrize(
    ("code", "others", "state", "avoid"),
    [
        ("21611", (Route("twilio", "+2", 1),), "due", {"twilio:+1"}),
        ("21408", (Route("twilio", "+2", 1),), "refused", None),
        ("21408", (Route("android", "+3", 1),), "due", {"twilio"}),
        ("21211", (Route("android", "+3", 1),), "refused", None),
        ("21611", (), "refused", None),
    ],
)
def test_another_way_is_tried_at_once(code: str, others: tuple[Route, ...], state: str, avoid: set[str] | None) -> None:
    verdict = decide(parcel(route=Route("twilio", "+1", 1), others=others), Refused(code, 400), NOW)
    assert (verdict.state, verdict.avoid) == (state, avoid)
    assert verdict.send_at == (NOW if state == "due" else None)


@pytest.mark.parametrize(
    ("retries", "jitter", "wait_s"), [(0, 0.0, 0.1), (0, 1.0, 0.2), (1, 1.0, 0.4), (2, 0.0, 0.4), (9, 1.0, 2.0)]
)
def test_the_back_off_doubles_and_half_of_it_is_left_to_chance(retries: int, jitter: float, wait_s: float) -> None:
    assert back_off_s(retries, jitter) == pytest.approx(wait_s)


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_the_back_off_is_never_shorter_or_longer_than_agreed(retries: int, jitter: float) -> None:
    assert 0.1 <= back_off_s(retries, jitter) <= 2.0
    assert back_off_s(retries, jitter) <= back_off_s(retries + 1, jitter)
