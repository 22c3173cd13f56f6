"""The demo town: central Helsinki, its streets, its border, and people who do not exist."""

from __future__ import annotations

import osmium
from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from console.accounts import demo as logins
from core import events
from core.events import Event
from core.services import Services
from geo import area, osm, tiles
from geo.models import SERVICE_AREA, Street, Zone
from responder import demo
from scripts.lib import guards
from scripts.lib.bootstrap import ROOT
from scripts.lib.terminal import say

EXTRACT = ROOT / "demo" / "helsinki.osm.pbf"
NAME = "Central Helsinki (demo)"
LOADED = "demo_town_loaded"
MARGIN_DEGREES = 0.004
"""About 220 m west and east, 440 m south and north: streets reach beyond the box they were cut with."""
INHABITANTS_PER_KM2 = 8000
"""Our judgement of the inner city between its offices and its homes; Helsinki as a whole has about 3,200."""


def ensure(services: Services, *, with_map: bool = True) -> bool:
    """Load the demo town into a database that has no people and no streets of its own. Returns whether the database has it.

    The map is left out where no page will show it (`with_map`); it is drawn by the first start that wants it.
    """
    with services.read() as session:
        has_map = tiles.current(session) is not None
        if session.scalar(select(exists().where(Event.kind == LOADED))):
            if with_map and not has_map:
                area.draw_map(services, EXTRACT, "system")
            return True
        if _is_taken(session) or guards.was_real(services.settings):
            say("The demo town is left out: this installation has people, streets or a carrier of its own.")
            return False
    say("Demo town: loading central Helsinki …")
    town = osm.read_area(EXTRACT)
    with services.write() as session:
        counts = osm.store_area(session, town)
        session.execute(delete(Zone).where(Zone.name == NAME))
        _draw_border(session)
    people = demo.load(services)
    if with_map:
        area.draw_map(services, EXTRACT, "system")
    with services.write() as session:
        logins.ensure(session)
        events.record(session, LOADED, people=people, streets=counts.streets)
    say(f"Demo town: {counts.streets} streets, {counts.house_numbers} addresses, {people} volunteers who do not exist.")
    say("Map data © OpenStreetMap contributors, ODbL 1.0.")
    return True


def _is_taken(session: Session) -> bool:
    """Whether the streets or people are somebody's own; a load that was broken off is ours, and is done again."""
    real, _ = guards.people(session)
    streets = session.scalar(select(exists().where(Street.id.is_not(None))))
    begun = session.scalar(select(exists().where(Zone.name == NAME)))
    return bool(real or (streets and not begun))


def _draw_border(session: Session) -> None:
    box = osmium.io.Reader(str(EXTRACT)).header().box()
    west, south = box.bottom_left.lon - MARGIN_DEGREES, box.bottom_left.lat - MARGIN_DEGREES
    east, north = box.top_right.lon + MARGIN_DEGREES, box.top_right.lat + MARGIN_DEGREES
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    session.add(
        Zone(
            kind=SERVICE_AREA,
            name=NAME,
            polygon={"type": "Polygon", "coordinates": [ring]},
            inhabitants_per_km2=INHABITANTS_PER_KM2,
        )
    )
