"""Everybody who may be asked by day or by night, read from the narrow table that choosing reads, judged by the same rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from sqlalchemy import select, tuple_

from core.services import Services
from responder import rules
from responder.coverage.months import BY_DAY, BY_NIGHT
from responder.models import ReachablePlace
from responder.standing import HELPS

AT_ONCE = 5_000
"""Places a look: each is short, so that nobody who writes waits for it."""
_COLUMNS = ("cell10", "place_id", "responder_id", "lat", "lon", *rules.COLUMNS)
_NOTHING: tuple[str, ...] = ()
Judged: TypeAlias = tuple[int, int, float, float, bool, bool, int, int]
"""One row of `Counted`."""


class Counted(NamedTuple):
    """A row a place at which somebody may be asked by day or by night; `from_s` is the end of an OFF, `until_s` the last second
    that a certificate counts, in epoch seconds."""

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


_ROW = np.dtype(list(zip(Counted._fields, ("i8", "i8", "f8", "f8", "?", "?", "i8", "i8"), strict=True)))


def read(services: Services, agency_id: int = 1) -> Counted:
    """Everybody of an agency, wherever they are."""
    looks = [of(rows) for rows in _looks(services, agency_id)]
    return Counted._make(np.concatenate(columns) for columns in zip(*looks, strict=True))


def of(rows: Iterable[Any]) -> Counted:
    """Of rows of the narrow table, those that `judge` lets through, as columns."""
    table = np.array([judged for row in rows if (judged := judge(row)) is not None], dtype=_ROW)
    return Counted._make(table[name] for name in Counted._fields)


def judge(row: Any) -> Judged | None:
    """One place as `Counted` has it; None where nobody is ever asked, by any plan that ships."""
    by_day, by_night = _asked(row.kind, row.night_alerts, row.hours, row.consented, row.opted_out, row.active)
    until_s = rules.good_until(row.certified, _NOTHING, HELPS)
    if until_s is None or not (by_day or by_night):
        return None
    return row.cell10, row.responder_id, row.lat, row.lon, by_day, by_night, row.off_until, until_s


class _Like(NamedTuple):
    """A row as the rules read it, of somebody whose certificate counts and who is not off: those two are dates of their own."""

    kind: str
    night_alerts: bool
    hours: bytes | None
    consented: bool
    opted_out: bool
    active: bool
    off_until: int = 0
    certified: str = rules.pack_certified({HELPS[0]: rules.NO_END_S})


@lru_cache(maxsize=65_536)
def _asked(
    kind: str, night_alerts: bool, hours: bytes | None, consented: bool, opted_out: bool, active: bool
) -> tuple[bool, bool]:
    """Whether whoever is like that is asked by day, and by night. A town of 100,000 people knows a few hundred kinds."""
    like = _Like(kind, night_alerts, hours, consented, opted_out, active)
    by_day, by_night = (rules.reason_against(like, _NOTHING, HELPS, at) is None for at in (BY_DAY, BY_NIGHT))
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
