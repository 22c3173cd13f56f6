"""Finding a way for each text that is due: by a carrier that is well, from a sender that has room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core import clock
from sms.carriers import health
from sms.carriers.pacing import Pace
from sms.carriers.routes import ANDROID, Route, Standing, Wish, call_route_of, in_order, routes_of
from sms.models import CALL, CLAIMED, UNKNOWN, Message
from sms.purposes import OPERATOR
from sms.segments import count
from sms.wire import Wire


@dataclass(frozen=True)
class Way:
    """How a text goes: by `route`, or where that does not take it by one of `others`; `sent_by` is where it may be already."""

    route: Route | None
    others: tuple[Route, ...] = ()
    sent_by: Route | None = None


Ways = dict[Message, Way]
"""By text, in the order in which they leave."""


def find_ways(
    wire: Wire,
    session: Session,
    messages: Sequence[Message],
    homes: Mapping[str, tuple[str | None, str | None]],
    holds: Mapping[str, object],
    most: int,
) -> Ways:
    """The ways of the first `most` of `messages` that can leave; those for which there is no room yet are left out. `homes` are
    the carrier and the number that each reader wrote to last, `holds` the texts that leave by none."""
    routes = routes_of(wire.services.settings)
    standings = health.standings(session, {route.carrier for route in routes})
    pace = Pace(session, routes, clock.now())
    found: Ways = {}
    for message in messages:
        if len(found) == most:
            break
        if message.channel == CALL:
            call_route = call_route_of(wire.services.settings)
            found[message] = Way(call_route, sent_by=call_route if _may_be_there(message) else None)
            continue
        sent_by = _sent_by(message, routes)
        if holds[message.id] is not None:
            found[message] = Way(None, sent_by=sent_by)
            continue
        way = _way(message, homes[message.id], routes, standings, pace, sent_by)
        if way is not None:
            found[message] = way
    pace.write()
    return found


def avoided(message: Message) -> frozenset[str]:
    """The carriers and routes that would not take this text."""
    return frozenset((message.avoid or "").split())


def _way(
    message: Message,
    home: tuple[str | None, str | None],
    routes: Sequence[Route],
    standings: Mapping[str, Standing],
    pace: Pace,
    sent_by: Route | None,
) -> Way | None:
    lost_at = sent_by.carrier if sent_by else None
    if message.purpose == OPERATOR:
        home = (ANDROID, None)  # what operators are told is most often about the first carrier: the second one is asked first
    wish = Wish(message.id, message.phone, message.priority, home, avoided(message), lost_at)
    ordered = in_order(routes, standings, wish)
    if not ordered:
        return Way(None, sent_by=sent_by)
    # A crowd is for the other senders of the same carrier. Another carrier is another network and another number on the phone.
    roomy = [route for route in ordered if route.carrier == ordered[0].carrier and pace.has_room(route)]
    if not roomy and sent_by is None:
        return None
    route = roomy[0] if roomy else ordered[0]
    pace.book(route, count(message.body).segments)
    return Way(route, tuple(other for other in ordered if other != route), sent_by)


def _sent_by(message: Message, routes: Sequence[Route]) -> Route | None:
    """Where a text of unknown fate may be: it is looked for there, however full that sender is."""
    if not _may_be_there(message):
        return None
    named = (route for route in routes if (route.carrier, route.sender) == (message.carrier, message.sender))
    return next(named, routes[0])


def _may_be_there(message: Message) -> bool:
    return message.unknown_since is not None or message.state in (CLAIMED, UNKNOWN)
