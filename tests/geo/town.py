"""A street or two, where a whole town would be too much."""

from __future__ import annotations

from core.services import Services
from geo.models import HouseNumber, Street


def add_street(services: Services, name: str, houses: dict[str, tuple[float, float]], town: str | None = None) -> None:
    """A street with its numbers, each with its place in degrees."""
    with services.write() as session:
        lat, lon = next(iter(houses.values()))
        street = Street(name=name, other_names=[], town=town, lat=lat, lon=lon)
        session.add(street)
        session.flush()
        for number, place in houses.items():
            session.add(HouseNumber(street_id=street.id, number=number, lat=place[0], lon=place[1]))
