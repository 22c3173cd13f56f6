"""Addresses as they are typed: what the letters so far can become. Slips are forgiven, and nothing is ever guessed: somebody
picks one of these."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo import numbers
from geo.address import MAX_LETTERS
from geo.gazetteer import Gazetteer, gazetteer
from geo.models import HouseNumber
from geo.names import key
from geo.resolution import MAX_OFFERS
from geo.street_index import KnownStreet

FEWEST_LETTERS = 3
_MOST_HOUSES = 5_000
_NUMBER_LAST = re.compile(
    r"(?P<street>.*?[^\W\d].*?)[\s,]+(?P<number>\d{1,5}(?:\s?[a-z])?)(?P<rest>(?:[\s,]+.*)?)", re.IGNORECASE
)
_NUMBER_FIRST = re.compile(r"(?P<number>\d{1,5}(?:\s?(?:bis|ter|[a-z])(?=[\s,]))?)[\s,]+(?P<street>.*[^\W\d].*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A place that typing can become, with the text that people read for it; degrees. `beside`: the map lacks this house
    number, and the place is that of the address named there."""

    label: str
    lat: float
    lon: float
    beside: str | None = None


def suggest(session: Session, typed: str) -> list[Suggestion]:
    """At most 8 places that `typed` can become, the likeliest first; none for fewer than 3 letters.

    A street is found by the beginning of its name or of one of its words, and where there is no such street by names a slip or
    two away; with a number, the houses whose numbers begin with it. A number that the map lacks is kept, for a house is no less
    real for it, and stands beside the nearest that is known: of a street without its number nobody finds a door.
    """
    typed = " ".join(typed[:MAX_LETTERS].split())
    if len(key(typed)) < FEWEST_LETTERS:
        return []
    names = gazetteer(session)
    readings = list(_readings(typed))
    for slips in (False, True):
        for street, number, rest in readings:
            found = _streets(names, street, slips=slips)
            if found:
                in_the_house = " ".join(names.leftover(rest.replace(",", " ").split()).in_the_house)
                return _places(session, found, key(street), number, in_the_house)
    return []


def _readings(typed: str) -> Iterator[tuple[str, str, str]]:
    """Street, number and what follows it, in the order in which they are tried: "3 linja" is a street, "3 Rue" is not."""
    if last := _NUMBER_LAST.fullmatch(typed):
        yield last["street"], last["number"], last["rest"].strip(" ,")
    yield typed, "", ""
    if first := _NUMBER_FIRST.fullmatch(typed):
        yield first["street"], first["number"], ""


def _streets(names: Gazetteer, street: str, *, slips: bool) -> tuple[KnownStreet, ...]:
    """The streets it can be, without the town that may stand behind."""
    found = names.streets.becoming(street, MAX_OFFERS, slips=slips)
    shorter = names.without_locality(street.replace(",", " "))
    if not found and shorter and key(shorter) != key(street):
        found = names.streets.becoming(shorter, MAX_OFFERS, slips=slips)
    return found


def _places(session: Session, found: Sequence[KnownStreet], typed: str, number: str, rest: str) -> list[Suggestion]:
    houses = _houses(session, found)
    # Of streets that begin alike the one with more houses is meant more often.
    streets = sorted(found, key=lambda one: (key(one.name) != typed, -len(houses[one.id])))
    twins = len({street.name for street in streets}) < len(streets)
    rows = [list(_of_street(street, houses[street.id], number, rest, twins)) for street in streets]
    if number and any(rows):
        # A street that has the number comes before those that only have the letters.
        rows = [row for row in rows if row]
    elif number:
        rows = [list(_beside(street, houses[street.id], f"{number} {rest}".strip(), twins)) for street in streets]
    return list(dict.fromkeys(_in_turn(rows)))[:MAX_OFFERS]


def _in_turn(rows: Sequence[Sequence[Suggestion]]) -> Iterator[Suggestion]:
    """The first of each street, then the others of the first street, the second, and so on."""
    yield from (row[0] for row in rows if row)
    for row in rows:
        yield from row[1:]


def _beside(street: KnownStreet, houses: Sequence[numbers.Located], typed: str, twins: bool) -> Iterator[Suggestion]:
    """What was typed, beside the nearest number that is known; then the known ones around it."""
    town = _town(street, twins)
    yield _lacking(street, houses, typed, town)
    for house in numbers.nearest(houses, numbers.parse(typed), MAX_OFFERS - 1):
        yield Suggestion(f"{street.name} {house.number}{town}", house.lat, house.lon)


def _lacking(street: KnownStreet, houses: Sequence[numbers.Located], typed: str, town: str) -> Suggestion:
    label = f"{street.name} {typed}{town}"
    for spot in numbers.nearest(houses, numbers.parse(typed), 1):
        return Suggestion(label, spot.lat, spot.lon, beside=f"{street.name} {spot.number}")
    return Suggestion(label, street.lat, street.lon, beside=street.name)


def _town(street: KnownStreet, twins: bool) -> str:
    return f", {street.town}" if twins and street.town else ""


def _of_street(
    street: KnownStreet, houses: Sequence[numbers.Located], number: str, rest: str, twins: bool
) -> Iterator[Suggestion]:
    town = _town(street, twins)
    if not number:
        yield Suggestion(street.name + town, street.lat, street.lon)
        for house in numbers.nearest(houses, None, MAX_OFFERS - 1):
            yield Suggestion(f"{street.name} {house.number}{town}", house.lat, house.lon)
        return
    wanted = numbers.parse(number)
    begun = _beginning_with(houses, number)
    known = wanted is None or any(house.number.holds(wanted.first) for house in houses)
    for house in begun:
        yield Suggestion(f"{street.name} {house.number}{' ' + rest if rest else ''}{town}", house.lat, house.lon)
    if not begun and wanted is not None and (at := numbers.locate(houses, wanted)):
        # The stair, or the plot, need not be on the map: what was typed is kept, for those who look for the door.
        yield Suggestion(f"{street.name} {' '.join((number, rest)).strip()}{town}", at.lat, at.lon)
    if begun and not known:
        # 80 is no 8: whoever was told 8 by a caller must find it here too.
        yield _lacking(street, houses, f"{number} {rest}".strip(), town)


def _beginning_with(houses: Sequence[numbers.Located], number: str) -> list[numbers.Located]:
    """The houses that `number` can become as typing goes on: itself, with a letter, then longer numbers."""
    begun = key(number)
    fitting = [house for house in houses if key(str(house.number)).startswith(begun)]
    return sorted(fitting, key=lambda house: (len(str(house.number.first)), house.number))[: MAX_OFFERS - 1]


def _houses(session: Session, streets: Sequence[KnownStreet]) -> dict[int, list[numbers.Located]]:
    rows = session.execute(
        select(HouseNumber.street_id, HouseNumber.number, HouseNumber.lat, HouseNumber.lon)
        .where(HouseNumber.street_id.in_([street.id for street in streets]))
        .limit(_MOST_HOUSES)
    )
    found: dict[int, list[numbers.Located]] = defaultdict(list)
    for row in rows:
        if number := numbers.parse(row.number):
            found[row.street_id].append(numbers.Located(number, row.lat, row.lon))
    return found
