"""The inbox of statuses: what the carrier told us of our texts and calls, applied in order, each once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from core import clock, events, log
from sms import set_aside, statuses, troubles
from sms.models import MessageStatus
from sms.results import in_one_order
from sms.wire import Wire

TOGETHER = 10
"""Statuses that share a transaction: what they are about is then locked and read for all of them at once. One takes 0.5 ms."""
_log = log.get("inbox")
# Built once: most looks find nothing, and to build it took longer than to look.
_WAITING = (
    select(MessageStatus)
    .where(
        MessageStatus.handled_at.is_(None),
        or_(MessageStatus.handle_after.is_(None), MessageStatus.handle_after <= bindparam("now")),
        MessageStatus.received_at <= bindparam("since"),
    )
    .order_by(MessageStatus.id)
    .limit(bindparam("most"))
)
_WAITING_AND_FREE = _WAITING.with_for_update(skip_locked=True)
_HANDLED = (
    update(MessageStatus)
    .where(MessageStatus.id.in_(bindparam("ids", expanding=True)), MessageStatus.handled_at.is_(None))
    .values(handled_at=bindparam("now"))
    .returning(MessageStatus.id)
    .execution_options(synchronize_session=False)
)


def handle(wire: Wire, limit: int, since: datetime) -> int:
    """Apply at most `limit` of the statuses that came until `since`, in their order. Returns how many that were."""
    with wire.services.read() as session:
        if session.execute(_WAITING, _moment(since, 1)).first() is None:
            return 0  # most looks find nothing, and a look must not take the turn to write
    try:
        return _apply_some(wire, limit, since)
    except Exception as error:
        _log.warning("statuses are handled one by one", error=type(error).__name__)
        return _apply_one_by_one(wire, since)


def _moment(since: datetime, most: int) -> dict[str, object]:
    return {"now": clock.now(), "since": since, "most": most}


def _apply_some(wire: Wire, count: int, since: datetime) -> int:
    with wire.services.write() as session:
        rows = session.scalars(_WAITING_AND_FREE, _moment(since, count)).all()
        if not rows:
            return 0
        told_of = statuses.ToldOf.read(session, rows)
        # What says something of a number needs its contact's lock before any other: each has a transaction of its own.
        some = list(takewhile(lambda told: not told_of.touches_a_number(told), rows)) or rows[:1]
        if told_of.touches_a_number(some[0]):
            troubles.hold(session, some[0].message_id)
        mine = _take(session, some)
        for told in in_one_order(some, told_of.about, lambda told: told.message_id):
            if told.id in mine:
                statuses.apply(wire, session, told)
        return len(some)


def _apply_one_by_one(wire: Wire, since: datetime) -> int:
    with wire.services.read() as session:
        ids = [told.id for told in session.scalars(_WAITING, _moment(since, TOGETHER))]
    handled = 0
    for status_id in ids:
        try:
            with wire.services.write() as session:
                told = session.get_one(MessageStatus, status_id)
                troubles.hold(session, told.message_id)
                if _take(session, [told]):
                    statuses.apply(wire, session, told)
            handled += 1
        except Exception as error:
            _log.exception("a status was not handled", status_id=status_id)
            set_aside.handle_later(wire, MessageStatus, status_id, error, _given_up)
    return handled


def _given_up(session: Session, told: MessageStatus) -> None:
    events.record(session, "status_not_handled", message_id=told.message_id)


def _take(session: Session, rows: Sequence[MessageStatus]) -> set[int]:
    """The ids of those that nobody has handled, now this transaction's."""
    return set(session.scalars(_HANDLED, {"ids": [told.id for told in rows], "now": clock.now()}))
