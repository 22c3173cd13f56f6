"""The newest forecasts, kept: made once an hour by the conductor, for to count 100,000 people takes longer than a page may. One
for each set of certifications that the kinds of emergency which are on ask for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
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
from responder.coverage.needs import Needs, NeedsNow

EVERY = timedelta(hours=1)
_FACTS = TypeAdapter(Forecast)
_BY_NEEDS = TypeAdapter(dict[str, Forecast])
"""What is kept: a forecast by the `Needs.key` of those that it is for."""


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


_SHAPE = _digest(_BY_NEEDS.json_schema())
"""Another one after every upgrade that changes what a forecast holds: what was kept before is then made anew, never read."""


@dataclass(frozen=True)
class Kept:
    """The newest forecast, and of which moment it is."""

    made_at: datetime
    forecast: Forecast


def latest(session: Session, needs: Needs, agency_id: int = 1) -> Kept | None:
    """The newest one for `needs`; None before the first, and before the first after an upgrade that changed what it holds."""
    row = session.get(KeptForecast, agency_id)
    if row is None or not row.made_of.startswith(_SHAPE) or needs.key not in row.facts:
        return None
    return Kept(row.made_at, _FACTS.validate_python(row.facts[needs.key]))


def make_due(services: Services, needs_now: NeedsNow, agency_id: int = 1) -> bool:
    """Make new ones where the newest are an hour old, or of other needs, another ground or other settings. Returns whether it
    did."""
    with services.read() as session:
        made_of = _made_of(session, needs_now(session), services.settings, agency_id)
        last = session.execute(
            select(KeptForecast.made_at, KeptForecast.made_of).where(KeptForecast.agency_id == agency_id)
        ).one_or_none()
    if last is not None and last.made_of == made_of and last.made_at > clock.now() - EVERY:
        return False
    make(services, needs_now, agency_id)
    return True


def make(services: Services, needs_now: NeedsNow, agency_id: int = 1) -> None:
    """Count everybody now and keep what comes of it."""
    now = clock.now()
    with services.read() as session:
        needs = needs_now(session)
        made_of = _made_of(session, needs, services.settings, agency_id)
    facts = _BY_NEEDS.dump_python(_count(services, needs, now, agency_id), mode="json")
    with services.write() as session:
        upsert(session, KeptForecast, agency_id=agency_id, made_at=now, made_of=made_of, facts=facts)


def _count(services: Services, needs: Collection[Needs], now: datetime, agency_id: int) -> dict[str, Forecast]:
    if not needs:
        return {}
    settings = services.settings
    with services.read() as session:
        divided, area = ground.of(session, agency_id), zones.service_area(session, agency_id)
    everybody = counted.read(services, needs, agency_id)
    served = everybody.only(area.inside(everybody.lats.tolist(), everybody.lons.tolist()))
    ends = months.ends(now, settings.zone_info, settings.certificate_grace)
    made = forecast.make(served, divided, ends, settings.coverage_per_km2)
    return {one.key: facts for one, facts in zip(needs, made, strict=True)}


def _made_of(session: Session, needs: Collection[Needs], settings: Settings, agency_id: int) -> str:
    own = (settings.coverage_per_km2, settings.certificate_grace_days, settings.time_zone)
    return "/".join((_SHAPE, ground.version(session, agency_id), *map(str, own), _digest([one.key for one in needs])))
