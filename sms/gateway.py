"""What the sender needs of a carrier: hand over one text, look for one, and say exactly what is known afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from sms.carriers.routes import Route

CONNECT_TIMEOUT_S = 2.0
READ_TIMEOUT_S = 5.0
OPTED_OUT_CODE = "21610"
"""Twilio's code for "this person replied STOP"."""
NO_VOICE = "no_voice"
"""The code of a call through a carrier, or an account, that makes none."""
CANNOT_FORGET = "cannot_forget"
"""The code of asking a carrier to forget words that has no way to."""
UNREACHABLE = "unreachable"
"""The code of a request that never reached the carrier: no name, no connection, no TLS."""


@dataclass(frozen=True)
class Sent:
    """The carrier took the text: its id for it, and its status, with the error code of one that is found failed already."""

    carrier_id: str
    status: str
    error_code: str = ""


@dataclass(frozen=True)
class Refused:
    """The carrier does not have the text. `retry`: it never looked at it (429, no connection), so sending again is safe."""

    code: str
    http_status: int
    retry: bool = False


@dataclass(frozen=True)
class Unknown:
    """Nobody knows whether the carrier has the text: no answer came back, or one that says nothing (5xx)."""

    why: str


@dataclass(frozen=True)
class Redacted:
    """The carrier has forgotten the words of a text, or the text altogether."""


@dataclass(frozen=True)
class Logged:
    """A text on the carrier's log: one that came in, or one that a request of ours put there. `phone` is the other end's; `at`
    is to the second."""

    carrier_id: str
    incoming: bool
    phone: str
    body: str
    status: str
    error_code: str
    at: datetime


class Gateway(Protocol):
    """One carrier account, or several behind one door. Each thread gets its own connections; nothing here raises."""

    def warm(self) -> None:
        """Make this thread's connection ready, so that the next text pays for no handshake."""

    def send(self, message_id: str, to: str, body: str, valid_s: int, route: Route, /) -> Sent | Refused | Unknown:
        """Hand over one text by `route`; the carrier drops it by itself once it has waited `valid_s` seconds (1 to 36000)."""

    def find(self, message_id: str, to: str, body: str, route: Route, /) -> Sequence[Sent] | Unknown:
        """Texts that the route's carrier has for `to` with exactly this `body`, from no earlier than about when the message was
        written, newest first. (One that knows our ids finds the text by them.)"""


class CarrierLog(Protocol):
    """What a carrier keeps of every text in both directions, to be compared with what we know. Nothing here raises."""

    def log_pages(self) -> Iterator[Sequence[Logged] | Unknown]:
        """Its log of both directions, newest first, each page asked for when it is wanted; an Unknown ends it."""

    def logged(self, carrier_id: str) -> Logged | Refused | Unknown:
        """One text of its log. `Refused.retry`: it has had enough requests for now."""


@runtime_checkable
class Redactor(Protocol):
    """A carrier that forgets the words of a text when it is asked to. Nothing here raises."""

    def redact(self, carrier_id: str, /) -> Redacted | Refused | Unknown:
        """Have it forget the words of one text. `Refused.retry`: it has had enough requests for now."""


@runtime_checkable
class Caller(Protocol):
    """A gateway that can also ring people."""

    def call(self, message_id: str, to: str) -> Sent | Refused | Unknown:
        """Have `to` rung; what they hear, the carrier asks us for once they pick up."""

    def find_calls(self, to: str, since: datetime) -> Sequence[Sent] | Unknown:
        """Calls to `to` that the carrier has begun at about `since` or later, newest first."""
