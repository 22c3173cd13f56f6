"""What an error code says beyond its text: of the number, to the operator, of the carrier."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from core import clock, events, faults
from sms import contacts
from sms.carriers.routes import Route
from sms.error_table import Row, Trouble
from sms.models import OUT, Contact, Message
from sms.wire import Wire

FAULT = "carrier_refuses"


def note(wire: Wire, session: Session, message_id: str, row: Row, route: Route | None) -> None:
    """Let `row` have its effects beside the text `message_id`. To be called before anything else is locked: the contact's
    lock comes before every other one."""
    if row.mark is not None:
        contact = hold(session, message_id)
        if contact is not None:
            _mark(wire, session, contact, row)
    if row.tell:
        carrier = route.carrier if route else None
        faults.stand(session, FAULT, row.code, meaning=row.meaning, carrier=carrier, message_id=message_id)


def hold(session: Session, message_id: str) -> Contact | None:
    """Lock the contact of a text, which comes before everything else that is locked."""
    wanted = select(Contact).join(Message, Message.contact_id == Contact.id).where(Message.id == message_id)
    return session.scalars(wanted.with_for_update(key_share=True, of=Contact)).one_or_none()


_WORKS = (
    update(Contact)
    .where(Contact.id == bindparam("contact"), Contact.trouble.is_not(None))
    .values(trouble=None, trouble_since=None)
    .returning(Contact.id)
    .execution_options(synchronize_session=False)
)


def texts_arrive(wire: Wire, session: Session, contact_id: int | None) -> None:
    """A text was delivered to this contact, or came from it: whatever was wrong with the number is wrong no more."""
    if session.execute(_WORKS, {"contact": contact_id}).first() is not None:
        contact = session.get_one(Contact, contact_id, populate_existing=True)
        events.record(session, "number_works", "carrier", contact_id=contact.id)
        for handler in wire.trouble_handlers:
            handler(session, contact, None)


def _mark(wire: Wire, session: Session, contact: Contact, row: Row) -> None:
    if row.mark is Trouble.OPTED_OUT:
        contacts.opt_out(wire, session, contact)
        return
    if contact.trouble == row.mark or not _in_a_row(session, contact, row):
        return
    contact.trouble, contact.trouble_since = row.mark, clock.now()
    events.record(session, "number_in_trouble", "carrier", contact_id=contact.id, trouble=row.mark, reason=row.code)
    for handler in wire.trouble_handlers:
        handler(session, contact, row.mark)


def _in_a_row(session: Session, contact: Contact, row: Row) -> bool:
    """Whether with this one so many texts in a row have ended with this code. A text in between of which nobody knows the end
    breaks no row."""
    earlier = (
        select(Message.error_code)
        .where(
            Message.contact_id == contact.id,
            Message.direction == OUT,
            Message.carrier_status.in_(("delivered", "undelivered", "failed")),
            Message.again_of.is_(None),
        )
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(row.mark_at)
    )
    if row.mark_at == 1:
        return True
    ends = session.scalars(earlier).all()
    return len(ends) == row.mark_at and all(end == row.code for end in ends)
