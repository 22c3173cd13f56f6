"""From everybody who may be asked to what an admin reads: how each area stands now and at the end of each month to come, for
whatever certificates the kinds of emergency ask for.

Pure: the people, the ground and the moments come in as values, and nothing goes out that tells of fewer than five people.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from geo.ground import Ground
from responder.coverage import alone, anonymous, squares
from responder.coverage.counted import Counted, people_in
from responder.coverage.facts import AreaForecast, Forecast, Stand
from responder.coverage.months import End
from responder.coverage.squares import Division

_Counts = npt.NDArray[np.int64]


def make(counted: Counted, ground: Ground, ends: Sequence[End], per_km2: int) -> list[Forecast]:
    """The forecast of each of the needs for `ends`, of which the first is now; `counted` are people in the ground served.

    The map has the same squares in each, made of whoever any of them asks for: of two maps nothing is left over to subtract.
    """
    parts = ground.part_of(counted.lats, counted.lons)
    anybody = counted.for_any()
    division = squares.divide(ground, anybody.only(_may_be_asked(anybody, ends[0])), per_km2)
    each = (counted.for_needs(number) for number in range(counted.until_s.shape[1]))
    return [_forecast(asked, parts, ground, division, ends, per_km2) for asked in each]


def _forecast(
    counted: Counted, parts: _Counts, ground: Ground, division: Division, ends: Sequence[End], per_km2: int
) -> Forecast:
    now = counted.only(_may_be_asked(counted, ends[0]))
    return Forecast(
        bordered=ground.served is not None,
        anybody=len(now.people) > 0,
        months=[end.month for end in ends[1:]],
        areas=_areas(counted, parts, ground, ends, per_km2),
        squares=squares.of(division, now),
        alone_by_day=alone.alone(now.only(now.by_day)),
        alone_by_night=alone.alone(now.only(now.by_night)),
    )


def _areas(counted: Counted, parts: _Counts, ground: Ground, ends: Sequence[End], per_km2: int) -> list[AreaForecast]:
    """Of each part of the ground, in its order."""
    told = _told(counted, parts, len(ground.parts), ends)
    by_day_now, by_night_now, _ = told[0]
    needed = [anonymous.needed(part.km2, per_km2) for part in ground.parts]
    return [
        AreaForecast(
            name=part.name,
            km2=part.km2,
            needed=needed[index],
            stands=[Stand.of(day[index], night[index], lapsing[index]) for day, night, lapsing in told],
            at_edge_by_day=by_day_now[index] == needed[index],
            at_edge_by_night=by_night_now[index] == needed[index],
        )
        for index, part in enumerate(ground.parts)
    ]


def _told(counted: Counted, parts: _Counts, size: int, ends: Sequence[End]) -> list[tuple[list[int], ...]]:
    """At each end, of each part: people by day, people by night, and people who lapse in the month that ends then."""
    told = []
    for before, end in zip([ends[0], *ends], ends, strict=False):
        asked = _may_be_asked(counted, end)
        meant = (asked & counted.by_day, asked & counted.by_night, _lapse(counted, before, end))
        told.append(tuple(people_in(parts[which], counted.people[which], size) for which in meant))
    return told


def _may_be_asked(counted: Counted, end: End) -> npt.NDArray[np.bool_]:
    """As `rules.reason_against` compares an OFF and a certificate."""
    return (counted.from_s <= end.now_s) & (counted.until_s >= end.certified_s)


def _lapse(counted: Counted, before: End, end: End) -> npt.NDArray[np.bool_]:
    """Those who might be asked at `end` had their certificate not ended since `before`."""
    in_between = (counted.until_s >= before.certified_s) & (counted.until_s < end.certified_s)
    return in_between & (counted.from_s <= end.now_s)
