"""Reading the places near an incident from the narrow table, each with what binds its person elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, func, select
from sqlalchemy.orm import Session

from dispatch import states
from dispatch.models import Callout
from geo import cells
from geo.distance import Box
from responder import rules
from responder.models import ReachablePlace

FREE, ASKED_ELSEWHERE, BOUND_ELSEWHERE = 0, 1, 2
"""`elsewhere` of a row: nothing, asked at another incident and silent, or going to one."""


def places(
    session: Session, ring: cells.Ring, box: Box, agency_id: int, incident_id: str, only_now_s: int | None = None
) -> Sequence[Row[Any]]:
    """The places in the cells of `ring` that also lie in `box`, as rows of `responder.rules.COLUMNS` and more.

    With `only_now_s` (epoch seconds) people whom a comparison of one column rules out are not even read: without consent,
    opted out, or off. `rules` says the same of them; saying it in SQL first halves the work.
    """
    values: dict[str, Any] = {f"cell{number}": cell for number, cell in enumerate(ring.cells)}
    values |= {"south": box.south, "north": box.north, "west": box.west, "east": box.east}
    values |= {"agency_id": agency_id, "incident_id": incident_id}
    if only_now_s is not None:
        values["now_s"] = only_now_s
    statement = _statement(ring.resolution, len(ring.cells), only_now_s is not None)
    # Past the ORM: this is the one query whose tenths of a millisecond count.
    return session.connection().execute(statement, values).all()


@lru_cache(maxsize=64)
def _statement(resolution: int, cell_count: int, only_ready: bool) -> Select[Any]:
    """One statement for each number of cells: a list of parameters that grows at run time is worked out anew every time."""
    place = ReachablePlace.__table__.c
    column = place.cell10 if resolution == cells.FINE else place.cell8
    columns = [place[name] for name in ("responder_id", "lat", "lon", *rules.COLUMNS)]
    statement = select(*columns, func.coalesce(_elsewhere(), FREE).label("elsewhere")).where(
        column.in_([bindparam(f"cell{number}") for number in range(cell_count)]),
        place.lat.between(bindparam("south"), bindparam("north")),
        place.lon.between(bindparam("west"), bindparam("east")),
        place.agency_id == bindparam("agency_id"),
    )
    if only_ready:
        statement = statement.where(place.consented, ~place.opted_out, place.off_until <= bindparam("now_s"))
    return statement


def _elsewhere() -> Any:
    """A correlated look into the small partial index of live callouts: one person's few rows, never a scan."""
    callout = Callout.__table__.c
    return (
        select(func.max(case((callout.state.in_(states.BOUND), BOUND_ELSEWHERE), else_=ASKED_ELSEWHERE)))
        .where(
            callout.responder_id == ReachablePlace.__table__.c.responder_id,
            callout.state.in_(states.LIVE),
            callout.incident_id != bindparam("incident_id"),
        )
        .scalar_subquery()
    )
