"""Everybody who may be asked by day or by night, read from the narrow table that choosing reads, judged by the same rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from sqlalchemy import select, tuple_

from core.services import Services
from responder import rules
from responder.coverage.months import BY_DAY, BY_NIGHT
from responder.coverage.needs import Needs
from responder.models import ReachablePlace

AT_ONCE = 5_000
"""Places a look: each is short, so that nobody who writes waits for it."""
_COLUMNS = ("cell10", "place_id", "responder_id", "lat", "lon", *rules.COLUMNS)
_NOTHING: tuple[str, ...] = ()
_NEVER_S = -1
"""Ends before every moment: the certificates of somebody who is never asked for these needs."""
_MOST_PEOPLE = 2**32
Judged: TypeAlias = tuple[int, int, float, float, bool, bool, int, tuple[int, ...]]
"""One row of `Counted`."""


class Counted(NamedTuple):
    """A row a place at which somebody may be asked by day or by night; `from_s` is the end of an OFF, `until_s` the last second
    that certificates count, in epoch seconds: a column for each of the needs, or, after `for_needs`, that one's."""

    cells: npt.NDArray[np.int64]
    people: npt.NDArray[np.int64]
    lats: npt.NDArray[np.float64]
    lons: npt.NDArray[np.float64]
    by_day: npt.NDArray[np.bool_]
    by_night: npt.NDArray[np.bool_]
    from_s: npt.NDArray[np.int64]
    until_s: npt.NDArray[np.int64]

    def only(self, which: npt.NDArray[np.bool_]) -> Counted:
        """Some of the rows."""
        return Counted._make(column[which] for column in self)

    def for_needs(self, number: int) -> Counted:
        """The same rows with the certificates that one of the needs asks for."""
        return self._replace(until_s=self.until_s[:, number])

    def for_any(self) -> Counted:
        """The same rows with whatever certificates any of the needs asks for."""
        return self._replace(until_s=self.until_s.max(axis=1))


def read(services: Services, needs: Collection[Needs], agency_id: int = 1) -> Counted:
    """Everybody of an agency whom one or more of the `needs`, of which there is one at least, ask for, wherever they are."""
    looks = [of(rows, needs) for rows in _looks(services, agency_id)]
    return Counted._make(np.concatenate(columns) for columns in zip(*looks, strict=True))


def of(rows: Iterable[Any], needs: Collection[Needs]) -> Counted:
    """Of rows of the narrow table, those that `judge` lets through, as columns."""
    kinds = ("i8", "i8", "f8", "f8", "?", "?", "i8", ("i8", (len(needs),)))
    row_type = np.dtype(list(zip(Counted._fields, kinds, strict=True)))
    table = np.array([judged for row in rows if (judged := judge(row, needs)) is not None], dtype=row_type)
    return Counted._make(table[name] for name in Counted._fields)


def judge(row: Any, needs: Iterable[Needs]) -> Judged | None:
    """One place as `Counted` has it; None where nobody is ever asked, for any of the `needs`."""
    by_day, by_night = _asked(row.kind, row.night_alerts, row.hours, row.consented, row.opted_out, row.active)
    if not (by_day or by_night):
        return None
    ends = [rules.good_until(row.certified, all_of, any_of) for all_of, any_of in needs]
    if all(end is None for end in ends):
        return None
    until_s = tuple(_NEVER_S if end is None else end for end in ends)
    return row.cell10, row.responder_id, row.lat, row.lon, by_day, by_night, row.off_until, until_s


def people_in(parts: npt.NDArray[np.int64], people: npt.NDArray[np.int64], size: int) -> list[int]:
    """How many people, each once, are in each of `size` parts; a row with a part below 0 is in none."""
    inside = parts >= 0
    pairs = np.unique(parts[inside] * _MOST_PEOPLE + people[inside])
    return [int(count) for count in np.bincount(pairs // _MOST_PEOPLE, minlength=size)]


class _Like(NamedTuple):
    """A row as the rules read it, of somebody whose certificate counts and who is not off: those two are dates of their own."""

    kind: str
    night_alerts: bool
    hours: bytes | None
    consented: bool
    opted_out: bool
    active: bool
    off_until: int = 0
    certified: str = rules.pack_certified({"any": rules.NO_END_S})


@lru_cache(maxsize=65_536)
def _asked(
    kind: str, night_alerts: bool, hours: bytes | None, consented: bool, opted_out: bool, active: bool
) -> tuple[bool, bool]:
    """Whether whoever is like that is asked by day, and by night. A town of 100,000 people knows a few hundred kinds."""
    like = _Like(kind, night_alerts, hours, consented, opted_out, active)
    by_day, by_night = (rules.reason_against(like, _NOTHING, _NOTHING, at) is None for at in (BY_DAY, BY_NIGHT))
    return by_day, by_night


def _looks(services: Services, agency_id: int) -> Iterator[Sequence[Any]]:
    order = (ReachablePlace.cell10, ReachablePlace.place_id)
    wanted = select(*(getattr(ReachablePlace, name) for name in _COLUMNS)).where(ReachablePlace.agency_id == agency_id)
    look, last = wanted.order_by(*order).limit(AT_ONCE), (-1, -1)
    while True:
        with services.read() as session:
            rows = session.execute(look.where(tuple_(*order) > last)).all()
        yield rows
        if len(rows) < AT_ONCE:
            return
        last = (rows[-1].cell10, rows[-1].place_id)
