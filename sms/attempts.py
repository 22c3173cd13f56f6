"""One attempt at one claimed text, and what follows from how it went. Deciding is apart from doing."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import clock
from sms.claims import Hold, Parcel
from sms.gateway import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, Gateway, Refused, Sent, Unknown
from sms.models import DUE, REFUSED, TAKEN, UNKNOWN
from sms.wire import FAILED
from sms.wire import TAKEN as TAKEN_OUTCOME

LOOK_AFTER_S = 3.0
"""How long a text of unknown fate waits for its callback before the carrier is asked for it (sms-facts 1.6)."""
LOOK_FOR_AT_MOST = timedelta(seconds=10)
"""After this long without learning its fate it is sent again: twice is better than never."""
MAX_ATTEMPTS = 3
"""Requests whose fate stayed unknown, after which a text counts as failed: more copies would not help."""
BACK_OFF_S = (0.1, 2.0)
NO_ANSWER = "no_answer"
LONGEST_VALIDITY_S = 36000
_NEEDED = timedelta(seconds=CONNECT_TIMEOUT_S + READ_TIMEOUT_S)
"""What must be left of a claim before a request is begun under it."""


@dataclass(frozen=True)
class NotSent:
    """This time nothing was sent: the carrier could not be asked for the text, or there was no time left under the claim."""

    why: str


Result = Sent | Refused | Unknown | NotSent | Hold


@dataclass(frozen=True)
class Verdict:
    """What is stored of an attempt: the row's new state and what goes with it, and the outcome to tell, if any."""

    state: str
    carrier_id: str | None = None
    carrier_status: str | None = None
    taken_at: datetime | None = None
    error_code: str | None = None
    send_at: datetime | None = None
    unknown_since: datetime | None = None
    sent: bool = True
    retried: bool = False
    outcome: str | None = None


def attempt(gateway: Gateway, parcel: Parcel, held: Callable[[Collection[str]], Collection[str]]) -> Result:
    """Do what the parcel needs now: look for it if its fate is unknown, else send it.

    `held` tells which of some carrier ids already belong to another message of ours.
    """
    if _runs_out(parcel):
        return NotSent("the claim is about to run out")
    if parcel.unknown_since is not None:
        found = _look(gateway, parcel, parcel.unknown_since, held)
        if found is not None:
            return found
        if _runs_out(parcel):
            return NotSent("looking for it took too long to send it under the same claim")
    if parcel.hold is not None:
        return parcel.hold
    if parcel.attempts > MAX_ATTEMPTS:
        return Hold(REFUSED, NO_ANSWER)
    return gateway.send(parcel.id, parcel.phone, parcel.body, _valid_s(parcel))


def _runs_out(parcel: Parcel) -> bool:
    return clock.now() > parcel.claimed_until - _NEEDED


def decide(parcel: Parcel, result: Result, now: datetime) -> Verdict:
    """What follows from a result that was known `now`; pure but for the jitter."""
    waiting = DUE if parcel.unknown_since is None else UNKNOWN
    match result:
        case Sent():
            status, outcome = result.status, TAKEN_OUTCOME
            return Verdict(TAKEN, carrier_id=result.carrier_id, carrier_status=status, taken_at=now, outcome=outcome)
        case Refused(retry=True):
            later = now + timedelta(seconds=back_off_s(parcel.retries, random.random()))  # noqa: S311 - jitter, no secret
            return Verdict(
                waiting, send_at=later, unknown_since=parcel.unknown_since, error_code=result.code, sent=False, retried=True
            )
        case Refused():
            return Verdict(REFUSED, error_code=result.code, outcome=FAILED)
        case Hold():
            return Verdict(result.state, error_code=result.reason, sent=False, outcome=FAILED)
        case Unknown():
            later = now + timedelta(seconds=LOOK_AFTER_S)
            return Verdict(UNKNOWN, send_at=later, unknown_since=parcel.unknown_since or now)
        case NotSent():
            later = now + timedelta(seconds=LOOK_AFTER_S if parcel.unknown_since else 0)
            return Verdict(waiting, send_at=later, unknown_since=parcel.unknown_since, sent=False)


def back_off_s(retries: int, jitter: float) -> float:
    """Seconds until the next try after `retries` earlier ones: doubling from 0.1 to 2, half of it left to `jitter` (0 to 1) so
    that thirty texts refused together do not come back together."""
    shortest, longest = BACK_OFF_S
    ceiling = min(longest, shortest * 2.0 ** min(retries + 1, 10))
    return max(shortest, ceiling * (0.5 + 0.5 * jitter))


def _look(
    gateway: Gateway, parcel: Parcel, since: datetime, held: Callable[[Collection[str]], Collection[str]]
) -> Result | None:
    """Ask the carrier for a text of unknown fate. None: it is not there, or we have asked in vain for long enough."""
    found = gateway.find(parcel.phone, parcel.body)
    if isinstance(found, Unknown):
        return NotSent(found.why) if clock.now() - since < LOOK_FOR_AT_MOST else None
    others = held([one.carrier_id for one in found]) if found else ()
    return next((one for one in found if one.carrier_id not in others), None)


def _valid_s(parcel: Parcel) -> int:
    if parcel.expires_at is None:
        return LONGEST_VALIDITY_S
    return max(1, min(LONGEST_VALIDITY_S, int((parcel.expires_at - clock.now()).total_seconds())))
