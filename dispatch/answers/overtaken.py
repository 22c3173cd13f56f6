"""An answer that reached us after a newer one of the same person: no webhook told of it, and it was found at the carrier."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from dispatch import writing
from dispatch.answers.grammar import Answer, Meaning, parse
from dispatch.answers.which import MOVES_OF
from dispatch.models import Callout
from sms.models import IN, Message

_OFF_OR_ON = frozenset({Meaning.OFF, Meaning.ON, Meaning.WISHES_TO_OPT_OUT, Meaning.STOP_WORD})
_STOP_OR_START = frozenset({Meaning.START_WORD, Meaning.ON, Meaning.WISHES_TO_OPT_OUT, Meaning.STOP_WORD})
OVERTAKEN_BY = {
    Meaning.OFF: _OFF_OR_ON,
    Meaning.ON: _OFF_OR_ON,
    Meaning.WISHES_TO_OPT_OUT: _STOP_OR_START,
    Meaning.STOP_WORD: _STOP_OR_START,
    Meaning.START_WORD: _STOP_OR_START | {Meaning.OFF},
}
"""What somebody says of being asked at all, and what takes it back, said later. A START takes back no OFF."""


def is_overtaken(session: Session, message: Message, answer: Answer, callout: Callout | None) -> bool:
    """Whether `message` would move a callout that a newer answer of its person has moved already: what was said last counts.

    Only for what was found later. Everything else is handled in the order in which it came, and clocks step back.
    """
    if message.recovered_at is None or callout is None or answer.meaning not in MOVES_OF:
        return False
    of_callout = (Message.about_kind == writing.ABOUT, Message.about_id == callout.id)
    return any(parse(body).meaning in MOVES_OF for body in session.scalars(_newer(message).where(*of_callout)))


def is_taken_back(session: Session, message: Message, answer: Answer) -> bool:
    """The same of whether somebody wants to be asked at all."""
    if message.recovered_at is None or answer.meaning not in OVERTAKEN_BY:
        return False
    return any(parse(body).meaning in OVERTAKEN_BY[answer.meaning] for body in session.scalars(_newer(message)))


def _newer(message: Message) -> Select[str]:
    """The words of what this person said later and we have heard already."""
    return select(Message.body).where(
        Message.direction == IN,
        Message.contact_id == message.contact_id,
        Message.created_at > message.created_at,
        Message.handled_at.is_not(None),
    )
