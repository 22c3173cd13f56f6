"""The ways a text can take: by which carrier, from which of our numbers there, and which of them is best for this text."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.settings import Settings
from sms.carriers.models import DOWN, TRIAL
from sms.carriers.rates import segments_per_s
from sms.models import Contact
from sms.purposes import FIRST, PRIORITY

TWILIO = "twilio"
ANDROID = "android"
"""Names of carriers, as rows, events and metrics hold them. The simulated carrier takes Twilio's place."""


@dataclass(frozen=True)
class Route:
    """One of our senders at one carrier, and its pace."""

    carrier: str
    sender: str
    segments_per_s: float

    @property
    def name(self) -> str:
        """What it is called among the ways that a text avoids."""
        return f"{self.carrier}:{self.sender}"


@dataclass(frozen=True)
class Standing:
    """Whether a carrier is trusted: its state, and the share of texts that it gets while on trial."""

    state: str
    share: float


@dataclass(frozen=True)
class Wish:
    """What of a text decides its way. `home` is the carrier and number that its reader texted last; `avoid` holds names of
    carriers and routes that would not take it, `lost_at` is the carrier that never said whether it has it."""

    message_id: str
    phone: str
    priority: int
    home: tuple[str | None, str | None] = (None, None)
    avoid: frozenset[str] = frozenset()
    lost_at: str | None = None


def routes_of(settings: Settings) -> tuple[Route, ...]:
    """Every way that these settings open, the carrier that goes first before the other."""
    account, phone = settings.carrier, settings.android_gateway
    service = account.messaging_service_sid
    senders = (service,) if service else account.senders
    found = [Route(TWILIO, sender, account.segments_per_s or segments_per_s(sender)) for sender in senders]
    if phone is not None:
        found.append(Route(ANDROID, phone.number, phone.segments_per_s))
    return tuple(found)


def call_route_of(settings: Settings) -> Route | None:
    """How calls leave, one at a time (`sms.turns`); None where nobody is rung."""
    number = settings.carrier.voice_from
    return Route(TWILIO, number, segments_per_s(number)) if number else None


def number_for(settings: Settings, contact: Contact) -> str | None:
    """The number that this person's texts to us go to, as they would type it; None where only the carrier knows it."""
    ours = [contact.sender or "", *(route.sender for route in routes_of(settings))]
    return next((number for number in ours if number[:1] in "+0123456789" and number), None)


def in_order(routes: Sequence[Route], standings: Mapping[str, Standing], wish: Wish) -> list[Route]:
    """The ways this text may take, best first; empty when each has refused it.

    A carrier that is well goes before one that is not. Then people are answered where they wrote to, and one number's texts
    come from one sender, so that a phone shows one conversation; all senders together share the load.
    """
    # Nobody texts themselves: a canary goes from one of our numbers to another.
    open_ = [route for route in routes if not {route.carrier, route.name} & wish.avoid and route.sender != wish.phone]
    places = {route: place for place, route in enumerate(routes)}
    carriers = list(dict.fromkeys(route.carrier for route in routes))

    def rank(route: Route) -> tuple[int, bool, int, bool, int]:
        siblings = [one for one in routes if one.carrier == route.carrier]
        turn = (places[route] - places[siblings[0]] - zlib.crc32(wish.phone.encode())) % len(siblings)
        distrust = _distrust(route.carrier, standings.get(route.carrier), wish)
        at_home = route.carrier == wish.home[0]
        return distrust, not at_home, carriers.index(route.carrier), not at_home or route.sender != wish.home[1], turn

    return sorted(open_, key=rank)


def _distrust(carrier: str, standing: Standing | None, wish: Wish) -> int:
    """0: it gets this text; 1: only where there is nothing better; 2: last of all."""
    if standing is not None and standing.state == DOWN:
        return 2
    if carrier == wish.lost_at:
        return 1
    if standing is not None and standing.state == TRIAL:
        # Addresses and warnings are no matter for trials. Which texts are is told by their id, the same for every process.
        in_share = zlib.crc32(wish.message_id.encode()) % 1000 < standing.share * 1000
        return 0 if in_share and wish.priority >= PRIORITY[FIRST] else 1
    return 0
