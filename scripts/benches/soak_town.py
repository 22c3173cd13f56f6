"""Where the soak takes place: sites so far apart that each has its own ten people, whose phones the autopilot plays."""

from __future__ import annotations

from collections.abc import Callable

from core.services import Services
from dispatch import plans
from geo.geocoding import open_geocoder
from responder import people
from responder.fields import Context
from responder.input import ResponderInput

PEOPLE_PER_SITE = 10
MOST_SITES = 100
"""The autopilot plays the thousand numbers that are kept for fiction."""
_BY_CALL_ALONE = (1, 4, 7)
"""Three people of each site have a phone that takes no texts: who is asked there is rung."""
LANDLINE = 30006
ROLES = ("direct",) * 6 + ("guide",)
"""So many that those who answer a text seldom fill them all: whoever is rung is wanted."""
_CENTRE = (60.2, 24.9)
_BETWEEN_SITES = (0.0135, 0.027)
"""Degrees: 1.5 km in either direction, where people are asked within 500 m."""
_BETWEEN_PEOPLE = 0.0003
_SITES_IN_A_ROW = 10


def place(site: int) -> tuple[float, float]:
    """Where the emergencies of a site happen."""
    row, column = divmod(site, _SITES_IN_A_ROW)
    return _CENTRE[0] + row * _BETWEEN_SITES[0], _CENTRE[1] + column * _BETWEEN_SITES[1]


def phone(number: int) -> str:
    """The phone of somebody: of the thousand that are kept for fiction first."""
    return f"+447700900{number:03d}" if number < MOST_SITES * PEOPLE_PER_SITE else f"+35840{number:07d}"


def landlines(sites: int) -> dict[str, int]:
    """The numbers whose texts fail, with the code that they fail with."""
    return {phone(site * PEOPLE_PER_SITE + nth): LANDLINE for site in range(sites) for nth in _BY_CALL_ALONE}


def filler(sites: int, roles: tuple[str, ...] = ROLES) -> Callable[[Services], None]:
    """What puts the people of that many sites into a database, and the plan that asks all of a site at once for these roles."""

    def fill(services: Services) -> None:
        with services.write() as session:
            shipped = next(plan for plan, _ in plans.SHIPPED if plan.type == "cardiac_arrest")
            everyone = {"waves": plans.STOCKHOLM, "reach": plans.Reach(ceiling_m=500), "roles": roles}
            plans.save(session, shipped.model_copy(update=everyone), True)
        geocoder, context = open_geocoder(services), Context.of(services.settings)
        for number in range(sites * PEOPLE_PER_SITE):
            people.upsert(services, geocoder, ResponderInput.read(_person(number), context), people.Manner("bench"))

    return fill


def _person(number: int) -> dict[str, object]:
    site, nth = divmod(number, PEOPLE_PER_SITE)
    lat, lon = place(site)
    return {
        "external_id": f"soak-{number}",
        "name": f"Soak {number}",
        "phone": phone(number),
        "places": [{"kind": "home", "lat": lat + nth * _BETWEEN_PEOPLE, "lon": lon}],
        "certifications": [{"type": "cpr"}],
        "consent_at": "2026-01-01",
        "night_alerts": True,
        "calls": True,
    }
