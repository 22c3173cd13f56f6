"""A random world in the database, as imports write it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert

from core import ids
from core.services import Services
from dispatch import plans
from dispatch.models import Callout, Incident
from dispatch.plans import Plan
from geo.models import EXCLUSION, SERVICE_AREA, Zone
from responder import index
from responder.models import Certification, Place, ReachablePlace, Responder
from sms.models import Contact
from tests.dispatch.worlds import NIGHT, NOON, Person, World


def write_down(services: Services, world: World) -> None:
    """Put a world into the database, as imports do, and the index made by the room itself."""
    with services.write() as session:
        for model in (Callout, Incident, ReachablePlace, Certification, Place, Responder, Contact, Zone):
            session.execute(delete(model))
        elsewhere = _elsewhere(session, world)
        rows = {
            Contact: [_contact(person) for person in world.people],
            Responder: [_responder(person) for person in world.people],
            Certification: [row for person in world.people for row in _certifications(person)],
            Place: [row for person in world.people for row in _places(person)],
        }
        for model, of_model in rows.items():
            if of_model:
                session.execute(insert(model), of_model)
        session.add_all(_callout(elsewhere, person) for person in world.people if person.elsewhere is not None)
        for kind, box in ((SERVICE_AREA, world.area), (EXCLUSION, world.exclusion)):
            if box is not None:
                session.add(Zone(kind=kind, name=kind, polygon=_polygon(*box)))
        index.refresh(session, [person.id for person in world.people])


def _contact(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "phone": f"+4477009{person.id:05d}",
        "language": "en",
        "opted_out_at": NOON if person.opted_out else None,
        "created_at": NOON,
    }


def _responder(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "agency_id": person.agency_id,
        "external_id": f"p{person.id}",
        "membership": person.membership,
        "name": "P",
        "sort_name": "p",
        "contact_id": person.id,
        "transport": person.transport,
        "night_alerts": person.night_alerts,
        "consent_at": NOON if person.consented else None,
        "off_until": person.off_until,
        "spared_until": NIGHT + timedelta(hours=1) if person.spared else NOON,
        "created_at": NOON,
    }


def _certifications(person: Person) -> Iterator[dict[str, Any]]:
    for name, until in person.certified_until.items():
        yield {"responder_id": person.id, "type": name, "expires_at": until, "verified_at": NOON}
    yield {"responder_id": person.id, "type": "medical", "expires_at": None, "verified_at": None}


def _places(person: Person) -> Iterator[dict[str, Any]]:
    for kind, lat, lon, hours in person.places:
        yield {"responder_id": person.id, "kind": kind, "lat": lat, "lon": lon, "hours": hours}


def _elsewhere(session: Any, world: World) -> Incident:
    plan = plans.save(session, Plan(type="other", any_of=("cpr",)), True)
    incident = Incident(
        id=ids.new_id(),
        code="BCDFG",
        type="other",
        plan=plan,
        asking="asking",
        lat=world.lat,
        lon=world.lon,
        placed_at=NOON,
        hazards=[],
        door_code="4711",
        opened_at=NOON,
        opened_by="test",
    )
    session.add(incident)
    session.flush()
    return incident


def _callout(incident: Incident, person: Person) -> Callout:
    return Callout(
        id=ids.new_id(),
        incident_id=incident.id,
        responder_id=person.id,
        letter="A",
        state=person.elsewhere,
        wave=1,
        distance_m=1,
        eta_s=1,
        transport="foot",
        reason="for the test",
        queued_at=NOON,
        expires_at=NOON,
    )


def _polygon(south: float, west: float, north: float, east: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}
