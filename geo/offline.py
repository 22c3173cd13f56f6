"""The offline geocoder: addresses against the streets and house numbers of the imported area."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.services import Services
from geo import crossings, numbers
from geo.address import Reading, postcode, readings
from geo.gazetteer import Gazetteer, Leftover, gazetteer
from geo.models import HouseNumber
from geo.names import key
from geo.resolution import MAX_OFFERS, NOTHING, Match, Resolution
from geo.street_index import Finding, KnownStreet

_MOST_STREETS = 100
_MOST_HOUSES = 20_000
_MOST_GUESSES = 4
_ROWS_FOR_A_NUMBER = 4


class OfflineGeocoder:
    """Finds addresses in the imported area, and nowhere else."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def resolve(self, address: str) -> Resolution:
        """The place of `address` if one street and number fit it well; else what it might mean."""
        return self.resolve_all([address])[address]

    def resolve_all(self, addresses: Iterable[str]) -> dict[str, Resolution]:
        """The same for many addresses, in one look at the index."""
        with self._services.read() as session:
            names = gazetteer(session)
            return {address: _at_crossing_or_house(session, names, address) for address in addresses}


@dataclass(frozen=True, slots=True)
class _Street:
    """A street that may be meant, with its numbers."""

    known: KnownStreet
    houses: Sequence[numbers.Located]
    located: numbers.Located | None


def _at_crossing_or_house(session: Session, names: Gazetteer, text: str) -> Resolution:
    at_crossing = crossings.resolve(session, names, text)
    return at_crossing if at_crossing is not None else _resolve(session, names, text)


def _resolve(session: Session, names: Gazetteer, text: str) -> Resolution:
    reading, finding = _understood(names, readings(text))
    if reading is None:
        return NOTHING
    leftover = names.leftover(reading.rest)
    candidates = _in_town(finding.sure, leftover) or finding.sure or finding.near
    streets = _with_houses(session, candidates[:_MOST_STREETS], reading.number)
    if finding.sure and len(candidates) <= _MOST_STREETS and not leftover.not_understood:
        fitting = [street for street in streets if _fits(street, leftover, names)]
        if len(fitting) == 1 and (match := _match(fitting[0], reading, leftover)):
            return Resolution(match, (match,))
    return Resolution(None, tuple(_offers(streets[:MAX_OFFERS], reading)))


def _understood(names: Gazetteer, possible: Sequence[Reading]) -> tuple[Reading | None, Finding]:
    """The reading that names a street: by its very name, the longest such; else by a name that is nearly right."""
    exact = [(reading, named) for reading in possible if (named := names.streets.named(reading.street))]
    if exact:
        reading, named = max(exact, key=lambda one: (len(key(one[0].street)), one[0].number is not None, one[0].whole))
        return reading, Finding(sure=named)
    best: tuple[Reading | None, Finding] = (None, Finding())
    tried: set[str] = set()
    for reading in (one for one in possible if one.whole):
        street = names.without_locality(reading.street)
        if street in tried or len(tried) >= _MOST_GUESSES:
            continue
        tried.add(street)
        finding = names.streets.like(street)
        if finding.sure:
            return reading, finding
        if finding.near and best[0] is None:
            best = reading, finding
    return best


def _in_town(streets: Sequence[KnownStreet], leftover: Leftover) -> tuple[KnownStreet, ...]:
    """Of several streets of one name those in the town that was typed."""
    return tuple(street for street in streets if leftover.towns and street.town and not leftover.elsewhere(street.town))


def _fits(street: _Street, leftover: Leftover, names: Gazetteer) -> bool:
    """Whether town and postal code, where the address names them, are this street's as far as the map knows."""
    if leftover.elsewhere(street.known.town):
        return False
    codes = {postcode(one.postcode) for one in street.houses if one.postcode} or names.postcodes
    return not leftover.postcodes or not codes or bool(leftover.postcodes & codes)


def _match(street: _Street, reading: Reading, leftover: Leftover) -> Match | None:
    if street.located is None:
        return None
    return Match(reading.label(street.known.name, leftover.in_the_house), street.located.lat, street.located.lon)


def _with_houses(session: Session, streets: Sequence[KnownStreet], wanted: numbers.Number | None) -> list[_Street]:
    rows = session.execute(
        select(HouseNumber.street_id, HouseNumber.number, HouseNumber.lat, HouseNumber.lon, HouseNumber.postcode)
        .where(HouseNumber.street_id.in_([street.id for street in streets]))
        .limit(_MOST_HOUSES)
    )
    houses: dict[int, list[numbers.Located]] = defaultdict(list)
    for row in rows:
        if number := numbers.parse(row.number):
            houses[row.street_id].append(numbers.Located(number, row.lat, row.lon, row.postcode))
    return [
        _Street(street, houses[street.id], numbers.locate(houses[street.id], wanted) if wanted else None) for street in streets
    ]


def _offers(streets: Sequence[_Street], reading: Reading) -> Iterable[Match]:
    """The places that might be meant, the likeliest first: of every street the number, or what comes nearest to it."""
    alike = len({street.known.name for street in streets}) < len(streets)
    each = max(1, min(_ROWS_FOR_A_NUMBER if reading.number else MAX_OFFERS, MAX_OFFERS // max(1, len(streets))))
    rows = [list(_offers_of(street, reading, each, alike)) for street in streets]
    return dict.fromkeys(list(chain.from_iterable(rows))[:MAX_OFFERS])


def _offers_of(street: _Street, reading: Reading, count: int, alike: bool) -> Iterable[Match]:
    known = street.known
    ending = f", {known.town}" if alike and known.town else ""
    if street.located is not None:
        yield Match(reading.label(known.name) + ending, street.located.lat, street.located.lon)
        return
    if reading.number is None or not street.houses:
        yield Match(known.name + ending, known.lat, known.lon)
        count -= 1
    for one in numbers.nearest(street.houses, reading.number, count) if count else ():
        yield Match(f"{known.name} {one.number}{ending}", one.lat, one.lon)
