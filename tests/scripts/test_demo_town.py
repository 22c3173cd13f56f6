"""The demonstration is covered at any hour, because at any hour enough of the town's people may be asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.clock import HandClock
from core.services import open_services
from core.settings import load
from dispatch import intake, lifecycle, plans
from dispatch.reports import NewIncident
from dispatch.view import incident_json
from geo.geocoding import open_geocoder
from scripts.lib import schema, town
from scripts.lib.headless import ADDRESS

FIRST_WAVE = 7


def test_a_first_wave_is_found_at_every_hour_of_a_week(data: Path, clock: HandClock) -> None:
    services = open_services(load(data_dir=data))
    schema.bring_up_to_date(services.settings.database)
    with services.write() as session:
        plans.ensure_shipped(session)
    town.ensure(services)
    geocoder = open_geocoder(services)
    begin = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    for hour in range(0, 7 * 24, 3):
        clock.set(begin + timedelta(hours=hour))
        opened = intake.open_incident(services, geocoder, NewIncident(type="cardiac_arrest", address=ADDRESS), "test")
        with services.read() as session:
            asked = incident_json(session, opened.incident_id)["callouts"]
        lifecycle.close_incident(services, opened.incident_id, "mistaken", "test")
        assert len(asked) >= FIRST_WAVE, clock.now()
    services.database.close()
