"""Keeps the narrow table that choosing reads equal to the tables it is made from. Every change of a person ends here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from core import clock
from geo import cells
from responder import hours, rules
from responder.certificates import states
from responder.certificates.states import Counted
from responder.models import ACTIVE, HOME, WORK, Certification, Place, ReachablePlace, Responder
from sms.models import Contact

CHUNK = 500
"""People per statement: well below the 32,766 variables of SQLite, 16 columns and at most two places each included."""


def refresh(session: Session, responder_ids: Iterable[int]) -> None:
    """Make the rows of these people anew, in this transaction. Unknown and erased people end without rows."""
    session.flush()
    ids = sorted(set(responder_ids))
    for first in range(0, len(ids), CHUNK):
        chunk = ids[first : first + CHUNK]
        # Two changes of one person at the same time: the second waits here, and then sees what the first has written.
        # Not the full lock: that one would keep an emergency from writing a callout of theirs.
        mine = select(Responder.id).where(Responder.id.in_(chunk)).order_by(Responder.id)
        session.execute(mine.with_for_update(key_share=True))
        session.execute(delete(ReachablePlace).where(ReachablePlace.responder_id.in_(chunk)))
        rows = list(_rows(session, chunk))
        if rows:
            session.execute(insert(ReachablePlace), rows)


def _rows(session: Session, ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    certified = _certified(session, ids)
    places = _places(session, ids)
    for person in session.execute(_PEOPLE.where(Responder.id.in_(ids))):
        shared = _shared(person, certified.get(person.id, ""))
        for place in places.get(person.id, ()):
            yield shared | _own(place, places[person.id])


_PEOPLE = (
    select(
        Responder.id,
        Responder.agency_id,
        Responder.transport,
        Responder.night_alerts,
        Responder.consent_at,
        Responder.off_until,
        Responder.membership,
        Responder.full_until,
        Responder.spared_until,
        Contact.opted_out_at,
        Responder.waits_for_a_call,
    )
    .join(Contact, Contact.id == Responder.contact_id)
    .where(Responder.erased_at.is_(None))
)


def _shared(person: Any, certified: str) -> dict[str, Any]:
    return {
        "agency_id": person.agency_id,
        "responder_id": person.id,
        "transport": person.transport,
        "night_alerts": person.night_alerts,
        "consented": person.consent_at is not None,
        "opted_out": person.opted_out_at is not None,
        "active": person.membership == ACTIVE,
        "off_until": _off_until(person),
        "certified": certified,
        "spared_until": _seconds(person.spared_until),
    }


def _off_until(person: Any) -> int:
    """Until when they are asked nothing: their own OFF, the alerts that they have had already, or the call that they wait for,
    however long that takes."""
    if person.waits_for_a_call:
        return clock.epoch_s(clock.FOREVER)
    return max(_seconds(person.off_until), _seconds(person.full_until))


def _seconds(moment: datetime | None) -> int:
    return clock.epoch_s(moment) if moment else 0


def _own(place: Any, all_places: Sequence[Any]) -> dict[str, Any]:
    week = _week(place, all_places)
    return {
        "place_id": place.id,
        "kind": place.kind,
        "lat": place.lat,
        "lon": place.lon,
        "cell10": cells.cell(place.lat, place.lon, cells.FINE),
        "cell8": cells.cell(place.lat, place.lon, cells.COARSE),
        "hours": week.packed if week else None,
    }


def _week(place: Any, all_places: Sequence[Any]) -> hours.Week | None:
    """When the place holds; None means always. A home without hours holds whenever the person is not at work."""
    if place.hours is not None:
        return hours.week_of(place.hours)
    work = next((other.hours for other in all_places if other.kind == WORK), None)
    return hours.week_of(work).complement() if place.kind == HOME and work else None


def _certified(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Per person, the types that count or have counted, each with its last second."""
    proofs: dict[int, list[Any]] = defaultdict(list)
    wanted = select(
        Certification.responder_id,
        Certification.type,
        Certification.expires_at,
        Certification.verified_at,
        Certification.submitted_at,
        Certification.rejected_at,
    )
    for one in session.execute(wanted.where(Certification.responder_id.in_(ids))):
        proofs[one.responder_id].append(one)
    return {person: _packed(states.counted(own)) for person, own in proofs.items()}


def _packed(counted: Mapping[str, Counted]) -> str:
    ends = {kind: clock.epoch_s(one.end) if one.end else rules.NO_END_S for kind, one in counted.items()}
    sent = {kind: clock.epoch_s(one.sent) for kind, one in counted.items() if one.end and one.sent}
    return rules.pack_certified(ends, sent)


def _places(session: Session, ids: Sequence[int]) -> dict[int, list[Any]]:
    places: dict[int, list[Any]] = defaultdict(list)
    wanted = select(Place.responder_id, Place.id, Place.kind, Place.lat, Place.lon, Place.hours)
    for place in session.execute(wanted.where(Place.responder_id.in_(ids))):
        places[place.responder_id].append(place)
    return places
