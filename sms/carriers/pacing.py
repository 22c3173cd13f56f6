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
        self._free_at[route] = starts + timedelta(seconds=segments / route.segments_per_s)
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
    return {route: known[route.carrier, route.sender] for route in routes}


def _read(session: Session) -> dict[tuple[str, str], datetime]:
    columns = select(SenderNumber.carrier, SenderNumber.sender, SenderNumber.free_at)
    rows = session.execute(columns.order_by(SenderNumber.carrier, SenderNumber.sender).with_for_update())
    return {(carrier, sender): free_at for carrier, sender, free_at in rows}
