"""Where to recruit: the areas that lack the most people, at their worst within the months to come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from responder.coverage.facts import AreaForecast, Forecast


class Wanted(NamedTuple):
    """About how many more people an area needs, in fives, by day and by night; `ahead`: the first month end at which it lacks
    any (0 is now). A person may fill both."""

    area: AreaForecast
    by_day: int
    by_night: int
    ahead: int


def wanted(forecast: Forecast) -> Sequence[Wanted]:
    """The areas that lack people, whoever lacks the most first, then whoever lacks them first.

    Reckoned from what is shown alone, so that it tells nothing else.
    """
    lacking = [one for area in forecast.areas if (one := _of(area)) is not None]
    return sorted(lacking, key=lambda one: (-max(one.by_day, one.by_night), one.ahead, -one.area.km2))


def _of(area: AreaForecast) -> Wanted | None:
    day = [max(0, area.needed - (stand.by_day or 0)) for stand in area.stands]
    night = [max(0, area.needed - (stand.by_night or 0)) for stand in area.stands]
    ahead = next((number for number, lacks in enumerate(zip(day, night, strict=True)) if any(lacks)), None)
    return None if ahead is None else Wanted(area, max(day), max(night), ahead)
