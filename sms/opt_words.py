"""The single words on which a carrier stops and starts texts by itself: our list of opt-outs is kept the same as its own."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import events
from sms import contacts
from sms.models import IN, Contact, Message
from sms.wire import Wire

_OUT = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
"""Words on which Twilio blocks a number by itself (sms-facts 2.2)."""
_IN = frozenset({"START", "UNSTOP"})
_YES = "YES"
"""Opts in whoever is out, and is an answer of all others."""


def obey(wire: Wire, session: Session, message: Message, contact: Contact) -> None:
    """Do as the carrier: what it says it did wins, else the words it acts on."""
    word = _word(message.opt_out_type, message.body)
    out, back = word in _OUT, word in _IN or (word == _YES and contact.opted_out_at is not None)
    if not out and not back:
        return
    if _is_overtaken(session, message):
        events.record(session, "opt_word_overtaken", "carrier", message_id=message.id, contact_id=contact.id)
    elif out:
        contacts.opt_out(wire, session, contact)
    else:
        contacts.opt_in(wire, session, contact)


def _is_overtaken(session: Session, message: Message) -> bool:
    """Whether it was found at the carrier after a newer such word had been obeyed. Only for what was found later: all else is
    handled in the order in which it came. (Of a block of its own that we then do not know, the carrier tells: 21610.)"""
    if message.recovered_at is None:
        return False
    newer = select(Message.opt_out_type, Message.body).where(
        Message.direction == IN,
        Message.contact_id == message.contact_id,
        Message.created_at > message.created_at,
        Message.handled_at.is_not(None),
    )
    return any(_word(by_carrier, body) in {*_OUT, *_IN, _YES} for by_carrier, body in session.execute(newer))


def _word(by_carrier: str | None, body: str) -> str:
    return by_carrier or body.strip().upper()
