"""From everybody who may be asked to what an admin reads: how each area stands now and at the end of each month to come.

Pure: the people, the ground and the moments come in as values, and nothing goes out that tells of fewer than five people.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from geo.ground import Ground
from responder.coverage import alone, anonymous, squares
from responder.coverage.counted import Counted
from responder.coverage.facts import AreaForecast, Forecast, Stand, lapses_shown
from responder.coverage.months import End

_Counts = npt.NDArray[np.int64]
_MOST_PEOPLE = 2**32


def make(counted: Counted, ground: Ground, ends: Sequence[End], per_km2: int) -> Forecast:
    """The forecast for `ends`, of which the first is now. `counted` are people in the ground that is served."""
    parts = ground.part_of(counted.lats, counted.lons)
    whole = np.zeros(len(parts), dtype=np.int64)
    now = counted.only(_may_be_asked(counted, ends[0]))
    return Forecast(
        months=[end.month for end in ends[1:]],
        whole=_whole(counted, whole, ends),
        areas=_areas(counted, parts, ground, ends, per_km2),
        squares=squares.of(ground, now, per_km2),
        alone_by_day=alone.alone(now.only(now.by_day)),
        alone_by_night=alone.alone(now.only(now.by_night)),
    )


def _areas(counted: Counted, parts: _Counts, ground: Ground, ends: Sequence[End], per_km2: int) -> list[AreaForecast]:
    """Of each part of the ground, in its order."""
    size = len(ground.parts)
    by_day, by_night, lapses = _told(counted, parts, size, ends)
    needed = [anonymous.needed(part.km2, per_km2) for part in ground.parts]
    return [
        AreaForecast(
            name=part.name,
            km2=part.km2,
            needed=needed[index],
            stands=[
                Stand(anonymous.shown(day[index]), anonymous.shown(night[index]), lapses_shown(lapsing[index]))
                for day, night, lapsing in zip(by_day, by_night, lapses, strict=True)
            ],
            at_edge_by_day=by_day[0][index] == needed[index],
            at_edge_by_night=by_night[0][index] == needed[index],
        )
        for index, part in enumerate(ground.parts)
    ]


def _whole(counted: Counted, whole: _Counts, ends: Sequence[End]) -> list[Stand]:
    """Of the whole ground. Its lapses too are in fives: less those of the areas they must not tell of the few who are left."""
    by_day, by_night, lapses = _told(counted, whole, 1, ends)
    return [
        Stand(anonymous.shown(day[0]), anonymous.shown(night[0]), anonymous.shown(lapsing[0]) if lapsing[0] else 0)
        for day, night, lapsing in zip(by_day, by_night, lapses, strict=True)
    ]


def _told(counted: Counted, parts: _Counts, size: int, ends: Sequence[End]) -> tuple[list[list[int]], ...]:
    """At each end, of each part: people by day, people by night, and people who lapse in the month that ends then."""
    by_day, by_night, lapses = [], [], []
    for before, end in zip([ends[0], *ends], ends, strict=False):
        asked = _may_be_asked(counted, end)
        by_day.append(_people(counted, parts, asked & counted.by_day, size))
        by_night.append(_people(counted, parts, asked & counted.by_night, size))
        lapses.append(_people(counted, parts, _lapse(counted, before, end), size))
    return by_day, by_night, lapses


def _may_be_asked(counted: Counted, end: End) -> npt.NDArray[np.bool_]:
    """As `rules.reason_against` compares an OFF and a certificate."""
    return (counted.from_s <= end.now_s) & (counted.until_s >= end.certified_s)


def _lapse(counted: Counted, before: End, end: End) -> npt.NDArray[np.bool_]:
    """Those who might be asked at `end` had their certificate not ended since `before`."""
    in_between = (counted.until_s >= before.certified_s) & (counted.until_s < end.certified_s)
    return in_between & (counted.from_s <= end.now_s)


def _people(counted: Counted, parts: _Counts, which: npt.NDArray[np.bool_], size: int) -> list[int]:
    """How many people, each once, are in each part, of the rows that are meant."""
    which = which & (parts >= 0)
    pairs = np.unique(parts[which] * _MOST_PEOPLE + counted.people[which])
    return [int(count) for count in np.bincount(pairs // _MOST_PEOPLE, minlength=size)]
