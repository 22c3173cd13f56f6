"""People for forecasts, as the narrow table has them, put down on a square town of four districts."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import shapely

from geo import cells, ground
from responder import rules
from responder.coverage import counted
from responder.coverage.counted import Counted
from responder.coverage.needs import Needs

CORNER = (60.15, 24.90)
SIDE = (0.018, 0.036)
"""Of a district, in degrees: about 2 km by 2 km."""
NAMES = ("South-west", "South-east", "North-west", "North-east")
TYPES = ("cpr", "first_aid", "medical")
HELPS = Needs.of((), TYPES)


def box(number: int) -> Any:
    """A district, in degrees, longitude first."""
    row, column = divmod(number, 2)
    south, west = CORNER[0] + row * SIDE[0], CORNER[1] + column * SIDE[1]
    return shapely.box(west, south, west + SIDE[1], south + SIDE[0])


TOWN = ground.divide(
    shapely.union_all([box(number) for number in range(4)]), [(name, box(number)) for number, name in enumerate(NAMES)], []
)
"""Four districts of 4.0 km² each, a little less: they need 40 people at 10 per km²."""


def spot(district: int, along: float = 0.5, up: float = 0.5) -> tuple[float, float]:
    """A place in a district, as shares of its sides."""
    row, column = divmod(district, 2)
    return CORNER[0] + (row + up) * SIDE[0], CORNER[1] + (column + along) * SIDE[1]


def place(person: int, at: tuple[float, float] = spot(0), until_s: int = rules.NO_END_S, **values: Any) -> SimpleNamespace:
    """A row of the narrow table, against which nothing is but what `values` say."""
    plain = {
        "cell10": cells.cell(*at, cells.FINE),
        "responder_id": person,
        "lat": at[0],
        "lon": at[1],
        "kind": "home",
        "night_alerts": True,
        "hours": None,
        "consented": True,
        "opted_out": False,
        "active": True,
        "off_until": 0,
        "certified": f"cpr:{until_s}",
    }
    return SimpleNamespace(**plain | values)


def of(rows: Iterable[SimpleNamespace], *needs: Needs) -> Counted:
    """Such rows as a forecast reads them, for `HELPS` unless others are named."""
    return counted.of(rows, needs or (HELPS,))
