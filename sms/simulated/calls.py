"""What the simulated carrier keeps of a call, how Twilio writes it, and what a request for one may say."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import phonenumbers

from core import clock
from sms.simulated.errors import CarrierError
from sms.simulated.faults import Faults
from sms.simulated.model import API_VERSION, OUTBOUND_API, QUEUED, Account, rfc2822

INITIATED, RINGING, IN_PROGRESS = "initiated", "ringing", "in-progress"
COMPLETED, BUSY, NO_ANSWER, FAILED, CANCELED = "completed", "busy", "no-answer", "failed", "canceled"
ENDED = frozenset({COMPLETED, BUSY, NO_ANSWER, FAILED, CANCELED})
EVENT_OF = {INITIATED: "initiated", RINGING: "ringing", IN_PROGRESS: "answered"} | dict.fromkeys(ENDED, "completed")
"""The StatusCallbackEvent with which each status is told; Twilio tells `completed` alone unless asked for more."""
LONGEST_RING_S = 600


@dataclass
class Key:
    """A key that was pressed, when, and whether the customer has acknowledged it."""

    digit: str
    at: datetime
    told: bool = False


@dataclass(eq=False)
class Call:
    """One call to a phone. `told` are the statuses that the customer knows of (or never will); `heard` is what was said into it
    so far, line by line, with the keys that were pressed; `deeds` and `waiter` are how whoever holds the phone reaches it."""

    sender: str
    to: str
    url: str
    status_callback: str | None = None
    events: frozenset[str] = frozenset({"completed"})
    ring_s: int = 60
    sid: str = field(default_factory=lambda: "CA" + secrets.token_hex(16))
    status: str = QUEUED
    created_at: datetime = field(default_factory=clock.now)
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    statuses: list[str] = field(default_factory=lambda: [QUEUED])
    told: set[str] = field(default_factory=set)
    keys: list[Key] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    listens: bool = False
    deeds: deque[str] = field(default_factory=deque, repr=False)
    waiter: asyncio.Future[str] | None = field(default=None, repr=False)

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens to it."""
        return self.status in ENDED

    def move(self, status: str, at: datetime | None = None) -> None:
        """Go on to `status`, now or when it was."""
        self.status = status
        self.statuses.append(status)
        if status == IN_PROGRESS:
            self.answered_at = at or clock.now()
        elif self.is_over:
            self.ended_at = at or clock.now()

    @property
    def duration_s(self) -> int:
        """Seconds from picking up to the end, rounded up as Twilio bills them."""
        if self.answered_at is None or self.ended_at is None:
            return 0
        return max(1, round((self.ended_at - self.answered_at).total_seconds()))


def new_call(form: Mapping[str, str], events: Sequence[str], account: Account, faults: Faults) -> Call:
    """The call that a request asks for, not yet begun. Raises CarrierError with Twilio's code."""
    to, sender, url = form.get("To", ""), form.get("From", ""), form.get("Url", "")
    if not to:
        raise CarrierError(21201)
    if not _is_possible(to):
        raise CarrierError(21211, to)
    if not sender:
        raise CarrierError(21213)
    if sender not in account.senders:
        raise CarrierError(21210, sender)
    if not _is_address(url):
        raise CarrierError(21205, url)
    callback = form.get("StatusCallback") or None
    if callback is not None and not _is_address(callback):
        raise CarrierError(21609, callback)
    if to in faults.refuse:
        raise CarrierError(faults.refuse[to], to)
    wanted = frozenset(events) or frozenset({"completed"})
    return Call(sender, to, url, callback, wanted, _ring_s(form.get("Timeout") or "60"))


def as_resource(call: Call, account_sid: str) -> dict[str, Any]:
    """The Calls resource as Twilio writes it."""
    return {
        "account_sid": account_sid,
        "answered_by": None,
        "api_version": API_VERSION,
        "date_created": rfc2822(call.created_at),
        "date_updated": rfc2822(call.ended_at or call.answered_at or call.created_at),
        "direction": OUTBOUND_API,
        "duration": str(call.duration_s) if call.is_over else None,
        "end_time": rfc2822(call.ended_at),
        "from": call.sender,
        "price": None,
        "price_unit": "USD",
        "sid": call.sid,
        "start_time": rfc2822(call.answered_at),
        "status": call.status,
        "to": call.to,
        "uri": f"/{API_VERSION}/Accounts/{account_sid}/Calls/{call.sid}.json",
    }


def _is_possible(number: str) -> bool:
    try:
        return number.startswith("+") and phonenumbers.is_possible_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def _ring_s(wanted: str) -> int:
    if not wanted.isdigit() or not 1 <= int(wanted) <= LONGEST_RING_S:
        raise CarrierError(20001, "Timeout")
    return int(wanted)
