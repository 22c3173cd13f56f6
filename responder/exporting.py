"""People as a CSV file in the columns that an import takes, written a piece at a time: 100,000 need no more memory than one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import contains_eager, selectinload

from core import clock, spreadsheet
from core.services import Services
from responder.imports.table import COLUMNS
from responder.models import HOME, WORK, Certification, Place, Responder

PIECE = 500


def as_csv(services: Services, who: Sequence[ColumnElement[bool]]) -> Iterator[str]:
    """The file, in pieces; `who` is for a select of Responder joined with Contact. Certificates that nobody has verified are
    left out, because a list that names one vouches for it."""
    yield _lines([COLUMNS])
    last = 0
    while True:
        some = (
            select(Responder)
            .join(Responder.contact)
            .where(*who, Responder.id > last)
            .options(contains_eager(Responder.contact), selectinload(Responder.certifications), selectinload(Responder.places))
        )
        with services.read() as session:
            people = session.scalars(some.order_by(Responder.id).limit(PIECE)).all()
            rows = [row for person in people for row in _rows(person, services.settings.zone_info)]
        if not people:
            return
        yield _lines([[spreadsheet.safe(row.get(column, "")) for column in COLUMNS] for row in rows])
        last = people[-1].id


def _rows(person: Responder, zone: ZoneInfo) -> Iterator[dict[str, str]]:
    """One row a certificate, one without for somebody who has none."""
    own: dict[str, Any] = {
        "external_id": person.external_id,
        "name": person.name,
        "phone": person.contact.phone,
        "language": person.contact.language,
        "night_alerts": "yes" if person.night_alerts else "no",
        "calls": "yes" if person.calls else "no",
        "transport": person.transport,
        "consent_at": clock.rfc3339(person.consent_at) or "",
    }
    for place in person.places:
        own |= _place(place)
    proofs = [one for one in person.certifications if one.verified_at is not None]
    for one in sorted(proofs, key=lambda proof: proof.id):
        yield own | _proof(one, zone)
    if not proofs:
        yield own


def _place(place: Place) -> dict[str, str]:
    prefix = {HOME: "home", WORK: "work"}[place.kind]
    values = {"lat": str(place.lat), "lon": str(place.lon), "address": place.address or "", "hours": place.hours or ""}
    return {f"{prefix}_{name}": value for name, value in values.items()}


def _proof(one: Certification, zone: ZoneInfo) -> dict[str, str]:
    expires = one.expires_at.astimezone(zone).date().isoformat() if one.expires_at else ""
    return {
        "certification_type": one.type,
        "certification_number": one.number or "",
        "certification_expires": expires,
    }


def _lines(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
