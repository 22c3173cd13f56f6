"""The inbox: what the carrier told us, handed up in order, each thing once, and again later when a handler breaks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.orm import Session

from core import clock, events, log
from sms import canary, contacts, loop_guard, measures, statuses, troubles
from sms.models import TO_HANDLE, Contact, Message, MessageStatus
from sms.results import TRANSIENT, in_one_order
from sms.wire import TextHearer, Wire

MOST_FAILURES = 12
LONGEST_PAUSE_S = 30.0
"""After this many broken tries, which are some three minutes, a text or a status is set aside, so that it does not block those
after it for ever. What the database could not do at the moment is no fault of theirs, and not counted."""
TOGETHER = 10
"""Texts, or statuses, that share a transaction: what they are about is then locked and read for all of them at once. Neither an
answer nor a new emergency waits for more than these: a text takes about 2.5 ms (7 when it covers), a status 0.5."""
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
        # Not "now" for all that waits: one number's texts are stamped one after the other, whatever the clock says.
        since = clock.now() - timedelta(seconds=overdue_s) if overdue_s else clock.FOREVER
        count = _handle_texts(wire, limit - handled, since)
        count += _handle_statuses(wire, min(TOGETHER, limit - handled), since)
        if not count:
            break
        handled += count
    return handled


def handle_now(wire: Wire, carrier_id: str, phone: str) -> bool:
    """Handle the texts of `phone` in their order until the one with `carrier_id` is done: somebody waits on the phone. False
    when it broke, or one before it did; it is then tried again as every text is."""
    while _handle_some(wire, [phone], 1, wait=True):
        pass
    with wire.services.read() as session:
        message = session.scalars(select(Message).where(Message.carrier_id == carrier_id)).one()
        return message.handled_at is not None and message.handling_failures == 0


def _handle_texts(wire: Wire, limit: int, since: datetime) -> int:
    with wire.services.read() as session:
        phones = _phones_waiting(session, limit, since)
    handled = 0
    for first in range(0, len(phones), TOGETHER):
        if handled < limit:
            some = dict.fromkeys(phones[first : first + TOGETHER])
            handled += _handle_some(wire, list(some), min(TOGETHER, limit - handled))
            wire.services.database.give_way()
    return handled


def _phones_waiting(session: Session, limit: int, since: datetime) -> list[str]:
    """The numbers of the oldest texts that wait, one a text. One whose oldest is for later waits with all of them."""
    later = select(Message.phone).where(TO_HANDLE, Message.handle_after > clock.now()).correlate(None)
    waiting = select(Message.phone).where(TO_HANDLE, Message.created_at <= since, Message.phone.not_in(later))
    return list(session.scalars(waiting.order_by(Message.created_at, Message.id).limit(limit)))


def _handle_some(wire: Wire, phones: Sequence[str], most: int, *, wait: bool = False) -> int:
    """Handle at most `most` of the oldest texts of these numbers in one transaction; one by one when that breaks, so that a
    broken text takes no other with it. Returns how many were handled.

    Without `wait` a number that somebody else holds at this moment is passed over, so that two processes share the work and
    none waits for the other: who handles it now looks again, and the conductor does after a second.
    """
    taken: dict[str, str] = {}
    try:
        with wire.services.write() as session:
            known = _lock(session, phones, wait)
            messages = _take_oldest(session, list(known), most)
            taken = {message.id: message.phone for message in messages}
            if not taken:
                return 0
            senders = [contact for phone, contact in known.items() if contact and phone in taken.values()]
            hearers = [handler(session, senders) for handler in wire.text_handlers]
            for message in messages:
                _hand_up(wire, session, message, known[message.phone], hearers)
    except Exception as error:
        if not taken:
            raise
        if len(taken) > 1:
            _log.warning("texts are handled one by one", texts=len(taken), error=type(error).__name__)
            return sum(_handle_one_by_one(wire, phone) for phone in dict.fromkeys(taken.values()))
        (message_id,) = taken
        _log.exception("a text was not handled", message_id=message_id)
        _handle_later(wire, Message, message_id, "text_not_handled", error)
        return 0
    for message in messages:
        measures.answered(message)
    return len(messages)


def _handle_one_by_one(wire: Wire, phone: str) -> int:
    handled = 0
    while _handle_some(wire, [phone], 1):
        handled += 1
    return handled


def _lock(session: Session, phones: Sequence[str], wait: bool) -> dict[str, Contact | None]:
    """These numbers with their contacts, whose locks keep the texts of each in order when two processes are here at once. Not
    the full lock: that one would keep a text to this contact from being written by whoever holds the incident that we wait for
    next. Without `wait` those that somebody else holds are left out."""
    known = select(Contact).where(Contact.phone.in_(phones)).order_by(Contact.id)
    free = session.scalars(known.with_for_update(key_share=True, skip_locked=not wait)).all()
    locked = {contact.phone: contact for contact in reversed(free)}
    elsewhere = set(session.scalars(known.with_only_columns(Contact.phone))) - locked.keys()
    return {phone: locked.get(phone) for phone in phones if phone not in elsewhere}


def _take_oldest(session: Session, phones: Sequence[str], most: int) -> list[Message]:
    """The oldest waiting texts of these numbers, now this transaction's, in the order in which they came."""
    oldest = select(Message.id, Message.phone, Message.handle_after).where(TO_HANDLE, Message.phone.in_(phones))
    waiting = session.execute(oldest.order_by(Message.created_at, Message.id).limit(most)).all()
    later = {phone for _id, phone, after in waiting if after is not None and after > clock.now()}
    ready = [message_id for message_id, phone, _after in waiting if phone not in later]
    taken = session.scalars(
        update(Message)
        .where(Message.id.in_(ready), Message.handled_at.is_(None))
        .values(handled_at=clock.now())
        .returning(Message)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted(taken, key=lambda message: (message.created_at, message.id))


def _hand_up(wire: Wire, session: Session, message: Message, contact: Contact | None, hearers: Sequence[TextHearer]) -> None:
    if canary.came_back(session, message):
        return
    if contact is None:
        if not any(handler(session, message, None) for handler in wire.stranger_handlers):
            events.record(session, "text_from_unknown_number", "carrier", message_id=message.id)
        return
    message.contact_id = contact.id
    if message.sender is not None:
        contact.carrier, contact.sender = message.carrier, message.sender  # they are answered where they wrote to
    if contact.trouble is not None:
        troubles.texts_arrive(wire, session, contact.id)
    _obey_opt_words(wire, session, message, contact)
    with loop_guard.answering(session, message):
        heard = any(hear(message, contact) for hear in hearers) or any(
            handler(session, message, contact) for handler in wire.stranger_handlers
        )
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
        _say_that_it_is_given_up(wire, session, message, contact)


def _say_that_it_is_given_up(wire: Wire, session: Session, message: Message, contact: Contact) -> None:
    try:
        with session.begin_nested():
            for told in wire.given_up_handlers:
                told(session, message, contact)
    except Exception:
        _log.exception("nobody could be told of a text that was not handled", message_id=message.id)


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
        touching = statuses.touching_a_number(session, rows)
        # What says something of a number needs its contact's lock before any other: each has a transaction of its own.
        some = list(takewhile(lambda told: told.id not in touching, rows)) or rows[:1]
        if some and some[0].id in touching:
            troubles.hold(session, some[0].message_id)
        for told in in_one_order(session, some, lambda told: told.message_id):
            _apply(wire, session, told)
        return len(some)


def _apply_one_by_one(wire: Wire, since: datetime) -> int:
    with wire.services.read() as session:
        ids = [told.id for told in session.scalars(_waiting_statuses(since).limit(TOGETHER))]
    handled = 0
    for status_id in ids:
        try:
            with wire.services.write() as session:
                told = session.get_one(MessageStatus, status_id)
                troubles.hold(session, told.message_id)
                _apply(wire, session, told)
            handled += 1
        except Exception as error:
            _log.exception("a status was not handled", status_id=status_id)
            _handle_later(wire, MessageStatus, status_id, "status_not_handled", error)
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


def _handle_later(wire: Wire, model: type[Message] | type[MessageStatus], row_id: Any, kind: str, error: Exception) -> None:
    """Try again after 0.25, 0.5, 1 s and so on; at last set it aside, with an event and for a text with a red row."""
    with wire.services.write() as session:
        row = cast(Message | MessageStatus, session.get_one(model, row_id, with_for_update=True))
        row.handling_failures += not isinstance(error, TRANSIENT)
        if row.handling_failures < MOST_FAILURES:
            pause_s = min(LONGEST_PAUSE_S, 0.125 * 2 ** max(1, row.handling_failures))
            row.handle_after = clock.now() + timedelta(seconds=pause_s)
            return
        row.handled_at = clock.now()
        if isinstance(row, Message):
            _opt_out_all_the_same(wire, session, row)
        events.record(session, kind, message_id=row.message_id if isinstance(row, MessageStatus) else row.id)


def _not_later(model: type[Message] | type[MessageStatus]) -> ColumnElement[bool]:
    return or_(model.handle_after.is_(None), model.handle_after <= clock.now())
