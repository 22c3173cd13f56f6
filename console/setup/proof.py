"""The proof that answers reach us: a text to an admin's own phone, and the answer that comes back through the webhook.

Whatever stands in the inbox came in by a signed webhook unless it says that it was found at the carrier later, so the answer
alone is the proof. No digit is asked for: those mean
something else for ever.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from console.setup.carrier import mark
from core import clock, events, milestones
from core.problems import field_problem
from core.services import Services
from core.settings import Settings
from sms import contacts, outbox, purposes
from sms.models import IN, OUT, Contact, Message

ABOUT = "set_up"
WAIT_FOR_ANSWER = timedelta(hours=24)


def send(session: Session, settings: Settings, number: str, actor: str) -> None:
    """Text `number`, asking for any word. Problem 422 when it cannot be texted."""
    try:
        phone = contacts.normalise(number, settings.default_region)
    except ValueError as error:
        raise field_problem("/number", error.args[0]) from error
    contact = session.scalar(select(Contact).where(Contact.phone == phone))
    if contact is None:  # somebody who is known keeps their language
        contact = contacts.ensure(session, phone, settings.default_language)
    if contact.opted_out_at is not None:
        raise field_problem("/number", "this phone has opted out of all texts; it must text START first, or take another phone")
    body = f"{settings.organisation}: a test of our texts. Please answer with the word HELLO. Nothing else happens."
    until = clock.now() + WAIT_FOR_ANSWER
    draft = outbox.Draft(
        contact=contact, body=body, purpose=purposes.FOLLOW_UP, about_kind=ABOUT, about_id=None, expires_at=until
    )
    outbox.put(session, [draft])
    events.record(session, "webhook_proof_sent", actor)


def waiting(session: Session) -> Message | None:
    """The text whose answer is still waited for."""
    sent = select(Message).where(Message.about_kind == ABOUT, Message.direction == OUT)
    newest = session.scalars(sent.order_by(Message.created_at.desc()).limit(1)).first()
    if newest is None or clock.now() - newest.created_at > WAIT_FOR_ANSWER:
        return None
    done = milestones.reached(session).get(milestones.WEBHOOK)
    return None if done is not None and done.at >= newest.created_at else newest


def answered(session: Session, sent: Message) -> bool:
    """Whether the phone that was texted has written since."""
    heard = exists().where(
        Message.contact_id == sent.contact_id,
        Message.direction == IN,
        Message.created_at >= sent.created_at,
        Message.recovered_at.is_(None),
    )
    return bool(session.scalar(select(heard)))


def notice_answer(services: Services) -> bool:
    """Take note of an answer that has come. Returns whether one had."""
    with services.read() as session:
        sent = waiting(session)
        if sent is None or not answered(session, sent):
            return False
    with services.write() as session:
        settings = services.settings
        milestones.reach(session, milestones.WEBHOOK, "carrier", public_url=settings.public_url, carrier=mark(settings))
    return True
