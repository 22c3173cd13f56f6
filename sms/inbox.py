"""The inbox: what the carrier told us, handed up in order, each thing once, and again later when a handler breaks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.orm import Session

from core import clock, events, log
from sms import canary, contacts, loop_guard, measures, statuses, troubles
from sms.models import TO_HANDLE, Contact, Message, MessageStatus
from sms.results import in_one_order
from sms.wire import Wire

MOST_FAILURES = 5
"""After this many broken tries a text or a status is set aside, so that it does not block those after it."""
TOGETHER = 10
"""Statuses that share a transaction. Answers go before them, and neither an answer nor a new emergency waits for more than
these: about 0.5 ms each."""
OPT_OUT_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
"""Single words on which Twilio blocks a number by itself (sms-facts 2.2)."""
OPT_IN_WORDS = frozenset({"START", "UNSTOP"})
_YES = "YES"
_log = log.get("inbox")


def handle_due(wire: Wire, limit: int = 500, overdue_s: float = 0.0) -> int:
    """Handle at most `limit` of the texts and statuses that have waited for `overdue_s` seconds, texts first. Returns how many
    that were. Safe to run twice at once."""
    handled = 0
    while handled < limit:
        since = clock.now() - timedelta(seconds=overdue_s)
        count = _handle_texts(wire, limit - handled, since)
        count += _handle_statuses(wire, min(TOGETHER, limit - handled), since)
        if not count:
            break
        handled += count
    return handled


def handle_now(wire: Wire, carrier_id: str, phone: str) -> bool:
    """Handle the texts of `phone` in their order until the one with `carrier_id` is done: somebody waits on the phone. False
    when it broke, or one before it did; it is then tried again as every text is."""
    while _handle_next_of(wire, phone).more:
        pass
    with wire.services.read() as session:
        message = session.scalars(select(Message).where(Message.carrier_id == carrier_id)).one()
        return message.handled_at is not None and message.handling_failures == 0


def _handle_texts(wire: Wire, limit: int, since: datetime) -> int:
    with wire.services.read() as session:
        waiting = select(Message.phone).where(TO_HANDLE, _not_later(Message), Message.created_at <= since)
        waiting = waiting.order_by(Message.created_at).limit(limit)
        phones = list(dict.fromkeys(session.scalars(waiting)))
    handled = 0
    for phone in phones:
        more = True
        while more and handled < limit:
            done, more = _handle_next_of(wire, phone)
            handled += done
    return handled


class _Handled(NamedTuple):
    """Whether a text was handled, and whether another of its number waits: to look for it anew would take a turn to write."""

    done: bool
    more: bool


_NONE = _Handled(False, False)


def _handle_next_of(wire: Wire, phone: str) -> _Handled:
    """Handle the oldest waiting text of a number, in a transaction of its own, if it may be handled now."""
    message_id: str | None = None
    try:
        with wire.services.write() as session:
            # The contact's lock keeps one number's texts in order when two processes are here at once. Not the full lock: that
            # one would keep a text to this contact from being written by whoever holds the incident that we wait for next.
            contact = session.scalars(
                select(Contact).where(Contact.phone == phone).order_by(Contact.id).limit(1).with_for_update(key_share=True)
            ).first()
            message_id, more = _take_oldest(session, phone)
            if message_id is None:
                return _NONE
            message = session.get_one(Message, message_id)
            _hand_up(wire, session, message, contact)
        measures.answered(message)
    except Exception:
        if message_id is None:
            raise
        _log.exception("a text was not handled", message_id=message_id)
        _handle_later(wire, Message, message_id, "text_not_handled")
        return _NONE
    return _Handled(True, more)


def _take_oldest(session: Session, phone: str) -> tuple[str | None, bool]:
    """The id of a number's oldest waiting text, now this transaction's, and whether others wait behind it."""
    waiting = session.execute(
        select(Message.id, Message.handle_after)
        .where(TO_HANDLE, Message.phone == phone)
        .order_by(Message.created_at, Message.id)
        .limit(2)
    ).all()
    if not waiting or (waiting[0].handle_after is not None and waiting[0].handle_after > clock.now()):
        return None, False
    taken = session.scalar(
        update(Message)
        .where(Message.id == waiting[0].id, Message.handled_at.is_(None))
        .values(handled_at=clock.now())
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return taken, len(waiting) > 1


def _hand_up(wire: Wire, session: Session, message: Message, contact: Contact | None) -> None:
    if canary.came_back(session, message):
        return
    if contact is None:
        if not any(handler(session, message, None) for handler in wire.stranger_handlers):
            events.record(session, "text_from_unknown_number", "carrier", message_id=message.id)
        return
    message.contact_id = contact.id
    if message.sender is not None:
        contact.carrier, contact.sender = message.carrier, message.sender  # they are answered where they wrote to
    troubles.texts_arrive(wire, session, contact.id)
    _obey_opt_words(wire, session, message, contact)
    with loop_guard.answering(session, message):
        heard = any(handler(session, message, contact) for handler in (*wire.text_handlers, *wire.stranger_handlers))
    if loop_guard.take_held(session):
        for told in wire.held_handlers:
            told(session, contact)
    if not heard:
        events.record(session, "text_for_nobody", "carrier", message_id=message.id)


def _obey_opt_words(wire: Wire, session: Session, message: Message, contact: Contact) -> None:
    """Keep our list of opt-outs the same as the carrier's: what it says it did wins, else the words it acts on."""
    word = message.opt_out_type or message.body.strip().upper()
    if word in OPT_OUT_WORDS:
        contacts.opt_out(wire, session, contact)
    elif word in OPT_IN_WORDS or (word == _YES and contact.opted_out_at is not None):
        contacts.opt_in(wire, session, contact)


def _opt_out_all_the_same(wire: Wire, session: Session, message: Message) -> None:
    """Whoever said STOP gets no more texts, even when our handlers cannot deal with it: the wire alone obeys."""
    contact = session.scalars(select(Contact).where(Contact.phone == message.phone).order_by(Contact.id)).first()
    if contact is not None:
        message.contact_id = contact.id
        _obey_opt_words(Wire(wire.services), session, message, contact)


def _handle_statuses(wire: Wire, limit: int, since: datetime) -> int:
    with wire.services.read() as session:
        if session.execute(_waiting_statuses(since).limit(1)).first() is None:
            return 0  # most looks find nothing, and a look must not take the turn to write
    try:
        return _apply_some(wire, limit, since)
    except Exception as error:
        _log.warning("statuses are handled one by one", error=type(error).__name__)
        return _apply_one_by_one(wire, since)


def _waiting_statuses(since: datetime) -> Select[MessageStatus]:
    unhandled = (MessageStatus.handled_at.is_(None), _not_later(MessageStatus), MessageStatus.received_at <= since)
    return select(MessageStatus).where(*unhandled).order_by(MessageStatus.id)


def _apply_some(wire: Wire, count: int, since: datetime) -> int:
    with wire.services.write() as session:
        rows = session.scalars(_waiting_statuses(since).limit(count).with_for_update(skip_locked=True)).all()
        for told in in_one_order(session, rows, lambda told: told.message_id):
            _apply(wire, session, told)
        return len(rows)


def _apply_one_by_one(wire: Wire, since: datetime) -> int:
    with wire.services.read() as session:
        ids = [told.id for told in session.scalars(_waiting_statuses(since).limit(TOGETHER))]
    handled = 0
    for status_id in ids:
        try:
            with wire.services.write() as session:
                _apply(wire, session, session.get_one(MessageStatus, status_id))
            handled += 1
        except Exception:
            _log.exception("a status was not handled", status_id=status_id)
            _handle_later(wire, MessageStatus, status_id, "status_not_handled")
    return handled


def _apply(wire: Wire, session: Session, told: MessageStatus) -> None:
    mine = session.scalar(
        update(MessageStatus)
        .where(MessageStatus.id == told.id, MessageStatus.handled_at.is_(None))
        .values(handled_at=clock.now())
        .returning(MessageStatus.id)
        .execution_options(synchronize_session=False)
    )
    if mine is not None:
        statuses.apply(wire, session, told)


def _handle_later(wire: Wire, model: type[Message] | type[MessageStatus], row_id: Any, kind: str) -> None:
    """Try again after 0.25, 0.5, 1 and 2 s; then set it aside with an event that says so."""
    with wire.services.write() as session:
        row = cast(Message | MessageStatus, session.get_one(model, row_id, with_for_update=True))
        row.handling_failures += 1
        if row.handling_failures < MOST_FAILURES:
            row.handle_after = clock.now() + timedelta(seconds=0.125 * 2**row.handling_failures)
            return
        row.handled_at = clock.now()
        if isinstance(row, Message):
            _opt_out_all_the_same(wire, session, row)
        events.record(session, kind, message_id=row.message_id if isinstance(row, MessageStatus) else row.id)


def _not_later(model: type[Message] | type[MessageStatus]) -> ColumnElement[bool]:
    return or_(model.handle_after.is_(None), model.handle_after <= clock.now())
