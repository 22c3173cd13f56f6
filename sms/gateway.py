"""What the sender needs of a carrier: hand over one text, look for one, and say exactly what is known afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

CONNECT_TIMEOUT_S = 2.0
READ_TIMEOUT_S = 5.0
OPTED_OUT_CODE = "21610"
"""Twilio's code for "this person replied STOP"."""
NO_VOICE = "no_voice"
"""The code of a call through a carrier, or an account, that makes none."""
UNREACHABLE = "unreachable"
"""The code of a request that never reached the carrier: no name, no connection, no TLS."""


@dataclass(frozen=True)
class Sent:
    """The carrier took the text: its id for it, and the first status."""

    carrier_id: str
    status: str


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


class Gateway(Protocol):
    """One carrier account. Each thread that calls it gets connections of its own; nothing here raises."""

    def warm(self) -> None:
        """Make this thread's connection ready, so that the next text pays for no handshake."""

    def send(self, message_id: str, to: str, body: str, valid_s: int) -> Sent | Refused | Unknown:
        """Hand over one text; the carrier drops it by itself once it has waited `valid_s` seconds (1 to 36000)."""

    def find(self, to: str, body: str) -> Sequence[Sent] | Unknown:
        """Texts that the carrier has for `to` with exactly this `body`, newest first."""


@runtime_checkable
class Caller(Protocol):
    """A gateway that can also ring people."""

    def call(self, message_id: str, to: str) -> Sent | Refused | Unknown:
        """Have `to` rung; what they hear, the carrier asks us for once they pick up."""

    def find_calls(self, to: str, since: datetime) -> Sequence[Sent] | Unknown:
        """Calls to `to` that the carrier has begun at about `since` or later, newest first."""
