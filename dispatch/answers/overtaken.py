"""An answer that reached us after a newer one of the same person: no webhook told of it, and it was found at the carrier."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch import writing
from dispatch.answers.grammar import Answer, parse
from dispatch.answers.which import MOVES_OF
from dispatch.models import Callout
from sms.models import IN, Message


def is_overtaken(session: Session, message: Message, answer: Answer, callout: Callout | None) -> bool:
    """Whether `message` would move a callout that a newer answer of its person has moved already: what was said last counts.

    Only for what was found later. Everything else is handled in the order in which it came, and clocks step back.
    """
    if message.recovered_at is None or callout is None or answer.meaning not in MOVES_OF:
        return False
    newer = select(Message.body).where(
        Message.direction == IN,
        Message.contact_id == message.contact_id,
        Message.created_at > message.created_at,
        Message.handled_at.is_not(None),
        Message.about_kind == writing.ABOUT,
        Message.about_id == callout.id,
    )
    return any(parse(body).meaning in MOVES_OF for body in session.scalars(newer))
