"""The forecast in sentences: what the lapses of a month do to an area, and where the loss of any one person would."""

from __future__ import annotations

from collections.abc import Iterator

from core.words import _, fill
from responder.coverage.facts import AreaForecast, Forecast, Stand, is_enough

MONTHS = (
    *(_("January"), _("February"), _("March"), _("April"), _("May"), _("June")),
    *(_("July"), _("August"), _("September"), _("October"), _("November"), _("December")),
)
ELSEWHERE, EVERYWHERE = _("Outside any named district"), _("The service area")
_FALLS = {
    (True, True): _("{lapse}: {area} falls below {density} per km² by day and by night."),
    (True, False): _("{lapse}: {area} falls below {density} per km² by day."),
    (False, True): _("{lapse}: {area} falls below {density} per km² by night."),
}
_EDGE = {
    (True, True): _("{area} has just enough by day and by night: the loss of any one person takes it below {density} per km²."),
    (True, False): _("{area} has just enough by day: the loss of any one person takes it below {density} per km²."),
    (False, True): _("{area} has just enough by night: the loss of any one person takes it below {density} per km²."),
}


def called(forecast: Forecast, area: AreaForecast) -> str:
    """What the area is called; the whole, where no district is known."""
    return area.name or (fill(ELSEWHERE) if len(forecast.areas) > 1 else fill(EVERYWHERE))


def falls(forecast: Forecast, per_km2: int) -> Iterator[str]:
    """Every fall below the density that is wanted, soonest first, the largest area first."""
    for ahead, month in enumerate(forecast.months, start=1):
        for area in forecast.areas:
            hours = _falls(area, ahead)
            if any(hours):
                lapse = _lapse(area.stands[ahead], month)
                yield fill(_FALLS[hours], lapse=lapse, area=called(forecast, area), density=per_km2)


def edges(forecast: Forecast, per_km2: int) -> Iterator[str]:
    """Every area that any one loss takes below the density that is wanted."""
    for area in forecast.areas:
        hours = area.at_edge_by_day, area.at_edge_by_night
        if any(hours):
            yield fill(_EDGE[hours], area=called(forecast, area), density=per_km2)


def _falls(area: AreaForecast, ahead: int) -> tuple[bool, bool]:
    """Whether it is covered one month earlier and not any more then, by day and by night."""
    before, after = area.stands[ahead - 1], area.stands[ahead]

    def one(was: int | None, then: int | None) -> bool:
        return is_enough(was, area.needed) and not is_enough(then, area.needed)

    return one(before.by_day, after.by_day), one(before.by_night, after.by_night)


def _lapse(stand: Stand, month: int) -> str:
    named = fill(MONTHS[month - 1])
    if stand.lapses is None:
        return fill(_("Fewer than five lapse in {month}"), month=named)
    return fill(_("{number} or more lapse in {month}"), number=stand.lapses, month=named)
