"""What the simulated carrier keeps of a text, and how Twilio writes it."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum
from typing import Any

from core import clock
from core.settings import Settings
from sms import addresses
from sms.segments import count

API_VERSION = "2010-04-01"
ACCEPTED, QUEUED, SENDING, SENT = "accepted", "queued", "sending", "sent"
DELIVERED, UNDELIVERED, FAILED, CANCELED, RECEIVED = "delivered", "undelivered", "failed", "canceled", "received"
FINAL = frozenset({DELIVERED, UNDELIVERED, FAILED, CANCELED, RECEIVED})
"""Statuses of a text; after a final one nothing more happens to it."""
INBOUND, OUTBOUND_API, OUTBOUND_REPLY = "inbound", "outbound-api", "outbound-reply"
LONGEST_VALIDITY_S = 36_000
"""Ten hours: Twilio's default and longest ValidityPeriod."""


class Mode(StrEnum):
    """How the volunteers that answer by themselves behave. `headless`: within seconds and willing, for a demonstration
    that nobody watches."""

    OFF = "off"
    HUMAN = "human"
    HEADLESS = "headless"


@dataclass(frozen=True)
class Account:
    """The account of the one customer of this carrier, and where that customer's webhook is."""

    sid: str
    token: str
    senders: tuple[str, ...]
    inbound_url: str
    messaging_service_sid: str | None = None

    @classmethod
    def of(cls, settings: Settings, inbound_url: str | None = None) -> Account:
        """The account that `settings` name; texts from phones go to `inbound_url` (default: the address that a real carrier is
        told)."""
        carrier = settings.carrier
        return cls(
            carrier.account_sid,
            carrier.auth_tokens[0],
            tuple(dict.fromkeys((*carrier.senders, *filter(None, [settings.canary_number])))),
            inbound_url or addresses.inbound_url(settings.public_url),
            carrier.messaging_service_sid,
        )

    def admits(self, sid: str, token: str) -> bool:
        """Whether these are the account's credentials; takes the same time whatever is wrong."""
        good_sid = hmac.compare_digest(sid.encode(), self.sid.encode())
        return hmac.compare_digest(token.encode(), self.token.encode()) and good_sid


@dataclass(frozen=True)
class Timing:
    """How long a text stays in each status, in seconds of the machine's own time. `calls`: whether time passes in calls by
    itself; otherwise a phone rings, and a call listens, until somebody does something."""

    queued_s: float = 0.05
    sending_s: float = 0.25
    sent_s: float = 0.7
    calls: bool = True

    @classmethod
    def instant(cls) -> Timing:
        """No waiting at all: for tests."""
        return cls(0, 0, 0, calls=False)


@dataclass(eq=False)
class Text:
    """One text in either direction. `statuses` is its whole life so far, `told` those that the customer knows of (or
    never will); `redacted` hides the body from the API, never from the phone that has it."""

    direction: str
    sender: str
    to: str
    body: str
    status: str
    status_callback: str | None = None
    validity_s: int = LONGEST_VALIDITY_S
    messaging_service_sid: str | None = None
    sid: str = field(default_factory=lambda: "SM" + secrets.token_hex(16))
    created_at: datetime = field(default_factory=clock.now)
    updated_at: datetime = field(default_factory=clock.now)
    sent_at: datetime | None = None
    error_code: int | None = None
    redacted: bool = False
    statuses: list[str] = field(default_factory=list)
    told: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.statuses.append(self.status)

    @property
    def outgoing(self) -> bool:
        """Whether it goes to a phone."""
        return self.direction != INBOUND

    @property
    def phone(self) -> str:
        """The number of the phone at the other end from our customer."""
        return self.to if self.outgoing else self.sender

    @property
    def segments(self) -> int:
        """How many segments the body takes on the air."""
        return count(self.body).segments

    @property
    def seen(self) -> bool:
        """Whether the phone shows it."""
        return not self.outgoing or self.status == DELIVERED

    def move(self, status: str, error_code: int | None = None) -> None:
        """Go on to `status`."""
        self.status, self.error_code, self.updated_at = status, error_code, clock.now()
        self.statuses.append(status)
        if status == SENT:
            self.sent_at = self.updated_at


def as_resource(text: Text, account_sid: str, error_message: str | None) -> dict[str, Any]:
    """The Messages resource as Twilio writes it: RFC 2822 dates, numbers as strings, null for what is not yet known. The
    price stays null: nothing is paid here."""
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Messages/{text.sid}"
    body = "" if text.redacted else text.body
    unassigned = text.messaging_service_sid is not None and text.status == ACCEPTED
    return {
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "body": body,
        "date_created": rfc2822(text.created_at),
        "date_sent": rfc2822(text.sent_at),
        "date_updated": rfc2822(text.updated_at),
        "direction": text.direction,
        "error_code": text.error_code,
        "error_message": error_message,
        "from": None if unassigned else text.sender,
        "messaging_service_sid": text.messaging_service_sid,
        # With a messaging service no sender is chosen yet, and Twilio says "0" until one is.
        "num_segments": "0" if unassigned else str(text.segments),
        "num_media": "0",
        "price": None,
        "price_unit": "USD",
        "sid": text.sid,
        "status": text.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": text.to,
        "uri": f"{uri}.json",
    }


def rfc2822(moment: datetime | None) -> str | None:
    """`moment` as Twilio writes it, e.g. Mon, 23 Nov 2026 12:00:00 +0000."""
    return format_datetime(moment) if moment else None
