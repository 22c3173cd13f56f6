"""How long somebody needs to get somewhere. One interface: a road router will take the place of the straight line."""

from __future__ import annotations

from math import ceil
from typing import Protocol

DETOUR_FACTOR = 1.5
"""Way by street over straight line. Sourced: 1.4 in Toronto, 1.6 in Copenhagen (Karlsson 2021); ours is the middle."""

DENSE_FROM_INHABITANTS_PER_KM2 = 8000
SPARSE_BELOW_INHABITANTS_PER_KM2 = 1500
"""The bands of Jonsson 2020, who saw volunteers move at 1.8, 2.3 and 3.1 m/s in dense, middling and sparse areas, whatever
they travelled by."""

_DENSE, _BETWEEN, _SPARSE = 0, 1, 2

SPEED_M_PER_S = {
    "foot": (1.8, 1.8, 1.8),
    "bike": (3.1, 3.6, 4.2),
    "car": (4.0, 7.0, 11.0),
}
"""Along the streets, in dense, middling and sparse areas. Sourced: 1.8 m/s, a brisk walk, is what Jonsson 2020 saw where
most go on foot; nobody walks faster because fewer people live there, so it holds everywhere. Our judgement, to be replaced
by measured answers: bike and car, chosen so that a mix of the three lies around Jonsson's medians."""

SET_OFF_S = {"foot": 0, "bike": 45, "car": 90}
"""Unlocking and locking a bike, reaching and parking a car. Our judgement. Getting dressed is in Jonsson's speeds."""


class TravelTime(Protocol):
    """Anything that can say how long a way takes."""

    def estimate_s(self, distance_m: float, transport: str) -> int:
        """Seconds for a straight-line distance in metres by `foot`, `bike` or `car`."""

    def fastest_reach_m(self, seconds: float) -> float:
        """How far away, in a straight line, somebody can at most be and still arrive within `seconds` by any transport."""


class StraightLine(TravelTime):
    """Straight line x detour factor, at a speed by transport and by how densely people live."""

    def __init__(self, inhabitants_per_km2: int | None = None) -> None:
        band = _band(inhabitants_per_km2)
        self._pace_s_per_m = {name: DETOUR_FACTOR / speeds[band] for name, speeds in SPEED_M_PER_S.items()}

    def estimate_s(self, distance_m: float, transport: str) -> int:
        """Seconds, rounded up. Raises KeyError for a transport there is not."""
        return ceil(SET_OFF_S[transport] + distance_m * self._pace_s_per_m[transport])

    def fastest_reach_m(self, seconds: float) -> float:
        """Metres in a straight line; an upper bound over all transports."""
        reach_m = max((seconds - SET_OFF_S[name]) / pace for name, pace in self._pace_s_per_m.items())
        return max(0.0, reach_m * (1 + 1e-9))  # the last digits may have been rounded down


def _band(inhabitants_per_km2: int | None) -> int:
    if inhabitants_per_km2 is None:
        return _BETWEEN
    if inhabitants_per_km2 > DENSE_FROM_INHABITANTS_PER_KM2:
        return _DENSE
    return _SPARSE if inhabitants_per_km2 < SPARSE_BELOW_INHABITANTS_PER_KM2 else _BETWEEN
