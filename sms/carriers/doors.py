"""Every carrier that the settings name, behind one door: the gateway that the processes hand to their senders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from core.settings import Settings
from sms.android_gateway import AndroidGateway
from sms.carriers.routes import ANDROID, TWILIO, Route
from sms.gateway import (
    CANNOT_FORGET,
    NO_VOICE,
    Caller,
    CarrierLog,
    Gateway,
    Redacted,
    Redactor,
    Refused,
    Sent,
    Unknown,
)
from sms.twilio_gateway import TwilioGateway


class Doors:
    """A `sms.gateway.Gateway` that asks the carrier of each text's route."""

    def __init__(self, gateways: Mapping[str, Gateway]) -> None:
        self._gateways = gateways

    @property
    def log(self) -> CarrierLog | None:
        """The log of the carrier that keeps one. (A phone has none to be asked for; it calls our webhook until it is heard.)"""
        found = self._gateways.get(TWILIO)
        return found if isinstance(found, TwilioGateway) else None

    def warm(self) -> None:
        """Make this thread's connection to every carrier ready: the one that takes over must not begin with a handshake."""
        for gateway in self._gateways.values():
            gateway.warm()

    def send(self, message_id: str, to: str, body: str, valid_s: int, route: Route) -> Sent | Refused | Unknown:
        """Hand over one text by the carrier of `route`."""
        return self._gateways[route.carrier].send(message_id, to, body, valid_s, route)

    def call(self, message_id: str, to: str) -> Sent | Refused | Unknown:
        """Have somebody rung by the carrier that can."""
        caller = self._caller()
        return caller.call(message_id, to) if caller is not None else Refused(NO_VOICE, 0)

    def find_calls(self, to: str, since: datetime) -> Sequence[Sent] | Unknown:
        """Look for a call at the carrier that rings people."""
        caller = self._caller()
        return caller.find_calls(to, since) if caller is not None else ()

    def redact(self, carrier: str, carrier_id: str) -> Redacted | Refused | Unknown:
        """Have `carrier` forget the words of one text; `Refused` by one that cannot, or that the settings name no more."""
        gateway = self._gateways.get(carrier)
        return gateway.redact(carrier_id) if isinstance(gateway, Redactor) else Refused(CANNOT_FORGET, 0)

    def _caller(self) -> Caller | None:
        return next((gateway for gateway in self._gateways.values() if isinstance(gateway, Caller)), None)

    def find(self, message_id: str, to: str, body: str, route: Route) -> Sequence[Sent] | Unknown:
        """Look for one at the carrier of `route`."""
        return self._gateways[route.carrier].find(message_id, to, body, route)


def open_gateways(settings: Settings) -> Doors:
    """The gateways of these settings. Connections open with the first use, in each thread its own."""
    found: dict[str, Gateway] = {}
    if settings.carrier.account_sid:
        found[TWILIO] = TwilioGateway(settings)
    if settings.android_gateway is not None:
        found[ANDROID] = AndroidGateway(settings.android_gateway)
    return Doors(found)
