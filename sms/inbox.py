"""The inbox: what the carrier told us, handed up in order, each thing once, and again later when a handler breaks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from core import clock, events, log
from core.database import writes_alone
from sms import canary, loop_guard, measures, opt_words, set_aside, status_inbox, troubles
from sms.models import TO_HANDLE, Contact, Message
from sms.wire import TextHearer, Wire


class Share(NamedTuple):
    """How many texts share a transaction, and for how many seconds at most: what they are about is then locked and read for all
    of them at once. One takes about 2 ms, 7 when it covers; on a busy machine they take longer, and fewer share it."""

    texts: int
    seconds: float


ALONE = Share(10, 0.045)
"""Where nobody else can write meanwhile: neither an answer nor a new emergency waits for more than these."""
SIDE_BY_SIDE = Share(100, 0.5)
"""Where only those wait who want the same emergencies and people. Under a flood of answers ten together took three times as
long to be handled as a hundred (`scripts/bench webhooks --postgresql`)."""
ONE = Share(1, 0.0)
# Built once: most looks find nothing, and to build it took longer than to look.
_PHONES_WAITING = (
    select(Message.phone)
    .where(
        TO_HANDLE,
        Message.created_at <= bindparam("since"),
        Message.phone.not_in(select(Message.phone).where(TO_HANDLE, Message.handle_after > bindparam("now")).correlate(None)),
    )
    .order_by(Message.created_at, Message.id)
    .limit(bindparam("most"))
)
_log = log.get("inbox")


def handle_due(wire: Wire, limit: int = 500, overdue_s: float = 0.0) -> int:
    """Handle at most `limit` of the texts and statuses that have waited for `overdue_s` seconds, texts first. Returns how many
    that were. Safe to run twice at once."""
    handled = 0
    while handled < limit:
        # Not "now" for all that waits: one number's texts are stamped one after the other, whatever the clock says.
        since = clock.now() - timedelta(seconds=overdue_s) if overdue_s else clock.FOREVER
        count = _handle_texts(wire, limit - handled, since)
        count += status_inbox.handle(wire, min(status_inbox.TOGETHER, limit - handled), since)
        if not count:
            break
        handled += count
    return handled


def handle_now(wire: Wire, carrier_id: str, phone: str) -> bool:
    """Handle the texts of `phone` in their order until the one with `carrier_id` is done: somebody waits on the phone. False
    when it broke, or one before it did; it is then tried again as every text is."""
    while _handle_some(wire, [phone], ONE, wait=True).handled:
        pass
    with wire.services.read() as session:
        message = session.scalars(select(Message).where(Message.carrier_id == carrier_id)).one()
        return message.handled_at is not None and message.handling_failures == 0


def _handle_texts(wire: Wire, limit: int, since: datetime) -> int:
    with wire.services.read() as session:
        phones = _phones_waiting(session, limit, since)
        share = ALONE if writes_alone(session) else SIDE_BY_SIDE
    handled = first = 0
    while first < len(phones):
        some = phones[first : first + share.texts]
        done = _handle_some(wire, list(dict.fromkeys(some)), share._replace(texts=len(some)))
        handled += done.handled
        first += len(some) - done.given_back  # which are the next in order
        wire.services.database.give_way()
    return handled


def _phones_waiting(session: Session, limit: int, since: datetime) -> list[str]:
    """The numbers of the oldest texts that wait, one a text. One whose oldest is for later waits with all of them."""
    return list(session.scalars(_PHONES_WAITING, {"now": clock.now(), "since": since, "most": limit}))


class _Done(NamedTuple):
    """How many texts were handled, and how many more were taken and wait again, for want of time."""

    handled: int
    given_back: int = 0


def _handle_some(wire: Wire, phones: Sequence[str], share: Share, *, wait: bool = False) -> _Done:
    """Handle a share of the oldest texts of these numbers in one transaction; one by one when that breaks, so that a broken
    text takes no other with it.

    Without `wait` a number that somebody else holds at this moment is passed over, so that two processes share the work and
    none waits for the other: who handles it now looks again, and the conductor does after a second.
    """
    taken: dict[str, str] = {}
    try:
        with wire.services.write() as session:
            known = _lock(session, phones, wait)
            until = clock.monotonic_s() + share.seconds  # now that all others wait for this one
            messages = _take_oldest(session, list(known), share.texts)
            taken = {message.id: message.phone for message in messages}
            if not taken:
                return _Done(0)
            hearers = _listen(wire, session, [one for phone, one in known.items() if one and phone in taken.values()])
            done = 0
            while done < len(messages) and (not done or clock.monotonic_s() < until):
                message = messages[done]
                _hand_up(wire, session, message, known[message.phone], hearers)
                done += 1
            for message in messages[done:]:
                message.handled_at = None
    except Exception as error:
        if not taken:
            raise
        if len(taken) > 1:
            _log.warning("texts are handled one by one", texts=len(taken), error=type(error).__name__)
            return _Done(sum(_handle_one_by_one(wire, phone) for phone in dict.fromkeys(taken.values())))
        (message_id,) = taken
        _log.exception("a text was not handled", message_id=message_id)
        set_aside.handle_later(wire, Message, message_id, error, partial(_give_up, wire))
        return _Done(0)
    for message in messages[:done]:
        measures.answered(message)
    return _Done(done, len(messages) - done)


def _listen(wire: Wire, session: Session, senders: Sequence[Contact]) -> list[TextHearer]:
    """Read what the texts of these contacts can be about, for all of them at once. Nothing, where only strangers write."""
    if not senders:
        return []
    loop_guard.count(session, [contact.id for contact in senders])
    return [handler(session, senders) for handler in wire.text_handlers]


def _handle_one_by_one(wire: Wire, phone: str) -> int:
    handled = 0
    while _handle_some(wire, [phone], ONE).handled:
        handled += 1
    return handled


def _lock(session: Session, phones: Sequence[str], wait: bool) -> dict[str, Contact | None]:
    """These numbers with their contacts, whose locks keep the texts of each in order when two processes are here at once. Not
    the full lock: that one would keep a text to this contact from being written by whoever holds the incident that we wait for
    next. Without `wait` those that somebody else holds are left out."""
    known = select(Contact).where(Contact.phone.in_(phones)).order_by(Contact.id)
    free = session.scalars(known.with_for_update(key_share=True, skip_locked=not wait)).all()
    locked = {contact.phone: contact for contact in reversed(free)}
    missing = [phone for phone in phones if phone not in locked]
    held = set(session.scalars(select(Contact.phone).where(Contact.phone.in_(missing)))) if missing else set()
    return {phone: locked.get(phone) for phone in phones if phone not in held}


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
    opt_words.obey(wire, session, message, contact)
    with loop_guard.answering(session, message):
        heard = any(hear(message, contact) for hear in hearers) or any(
            handler(session, message, contact) for handler in wire.stranger_handlers
        )
    if loop_guard.take_held(session):
        for told in wire.held_handlers:
            told(session, contact)
    if not heard:
        events.record(session, "text_for_nobody", "carrier", message_id=message.id)


def _give_up(wire: Wire, session: Session, message: Message) -> None:
    """Whoever said STOP gets no more texts, even when our handlers cannot deal with it: the wire alone obeys."""
    events.record(session, "text_not_handled", message_id=message.id)
    contact = session.scalars(select(Contact).where(Contact.phone == message.phone).order_by(Contact.id)).first()
    if contact is not None:
        message.contact_id = contact.id
        opt_words.obey(Wire(wire.services), session, message, contact)
        _say_that_it_is_given_up(wire, session, message, contact)


def _say_that_it_is_given_up(wire: Wire, session: Session, message: Message, contact: Contact) -> None:
    try:
        with session.begin_nested():
            for told in wire.given_up_handlers:
                told(session, message, contact)
    except Exception:
        _log.exception("nobody could be told of a text that was not handled", message_id=message.id)
