"""The newest forecast, kept: made once an hour by the conductor, for to count 100,000 people takes longer than a page may."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.services import Services
from core.settings import Settings
from core.upsert import upsert
from geo import ground, zones
from responder.coverage import counted, forecast, months
from responder.coverage.facts import Forecast
from responder.coverage.models import KeptForecast

EVERY = timedelta(hours=1)
_FACTS = TypeAdapter(Forecast)
_SHAPE = hashlib.sha256(json.dumps(_FACTS.json_schema(), sort_keys=True).encode()).hexdigest()[:12]
"""Another one after every upgrade that changes what a forecast holds: what was kept before is then made anew, never read."""


@dataclass(frozen=True)
class Kept:
    """The newest forecast, and of which moment it is."""

    made_at: datetime
    forecast: Forecast


def latest(session: Session, agency_id: int = 1) -> Kept | None:
    """The newest one; None before the first, and before the first after an upgrade that changed what it holds."""
    row = session.get(KeptForecast, agency_id)
    if row is None or not row.made_of.startswith(_SHAPE):
        return None
    return Kept(row.made_at, _FACTS.validate_python(row.facts))


def make_due(services: Services, agency_id: int = 1) -> bool:
    """Make a new one where the newest is an hour old, or of another ground or other settings. Returns whether it did."""
    with services.read() as session:
        made_of = _made_of(session, services.settings, agency_id)
        last = session.execute(
            select(KeptForecast.made_at, KeptForecast.made_of).where(KeptForecast.agency_id == agency_id)
        ).one_or_none()
    if last is not None and last.made_of == made_of and last.made_at > clock.now() - EVERY:
        return False
    make(services, agency_id)
    return True


def make(services: Services, agency_id: int = 1) -> None:
    """Count everybody now and keep what comes of it."""
    settings, now = services.settings, clock.now()
    with services.read() as session:
        made_of = _made_of(session, settings, agency_id)
        divided, area = ground.of(session, agency_id), zones.service_area(session, agency_id)
    everybody = counted.read(services, agency_id)
    served = everybody.only(area.inside(everybody.lats.tolist(), everybody.lons.tolist()))
    ends = months.ends(now, settings.zone_info, settings.certificate_grace)
    facts = forecast.make(served, divided, ends, settings.coverage_per_km2)
    with services.write() as session:
        values = {"made_at": now, "made_of": made_of, "facts": _FACTS.dump_python(facts, mode="json")}
        upsert(session, KeptForecast, agency_id=agency_id, **values)


def _made_of(session: Session, settings: Settings, agency_id: int) -> str:
    own = (settings.coverage_per_km2, settings.certificate_grace_days, settings.time_zone)
    return "/".join((_SHAPE, ground.version(session, agency_id), *map(str, own)))
