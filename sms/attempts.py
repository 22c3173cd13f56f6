"""One attempt at one claimed text or call, and what follows from how it went. Deciding is apart from doing."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core import clock
from sms import error_table
from sms.carriers.routes import Route
from sms.claims import NO_ANSWER, Hold, Parcel
from sms.error_table import Retry
from sms.gateway import CONNECT_TIMEOUT_S, NO_VOICE, READ_TIMEOUT_S, Caller, Gateway, Refused, Sent, Unknown
from sms.models import CALL, DUE, REFUSED, TAKEN, UNDERWAY, UNKNOWN
from sms.wire import FAILED
from sms.wire import TAKEN as TAKEN_OUTCOME

LOOK_AFTER_S = 3.0
"""How long a text of unknown fate waits for its callback before the carrier is asked for it, once (sms-facts 1.6). Unless it is
found it is sent again, at most 10 s after its fate became unknown: asking takes 7 s at most, and twice is better than never."""
DOUBTFUL_ATTEMPTS = 3
"""Requests whose fate stayed unknown, after which whoever a text is about counts as not reached, so that others are asked. The
text itself is tried on until its end of life, each time after twice the pause: a carrier that is out of order for a minute must
not silence an emergency, and a call is the only thing that is worse twice than never."""
BEGINS_AS = "queued"
BACK_OFF_S = (0.1, 2.0)
LONGEST_VALIDITY_S = 36000
_NEEDED = timedelta(seconds=CONNECT_TIMEOUT_S + READ_TIMEOUT_S)
"""What must be left of a claim before a request is begun under it."""


@dataclass(frozen=True)
class NotSent:
    """This time nothing was sent: there was no time left under the claim, or the sender stops."""

    why: str


Held = Callable[[Parcel, Collection[str]], Collection[str]]
"""Tells which of some carrier ids already belong to another message of ours than the parcel's."""
Result = Sent | Refused | Unknown | NotSent | Hold


@dataclass(frozen=True)
class Tried:
    """How an attempt went, and by which way its last request went; None when nothing was asked of any carrier."""

    result: Result
    route: Route | None = None


@dataclass(frozen=True)
class Verdict:
    """What is stored of an attempt: the row's new state and what goes with it, and the outcome to tell, if any."""

    state: str
    carrier_id: str | None = None
    carrier_status: str | None = None
    taken_at: datetime | None = None
    error_code: str | None = None
    avoid: frozenset[str] | None = None
    send_at: datetime | None = None
    unknown_since: datetime | None = None
    sent: bool = True
    retried: bool = False
    outcome: str | None = None
    found: Sent | None = None
    """What is told as if a callback had told it, after this is stored."""


def attempt(gateway: Gateway, parcel: Parcel, held: Held) -> Tried:
    """Do what the parcel needs now: look for it if its fate is unknown, else send it."""
    if _runs_out(parcel):
        return Tried(NotSent("the claim is about to run out"))
    if parcel.unknown_since is not None and parcel.sent_by is not None:
        found = _look(gateway, parcel, parcel.sent_by, held)
        if found is not None:
            return Tried(found, parcel.sent_by)
        if _runs_out(parcel):
            return Tried(NotSent("looking for it took too long to send it under the same claim"))
    if parcel.hold is not None:
        return Tried(parcel.hold)
    if parcel.channel == CALL and parcel.attempts > DOUBTFUL_ATTEMPTS:
        return Tried(Hold(REFUSED, NO_ANSWER))
    assert parcel.route is not None, "what has no way is held back"
    return Tried(_hand_over(gateway, parcel, parcel.route), parcel.route)


def _hand_over(gateway: Gateway, parcel: Parcel, route: Route) -> Result:
    if parcel.channel != CALL:
        return gateway.send(parcel.id, parcel.phone, parcel.body, _valid_s(parcel), route)
    return gateway.call(parcel.id, parcel.phone) if isinstance(gateway, Caller) else Hold(REFUSED, NO_VOICE)


def _runs_out(parcel: Parcel) -> bool:
    return clock.now() > parcel.claimed_until - _NEEDED


def decide(parcel: Parcel, result: Result, now: datetime) -> Verdict:
    """What follows from a result that was known `now`; pure but for the jitter."""
    waiting = DUE if parcel.unknown_since is None else UNKNOWN
    match result:
        case Sent():
            return _taken(result, now)
        case Refused():
            return _refused(parcel, result, now)
        case Hold():
            return Verdict(result.state, error_code=result.reason, sent=False, outcome=FAILED)
        case Unknown():
            return _doubtful(parcel, now)
        case NotSent():
            later = now + timedelta(seconds=LOOK_AFTER_S if parcel.unknown_since else 0)
            return Verdict(waiting, send_at=later, unknown_since=parcel.unknown_since, sent=False)


def _doubtful(parcel: Parcel, now: datetime) -> Verdict:
    """Nobody knows whether the carrier has it, for the first time or once more."""
    pause_s = LOOK_AFTER_S * 2.0 ** max(0, parcel.attempts - DOUBTFUL_ATTEMPTS)
    verdict = Verdict(UNKNOWN, send_at=now + timedelta(seconds=pause_s), unknown_since=parcel.unknown_since or now)
    if parcel.channel == CALL or parcel.attempts < DOUBTFUL_ATTEMPTS:
        return verdict
    return replace(verdict, error_code=NO_ANSWER, outcome=None if parcel.doubted else FAILED)


def _taken(result: Sent, now: datetime) -> Verdict:
    """One that is found when its life at the carrier is over begins it here all the same: what follows from an end follows from
    the status that tells it, and its callback may be lost, or come when there is nothing left to move."""
    taken = Verdict(TAKEN, carrier_id=result.carrier_id, carrier_status=result.status, taken_at=now, outcome=TAKEN_OUTCOME)
    return taken if result.status in UNDERWAY else replace(taken, carrier_status=BEGINS_AS, found=result)


def _refused(parcel: Parcel, result: Refused, now: datetime) -> Verdict:
    """The carrier does not have it: again after a pause, or another way at once, or not at all."""
    row = error_table.row(result.code, result.http_status)
    again = replace(
        Verdict(DUE if parcel.unknown_since is None else UNKNOWN, send_at=now, sent=False, retried=True),
        unknown_since=parcel.unknown_since,
        error_code=result.code,
    )
    if result.retry or row.retry is Retry.LATER:
        jitter = random.random()  # noqa: S311 - no secret
        return replace(again, send_at=now + timedelta(seconds=back_off_s(parcel.retries, jitter)))
    avoid = parcel.avoid | avoided_by(row.retry, parcel.route)
    if row.retry is not Retry.NO and any(not {other.carrier, other.name} & avoid for other in parcel.others):
        return replace(again, avoid=avoid)
    return Verdict(REFUSED, error_code=result.code, outcome=FAILED)


def avoided_by(retry: Retry, route: Route | None) -> frozenset[str]:
    """What a text keeps clear of, once `route` would not take it."""
    if route is None or retry not in (Retry.SENDER, Retry.CARRIER):
        return frozenset()
    return frozenset({route.carrier if retry is Retry.CARRIER else route.name})


def back_off_s(retries: int, jitter: float) -> float:
    """Seconds until the next try after `retries` earlier ones: doubling from 0.1 to 2, half of it left to `jitter` (0 to 1) so
    that thirty texts refused together do not come back together."""
    shortest, longest = BACK_OFF_S
    ceiling = min(longest, shortest * 2.0 ** min(retries + 1, 10))
    return max(shortest, ceiling * (0.5 + 0.5 * jitter))


def _look(gateway: Gateway, parcel: Parcel, at: Route, held: Held) -> Sent | None:
    """Ask the carrier for a text or call of unknown fate. None: it is not there, or the carrier does not say."""
    if parcel.channel != CALL:
        found = gateway.find(parcel.id, parcel.phone, parcel.body, at)
    elif isinstance(gateway, Caller) and parcel.unknown_since is not None:
        found = gateway.find_calls(parcel.phone, parcel.unknown_since)
    else:
        return None
    if isinstance(found, Unknown) or not found:
        return None
    others = held(parcel, [one.carrier_id for one in found])
    return next((one for one in found if one.carrier_id not in others), None)


def _valid_s(parcel: Parcel) -> int:
    if parcel.expires_at is None:
        return LONGEST_VALIDITY_S
    return max(1, min(LONGEST_VALIDITY_S, int((parcel.expires_at - clock.now()).total_seconds())))
