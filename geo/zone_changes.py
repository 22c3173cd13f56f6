"""Changing where an agency serves. Every change is an event; the polygon of a zone that was replaced is kept in none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import events
from core.problems import field_problem, not_found
from core.words import fill
from geo import zone_reading
from geo.models import EXCLUSION, SERVICE_AREA, Zone
from geo.zones import parse_polygon

SAVED, REMOVED = "zone_saved", "zone_removed"
KINDS = (SERVICE_AREA, EXCLUSION)
LONGEST_NAME = 120
DENSEST_PER_KM2 = 100_000
"""Denser than any quarter of any town on Earth: whoever writes more has mistyped."""


@dataclass(frozen=True)
class NewZone:
    """A zone as somebody wants it. `polygon` is GeoJSON that `zone_reading.read` returned."""

    name: str
    polygon: dict[str, Any]
    kind: str = SERVICE_AREA
    inhabitants_per_km2: int | None = None
    replaces: bool = False
    """Whether it takes the place of every zone of its kind, or stands beside them."""

    def check(self) -> None:
        """Raise Problem (422) that names the field which cannot be used."""
        if not self.name.strip() or len(self.name) > LONGEST_NAME:
            raise field_problem("/name", fill("it must have 1 to {most} characters", most=LONGEST_NAME))
        if self.kind not in KINDS:
            raise field_problem("/kind", fill("it must be one of {kinds}", kinds=", ".join(KINDS)))
        if self.inhabitants_per_km2 is not None and not 0 <= self.inhabitants_per_km2 <= DENSEST_PER_KM2:
            raise field_problem(
                "/inhabitants_per_km2", fill("it must be a number from 0 to {most}, or empty", most=DENSEST_PER_KM2)
            )
        parse_polygon(self.polygon)


def save(session: Session, wanted: NewZone, actor: str, agency_id: int = 1) -> int:
    """Store a zone and return its id; what it replaces goes in the same transaction. Raises Problem (422)."""
    wanted.check()
    replaced = _ids(session, wanted.kind, agency_id) if wanted.replaces else []
    for zone_id in replaced:
        _remove(session, zone_id)
    zone = Zone(
        agency_id=agency_id,
        kind=wanted.kind,
        name=wanted.name.strip(),
        polygon=wanted.polygon,
        inhabitants_per_km2=wanted.inhabitants_per_km2 if wanted.kind == SERVICE_AREA else None,
    )
    session.add(zone)
    session.flush()
    shape = parse_polygon(wanted.polygon)
    corners, km2 = int(shapely.count_coordinates(shape)), round(zone_reading.square_km(shape), 2)
    events.record(
        session, SAVED, actor, zone_id=zone.id, zone_kind=zone.kind, replaced=list(replaced), corners=corners, km2=km2
    )
    return zone.id


def remove(session: Session, zone_id: int, actor: str, agency_id: int = 1) -> None:
    """Delete a zone. Raises Problem (404) when there is none with this id."""
    zone = session.get(Zone, zone_id)
    if zone is None or zone.agency_id != agency_id:
        raise not_found("zone")
    _remove(session, zone_id)
    events.record(session, REMOVED, actor, zone_id=zone_id, zone_kind=zone.kind)


def all_of(session: Session, agency_id: int = 1) -> Sequence[Zone]:
    """Every service area and exclusion, service areas first."""
    wanted = select(Zone).where(Zone.agency_id == agency_id, Zone.kind.in_(KINDS))
    return session.scalars(wanted.order_by(Zone.kind.desc(), Zone.id)).all()


def _ids(session: Session, kind: str, agency_id: int) -> Sequence[int]:
    return session.scalars(select(Zone.id).where(Zone.kind == kind, Zone.agency_id == agency_id)).all()


def _remove(session: Session, zone_id: int) -> None:
    session.execute(delete(Zone).where(Zone.id == zone_id))
