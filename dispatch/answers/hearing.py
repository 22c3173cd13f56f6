"""A volunteer's text arrives: find what it means and which callout it is about, and do it. Registered with the wire."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import events
from core.services import Services
from dispatch import advance, alarms, callouts, ringing, states, writing
from dispatch.answers import of_callouts, of_people
from dispatch.answers.grammar import Answer, Meaning, parse
from dispatch.answers.heard import Heard
from dispatch.answers.overtaken import is_overtaken, is_taken_back
from dispatch.answers.which import OF_ONESELF, About, about, is_astray, is_of_oneself
from dispatch.models import Callout
from responder import availability
from responder.models import Responder
from sms import purposes
from sms.models import CALL, Contact, Message
from sms.wire import TextHearer

_STOPPED_BY_CARRIER = "STOP"
"""Whoever the carrier has opted out meant that, whatever word the service has for it. Its START says less: "yes" is one."""


def hearer(services: Services, session: Session, contacts: Sequence[Contact]) -> TextHearer:
    """Take up texts of these contacts, in the caller's transaction: whatever they can be about is locked and read at once, for
    all of them. Returns what hears one of them, and says False when its sender is no responder."""
    senders = select(Responder).where(Responder.contact_id.in_([contact.id for contact in contacts]))
    people = {person.contact_id: person for person in session.scalars(senders)}
    callouts.lock_recent(session, [person.id for person in people.values()])
    return partial(_hear, services, session, people)


def _hear(services: Services, session: Session, people: Mapping[int, Responder], message: Message, contact: Contact) -> bool:
    person = people.get(contact.id)
    if person is None:
        return False
    stopped = message.opt_out_type == _STOPPED_BY_CARRIER
    answer = Answer(Meaning.STOP_WORD) if stopped else _read(message.body)
    if answer.meaning is not Meaning.UNCLEAR:
        availability.note_sign(session, person)
    recent = callouts.recent_of_responder(session, person.id)
    if is_astray(answer.meaning, answer.letter, recent):
        answer = replace(answer, meaning=Meaning.UNCLEAR, letter=None)
    found = about(answer.meaning, answer.letter, recent, callouts.unread(session, recent))
    if is_of_oneself(answer.meaning, found):
        found = About()
    _keep(session, message, person, answer, [found.callout] if found.callout else found.ask_among)
    if message.channel == CALL and found.callout is not None:
        ringing.is_on_the_phone(found.callout)
    heard = Heard(services, session, contact, person, answer, recent, found.callout)
    taken_back = is_taken_back(session, message, answer)
    if answer.meaning is Meaning.STOP_WORD and contact.opted_out_at is None and not taken_back:
        of_people.leave_alone(heard)  # "Stop!", dressed up: the carrier and the wire act on the bare word alone
    counts_as_a_2 = answer.meaning is Meaning.STOP_WORD and found.callout is not None
    if is_overtaken(session, message, answer, found.callout) or (taken_back and not counts_as_a_2):
        _note_overtaken(heard, message)
    elif found.ask_among:
        _ask_which(heard, list(found.ask_among))
    else:
        deed_for(heard)(heard)
    for incident in callouts.lock_incidents(session, sorted(heard.touched)).values():
        advance.advance(session, services.settings, incident, heard.actor)
    return True


def answers_held_back(session: Session, contact: Contact) -> None:
    """Somebody, or a machine, answers everything we write: a dispatcher looks, if they are wanted anywhere."""
    _, live = _wanted(session, contact)
    for callout in live:
        _stand_red(session, alarms.ANSWERS_ITSELF, callout)


def answer_given_up(session: Session, message: Message, contact: Contact) -> None:
    """Nothing came of what somebody wrote, because we broke over it: a dispatcher reads it, if they are wanted anywhere."""
    person, live = _wanted(session, contact)
    if person is None or not live:
        return
    _keep(session, message, person, Answer(Meaning.UNCLEAR), live)
    for callout in live:
        _stand_red(session, alarms.UNCLEAR_WORDS, callout)


def _wanted(session: Session, contact: Contact) -> tuple[Responder | None, list[Callout]]:
    """Who writes from a number, and the callouts that they are wanted for or are on."""
    person = session.scalars(select(Responder).where(Responder.contact_id == contact.id)).one_or_none()
    recent = callouts.recent_of_responder(session, person.id) if person else []
    return person, [callout for callout in recent if callout.state in states.LIVE]


def _stand_red(session: Session, kind: str, callout: Callout) -> None:
    alarms.raise_once(
        session,
        kind,
        incident_id=callout.incident_id,
        callout_id=callout.id,
        responder_id=callout.responder_id,
    )


def _read(body: str) -> Answer:
    """What a text means. "Ready" and "done" in words may be said before setting out: only the digit is surely a 4."""
    answer = parse(body)
    if answer.meaning is Meaning.FINISHED and "4" not in unicodedata.normalize("NFKC", body):
        return replace(answer, meaning=Meaning.LEAVING)
    return answer


def deed_for(heard: Heard) -> Callable[[Heard], None]:
    """What to do with a text: a deed of its callout, of its person, or nothing but keeping the words."""
    meaning = heard.answer.meaning
    if meaning is Meaning.JOIN and heard.about is not None and heard.about.state in states.LIVE:
        return of_callouts.not_understood  # whoever is asked for may well mean that emergency
    if heard.about is not None and (meaning in {*of_callouts.DEEDS, *OF_ONESELF} or meaning not in of_people.DEEDS):
        return of_callouts.DEEDS.get(meaning, of_callouts.not_understood)
    return of_people.DEEDS.get(meaning, of_people.on_no_callout)


def _keep(session: Session, message: Message, person: Responder, answer: Answer, about: Sequence[Callout]) -> None:
    """Tie the words to the callout they are about, where the dispatcher reads them whole; the event holds the meaning only.
    Words that may be about several belong to the newest, and stand in the timeline of each: a volunteer's words about an
    emergency are for the desk and not for admins."""
    if about:
        message.about_kind, message.about_id = writing.ABOUT, about[0].id
    tied: Sequence[Callout | None] = about or (None,)
    for callout in tied:
        events.record(
            session,
            "text_heard",
            f"responder:{person.id}",
            incident_id=callout.incident_id if callout else None,
            callout_id=callout.id if callout else None,
            message_id=message.id,
            responder_id=person.id,
            meaning=answer.meaning,
            letter=answer.letter,
            eta_s=answer.eta_s,
            **({"among": len(about)} if len(about) > 1 else {}),
        )


def _note_overtaken(heard: Heard, message: Message) -> None:
    events.record(
        heard.session,
        "answer_overtaken",
        heard.actor,
        incident_id=heard.about.incident_id if heard.about else None,
        callout_id=heard.about.id if heard.about else None,
        message_id=message.id,
        responder_id=heard.person.id,
    )


def _ask_which(heard: Heard, among: list[Callout]) -> None:
    """Several emergencies, one bare digit: ask which, once."""
    if all(callout.asked_what_to_send_at is not None for callout in among):
        return
    for callout in among:
        callout.asked_what_to_send_at = heard.now
    letters = sorted(callout.letter for callout in among)
    writing.send_to_contact(
        heard.session,
        heard.services.settings,
        "WHICH",
        purposes.FOLLOW_UP,
        heard.contact,
        drill=all(callout.incident.drill for callout in among),
        letters=letters,
        example=f"{letters[0]}1",
    )
