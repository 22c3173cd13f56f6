"""What a person was before an import changed them, as plain data, and putting them back to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from core import events
from responder.joining import consents
from responder.models import Certification, Place, Responder
from sms.models import Contact

_OF_PERSON = ("name", "consent_at", "night_alerts", "calls", "transport")
_OF_PLACE = ("kind", "lat", "lon", "address", "hours")
_KEYS = ("id", "responder_id")
_OF_CERTIFICATION = tuple(column.key for column in inspect(Certification).column_attrs if column.key not in _KEYS)


class NumberTaken(Exception):
    """The number that a person had is somebody else's by now."""


def take(person: Responder) -> dict[str, Any]:
    """All that an import can change of a person."""
    contact = {"phone": person.contact.phone, "language": person.contact.language}
    places = [_plain(place, _OF_PLACE) for place in person.places]
    certifications = [_plain(one, _OF_CERTIFICATION) for one in person.certifications]
    return _plain(person, _OF_PERSON) | {"contact": contact, "places": places, "certifications": certifications}


def put_back(session: Session, person: Responder, before: Mapping[str, Any], actor: str) -> None:
    """Make a locked person what they were, but for the narrow tables made of them, which come after (`index`, `search`). Raises
    NumberTaken; nothing is changed then."""
    _give_number_back(session, person.contact, before["contact"]["phone"])
    person.contact.language = before["contact"]["language"]
    consented_at = person.consent_at
    _set(person, before, _OF_PERSON)
    _put_back_places(person, {place["kind"]: place for place in before["places"]})
    _put_back_certifications(person, before["certifications"])
    person.revision += 1
    if person.consent_at != consented_at:
        consents.note(session, person, consents.NOTED, actor)
    events.record(session, "responder_put_back", actor, responder_id=person.id)


def _give_number_back(session: Session, contact: Contact, phone: str) -> None:
    if contact.phone == phone:
        return
    if session.scalar(select(Contact.id).where(Contact.agency_id == contact.agency_id, Contact.phone == phone)):
        raise NumberTaken
    contact.phone = phone
    # Now, because the next person of the batch may take the number that just became free.
    session.flush()


def _put_back_places(person: Responder, before: dict[str, Mapping[str, Any]]) -> None:
    for place in list(person.places):
        if place.kind in before:
            _set(place, before.pop(place.kind), _OF_PLACE)
        else:
            person.places.remove(place)
    person.places += [Place(**values) for values in before.values()]


def _put_back_certifications(person: Responder, before: list[Mapping[str, Any]]) -> None:
    """Each is known by what a list of people says of it; one that is still there keeps its row, and its proof."""
    wanted = {_identity(values): values for values in before}
    for one in list(person.certifications):
        values = wanted.pop(_identity(_plain(one, _OF_CERTIFICATION)), None)
        if values is None:
            person.certifications.remove(one)
        else:
            _set(one, values, _OF_CERTIFICATION)
    for values in wanted.values():
        again = Certification()
        _set(again, values, _OF_CERTIFICATION)
        person.certifications.append(again)


def _identity(values: Mapping[str, Any]) -> tuple[Any, ...]:
    return values["type"], values["number"], values["expires_at"], values["sent_by"]


def _plain(row: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value := getattr(row, name), datetime) else value for name in names}


def _set(row: object, values: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        value = values[name]
        setattr(row, name, datetime.fromisoformat(value) if value is not None and name.endswith("_at") else value)
