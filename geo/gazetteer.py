"""The names of the imported area, held in memory for as long as the area stays the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo import address
from geo.caching import VersionedCache
from geo.models import TOWN, HouseNumber, Locality, Street
from geo.names import key
from geo.street_index import KnownStreet, StreetIndex

_LONGEST_LOCALITY_WORDS = 4


@dataclass(frozen=True, slots=True)
class Leftover:
    """What else an address said: postal codes, towns (each with all its names, as keys), where in the house (as typed), and
    whether a word means nothing to us."""

    postcodes: frozenset[str]
    towns: tuple[frozenset[str], ...]
    in_the_house: tuple[str, ...]
    not_understood: bool

    def elsewhere(self, town: str | None) -> bool:
        """Whether the address names another town than `town`, the street's as far as the map knows it."""
        named = key(town or "")
        return bool(named and self.towns) and not any(named in names for names in self.towns)


@dataclass(frozen=True)
class Gazetteer:
    """Streets by name, what an address may end in, and the postal codes of the area."""

    streets: StreetIndex
    localities: dict[str, frozenset[str]]
    """By the key of each name: the keys of all names of the town, or an empty set for what is no town."""
    postcodes: frozenset[str]

    def leftover(self, rest: Sequence[str]) -> Leftover:
        """Sort the words of an address that are neither street nor number."""
        codes: set[str] = set()
        towns: list[frozenset[str]] = []
        in_the_house: list[str] = []
        not_understood = False
        at = 0
        while at < len(rest):
            taken = self._locality_words(rest[at:])
            if taken:
                towns.append(self.localities[key(" ".join(rest[at : at + taken]))])
            elif address.is_postcode(rest[at]):
                codes.add(address.postcode(rest[at]))
            elif address.is_unit(rest[at]):
                in_the_house.append(rest[at])
            else:
                not_understood = not_understood or bool(key(rest[at]))
            at += taken or 1
        return Leftover(frozenset(codes), tuple(town for town in towns if town), tuple(in_the_house), not_understood)

    def without_locality(self, street: str) -> str:
        """`street` without the towns and postal codes that it ends in."""
        left = street.split()
        while left:
            ends = range(1, min(_LONGEST_LOCALITY_WORDS, len(left)) + 1)
            taken = next((count for count in ends if key(" ".join(left[-count:])) in self.localities), 0)
            if not taken and not address.is_postcode(left[-1]):
                break
            del left[-(taken or 1) :]
        return " ".join(left)

    def _locality_words(self, rest: Sequence[str]) -> int:
        longest = min(_LONGEST_LOCALITY_WORDS, len(rest))
        return next((count for count in range(longest, 0, -1) if key(" ".join(rest[:count])) in self.localities), 0)


_gazetteers: VersionedCache[Gazetteer] = VersionedCache()


def gazetteer(session: Session) -> Gazetteer:
    """The imported area's names. Costs one look at an index; read anew only after another area was imported."""
    version = session.scalar(select(func.max(Street.id)))
    return _gazetteers.get(session, "area", version, lambda: _load(session))


def _load(session: Session) -> Gazetteer:
    columns = select(Street.id, Street.name, Street.other_names, Street.town, Street.lat, Street.lon).order_by(Street.id)
    streets = (
        KnownStreet(row.id, row.name, tuple(row.other_names), row.town, row.lat, row.lon) for row in session.execute(columns)
    )
    index = StreetIndex(streets)
    localities = _localities(session.scalars(select(Locality)))
    codes = session.scalars(select(HouseNumber.postcode).where(HouseNumber.postcode.is_not(None)).distinct())
    return Gazetteer(index, localities, frozenset(address.postcode(code or "") for code in codes) - {""})


def _localities(rows: Iterable[Locality]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for row in rows:
        names = frozenset(key(name) for name in (row.name, *row.other_names)) - {""}
        for name in names:
            found[name] = found.get(name, frozenset()) | (names if row.kind == TOWN else frozenset())
    return found
