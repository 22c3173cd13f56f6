"""Handing texts over no faster than a sender can send them: what stands in a carrier's queue cannot be overtaken any more, not
even by the address somebody is running to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sms.carriers.models import SenderNumber
from sms.carriers.routes import Route
from sms.once import insert_once

AHEAD = timedelta(seconds=3)
"""A sender may have this much work in the carrier's queue: enough that the first texts of one emergency leave together, and an
address waits for no more than this."""
MOST_SEGMENTS = 24
"""Of the longest text: 1600 characters, 67 to a segment. No sender is booked for longer than this on top of a full queue."""
CLOCKS_MAY_DIFFER = timedelta(seconds=10)
"""Between machines that send from the same numbers, while their clocks are kept."""


class Pace:
    """What the senders can still be given, for one transaction. Their rows stay locked until it ends, so that two processes
    never hand over the same room twice."""

    def __init__(self, session: Session, routes: Sequence[Route], now: datetime) -> None:
        self._session = session
        self._now = now
        self._free_at = _free_at(session, routes, now)
        self._booked: set[Route] = set()

    def has_room(self, route: Route) -> bool:
        """Whether it can be given another text now."""
        return self._free_at[route] - self._now < AHEAD

    def book(self, route: Route, segments: int) -> None:
        """Give it a text of so many segments."""
        starts = max(self._now, self._free_at[route])
        ends = starts + timedelta(seconds=segments / route.segments_per_s)
        # A text of unknown fate is looked for, and booked, however full the sender is, and most often it is there already.
        self._free_at[route] = min(ends, self._now + _longest(route))
        self._booked.add(route)

    def write(self) -> None:
        """Let the others know; they see it after the commit."""
        for route in self._booked:
            mine = (SenderNumber.carrier == route.carrier, SenderNumber.sender == route.sender)
            self._session.execute(
                update(SenderNumber)
                .where(*mine)
                .values(free_at=self._free_at[route])
                .execution_options(synchronize_session=False)
            )


def _free_at(session: Session, routes: Sequence[Route], now: datetime) -> dict[Route, datetime]:
    known = _read(session)
    missing = [route for route in routes if (route.carrier, route.sender) not in known]
    for route in missing:
        insert_once(session, SenderNumber, carrier=route.carrier, sender=route.sender, free_at=now)
    if missing:
        known = _read(session)
    return {route: _honest(known[route.carrier, route.sender], route, now) for route in routes}


def _honest(free_at: datetime, route: Route, now: datetime) -> datetime:
    """What was booked; nothing, where it was by a clock that ran ahead and was set back since: all would wait as long."""
    return now if free_at - now > _longest(route) + CLOCKS_MAY_DIFFER else free_at


def _longest(route: Route) -> timedelta:
    return AHEAD + timedelta(seconds=MOST_SEGMENTS / route.segments_per_s)


def _read(session: Session) -> dict[tuple[str, str], datetime]:
    columns = select(SenderNumber.carrier, SenderNumber.sender, SenderNumber.free_at)
    rows = session.execute(columns.order_by(SenderNumber.carrier, SenderNumber.sender).with_for_update())
    return {(carrier, sender): free_at for carrier, sender, free_at in rows}
