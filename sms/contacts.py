"""Contacts: phones in one writing, and who wants no texts."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType
from sqlalchemy import ScalarSelect, select, update
from sqlalchemy.orm import Session

from core import clock, events
from core.words import _, fill
from sms.models import Contact
from sms.once import insert_once
from sms.wire import Wire

_AS_A_DECIMAL = re.compile(r"\+?\d+[.,]0+")


@dataclass(frozen=True)
class Example:
    """How the numbers of a region are written, at home and from everywhere."""

    national: str
    international: str


@dataclass(frozen=True)
class PhoneNumber:
    """A number in E.164. `valid` is False for one that is possible but that no carrier is known to hand out: only a warning,
    because number plans change faster than libraries."""

    e164: str
    valid: bool


def example(region: str) -> Example | None:
    """A mobile number of `region` that shows how they are written there and is nobody's; None where the library knows none."""
    number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    if number is None:
        return None
    forms = (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL)
    return Example(*(phonenumbers.format_number(number, form) for form in forms))


def read_phone(phone: str, region: str) -> PhoneNumber:
    """Read `phone` in any usual writing; a national one belongs to `region` (two capital letters).

    Raises ValueError with a plain text when it cannot be a number that takes texts.
    """
    written = " ".join(phone.split())  # spaces of every width are a space
    # The library would turn letters into the digits of a phone's keys, and an emergency would go to a stranger.
    if any(character.isalpha() for character in written.removeprefix("tel:")):
        raise ValueError(fill("not a phone number: it has letters in it; {how}", how=_how(region)))
    # As the library reads it, the nought behind the point would be one more digit: somebody else's number.
    if _AS_A_DECIMAL.fullmatch(written):
        raise ValueError(_("a spreadsheet has made a decimal number of it; write it as text, without what follows the point"))
    try:
        number = phonenumbers.parse(written, region)
    except NumberParseException as error:
        raise ValueError(fill("not a phone number; {how}", how=_how(region))) from error
    if number.extension:
        raise ValueError(_("a number with an extension cannot be texted; give a direct number"))
    if not phonenumbers.is_possible_number(number):
        raise ValueError(fill("no phone number has this many digits; {how}", how=_how(region)))
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return PhoneNumber(e164, phonenumbers.is_valid_number(number))


def _how(region: str) -> str:
    shown = example(region)
    if shown is None:
        return fill("write it with its country, beginning with +")
    return fill("write it like {number}", number=shown.international)


def normalise(phone: str, region: str) -> str:
    """`phone` in E.164, the only writing that is stored. Raises ValueError with a plain text."""
    return read_phone(phone, region).e164


def ensure(session: Session, phone_e164: str, language: str, demo: bool = False) -> Contact:
    """The contact of `phone_e164`, made if it is not there yet; one that is there takes the `language` and keeps its `demo`."""
    insert_once(session, Contact, phone=phone_e164, language=language, demo=demo, agency_id=1, created_at=clock.now())
    contact = session.scalars(select(Contact).where(Contact.agency_id == 1, Contact.phone == phone_e164)).one()
    if contact.language != language:
        contact.language = language
    return contact


def opt_out(wire: Wire, session: Session, contact: Contact) -> bool:
    """Send this contact nothing any more; the rooms above hear of it. Returns False when it was so already."""
    return _move(wire, session, contact, opted_out=True)


def opt_in(wire: Wire, session: Session, contact: Contact) -> bool:
    """The person wants texts again. Returns False when it was so already."""
    return _move(wire, session, contact, opted_out=False)


def _move(wire: Wire, session: Session, contact: Contact, *, opted_out: bool) -> bool:
    was = Contact.opted_out_at.is_(None) if opted_out else Contact.opted_out_at.is_not(None)
    moved = session.execute(
        update(Contact)
        .where(Contact.id == contact.id, was)
        .values(opted_out_at=clock.now() if opted_out else None)
        .returning(Contact.id)
        .execution_options(synchronize_session=False)
    ).first()
    session.refresh(contact)
    if moved is None:
        return False
    events.record(session, "contact_opted_out" if opted_out else "contact_opted_in", contact_id=contact.id)
    for handler in wire.opt_handlers:
        handler(session, contact, opted_out)
    return True


def lock(session: Session, contact_id: int | ScalarSelect[int]) -> None:
    """Lock a contact as those do who handle its texts (`sms.inbox`); whoever will change it and its person locks it first, in
    the order of an answer."""
    session.execute(select(Contact.id).where(Contact.id == contact_id).with_for_update(key_share=True))
