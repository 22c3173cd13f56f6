"""A town small enough to be there in a blink: two streets, a border, the shipped plans, and twelve people near the market."""

from __future__ import annotations

from sqlalchemy.orm import Session

from core.services import Services
from dispatch import plans
from geo import numbers, osm
from geo.geocoding import open_geocoder
from geo.models import SERVICE_AREA, TOWN, Zone
from geo.osm_districts import BuiltDistrict
from geo.osm_streets import BuiltStreet
from responder import people
from responder.fields import Context
from responder.input import ResponderInput
from tests import moving_in

CENTRE = (60.1700, 24.9400)
METRES_PER_DEGREE = 111_412.0
"""Of latitude, at 60° north."""
STREETS = (("Torikatu", "Salutorget"), ("Kirkkokatu", "Kyrkogatan"), ("Torikuja", "Torggränd"))
NAMES = (
    *("Aino Virtanen", "Björn Åström", "Chidi Okafor", "Dora Nagy", "Eero Koski", "Fatima Haddad"),
    *("Gustav Lind", "Helmi Ranta", "Ibrahim Sesay", "Juho Salo", "Kaisa Niemi", "Lauri Mäki"),
)
FIRST_PHONE = 447_700_900_001


def phone_of(number: int) -> str:
    """The phone of the person with this number, 0 for the first of NAMES."""
    return f"+{FIRST_PHONE + number}"


def build(services: Services) -> None:
    """Make the town in an empty database that has every table."""
    with services.write() as session:
        plans.ensure_shipped(session)
        osm.store_area(session, _area())
        _draw_border(session)
    _settle(services)


def _settle(services: Services) -> None:
    """Person n lives at Torikatu n + 1, so many metres north of the market; all may be asked at any hour."""
    context, geocoder = Context.of(services.settings), open_geocoder(services)
    everybody = []
    for number, name in enumerate(NAMES):
        lat, lon = _house(number + 1)
        person = {
            "external_id": f"p-{number + 1:02d}",
            "name": name,
            "phone": phone_of(number),
            "language": "en",
            "places": [{"kind": "home", "lat": lat, "lon": lon, "address": f"Torikatu {number + 1}"}],
            "certifications": [{"type": "cpr", "number": f"C-{number + 1}", "expires": "2040-12-31"}],
            "consent_at": "2026-01-01",
            "night_alerts": True,
        }
        everybody.append(ResponderInput.read(person, context))
    moving_in.all_of(services, geocoder, everybody, people.Manner("operator", demo=True))


def _house(number: int, street: int = 0) -> tuple[float, float]:
    """Where a house stands: 40 m further north for each number, each street 200 m further east."""
    return CENTRE[0] + number * 40 / METRES_PER_DEGREE, CENTRE[1] + street * 0.0036


def _area() -> osm.Area:
    streets = [
        BuiltStreet(name, [other], _house(7, index), None, [_located(number, index) for number in range(1, 21)])
        for index, (name, other) in enumerate(STREETS)
    ]
    districts = [BuiltDistrict("Keskusta", CENTRE, None)]
    return osm.Area(streets, [], districts, [{"kind": TOWN, "name": "Helsinki", "other_names": ["Helsingfors"]}])


def _located(number: int, street: int) -> numbers.Located:
    lat, lon = _house(number, street)
    return numbers.Located(numbers.Number(number, number, ""), lat, lon, "00100")


def _draw_border(session: Session) -> None:
    south, west = CENTRE[0] - 0.02, CENTRE[1] - 0.04
    north, east = CENTRE[0] + 0.02, CENTRE[1] + 0.04
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    polygon = {"type": "Polygon", "coordinates": [ring]}
    session.add(Zone(kind=SERVICE_AREA, name="Town", polygon=polygon, inhabitants_per_km2=3000))
