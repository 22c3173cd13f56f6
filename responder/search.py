"""Finding people by the beginning of a word of their name or id, by their phone in any usual writing, or by a certificate."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat
from sqlalchemy import CompoundSelect, delete, insert, select, union
from sqlalchemy.orm import Session

from geo.names import key, words
from responder.models import Certification, PersonWord, Responder

MOST_TERMS = 6
LONGEST = 100
_LAST = "\U0010ffff"
_NUMBER = re.compile(r"(?:tel:)?[+\d\s()/.-]*\d[\d\s()/.-]*")


def refresh(session: Session, people: Iterable[Responder]) -> None:
    """Make the words of these people anew, in this transaction; people who were erased end without any."""
    listed = list(people)
    session.execute(delete(PersonWord).where(PersonWord.responder_id.in_([person.id for person in listed])))
    rows = [
        {"word": word, "responder_id": person.id}
        for person in listed
        if person.erased_at is None
        for word in sorted(_words_of(person))
    ]
    if rows:
        session.execute(insert(PersonWord), rows)


def terms(typed: str) -> Sequence[str]:
    """What `typed` asks for: each is the beginning of a word that must be there. Nothing typed is nothing asked."""
    text = typed.strip()[:LONGEST]
    if _NUMBER.fullmatch(text):
        return [re.sub(r"\D", "", text).removeprefix("00") or "0"]
    return [found for word in words(text) if (found := key(word))][:MOST_TERMS]


def having(term: str, typed: str) -> CompoundSelect[int]:
    """The ids of the people who have a word that begins with `term`, and of whoever has a certificate numbered as `typed`."""
    words_ = select(PersonWord.responder_id).where(PersonWord.word >= term, PersonWord.word < term + _LAST)
    return union(words_, select(Certification.responder_id).where(Certification.number == typed.strip()))


def _words_of(person: Responder) -> set[str]:
    found = {key(word) for text in (person.name, person.external_id) for word in words(text)}
    found |= {key(person.external_id), *_digits(person.contact.phone)}
    return {word[:200] for word in found if word}


def _digits(phone: str) -> Iterable[str]:
    """A number as it is written abroad and at home."""
    yield phone.removeprefix("+")
    try:
        number = phonenumbers.parse(phone)
    except NumberParseException:
        return
    yield re.sub(r"\D", "", phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))
    yield str(number.national_number)
