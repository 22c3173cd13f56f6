"""Reading the places near an incident from the narrow table, each with what binds its person elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Dialect, Select, bindparam, case, func, literal_column, select
from sqlalchemy.orm import Session

from dispatch import states
from dispatch.models import Callout
from geo import cells
from geo.distance import Box
from responder.models import ReachablePlace

FREE, ASKED_ELSEWHERE, BOUND_ELSEWHERE = 0, 1, 2
"""`elsewhere` of a row: nothing, asked at another incident and silent, or going to one."""


class PlaceNear(NamedTuple):
    """One row of what is read: a place, what `responder.rules` asks of it, and what binds its person elsewhere."""

    responder_id: int
    lat: float
    lon: float
    kind: str
    transport: str
    night_alerts: bool
    hours: bytes | None
    consented: bool
    opted_out: bool
    active: bool
    off_until: int
    certified: str
    spared_until: int
    elsewhere: int


def places(
    session: Session, ring: cells.Ring, box: Box, agency_id: int, incident_id: str, only_now_s: int | None = None
) -> list[PlaceNear]:
    """The places in the cells of `ring` that also lie in `box`.

    With `only_now_s` (epoch seconds) people whom a comparison of one column rules out are not even read: without consent,
    opted out, not active, or off. `rules` says the same of them; saying it in SQL first halves the work.
    """
    values: dict[str, Any] = {f"cell{number}": cell for number, cell in enumerate(ring.cells)}
    values |= {"south": box.south, "north": box.north, "west": box.west, "east": box.east}
    values |= {"agency_id": agency_id, "incident_id": incident_id, "now_s": only_now_s}
    connection = session.connection()
    sql, names = _sql(connection.dialect, ring.resolution, len(ring.cells), only_now_s is not None)
    # Past the ORM and its compiler: this is the one query whose tenths of a millisecond count.
    given = tuple(values[name] for name in names) if connection.dialect.positional else {name: values[name] for name in names}
    # A named tuple's field is read twenty times faster than that of a database row, and each is read a dozen times.
    return [PlaceNear._make(row) for row in connection.exec_driver_sql(sql, given).all()]


@lru_cache(maxsize=64)
def _sql(dialect: Dialect, resolution: int, cell_count: int, only_ready: bool) -> tuple[str, tuple[str, ...]]:
    """The statement as the driver takes it, and the names of its values in their order: written out once for each number of
    cells, because a list of values that grows at run time is worked out anew every time."""
    compiled = _statement(resolution, cell_count, only_ready).compile(
        dialect=dialect, compile_kwargs={"render_postcompile": True}
    )
    return str(compiled), tuple(compiled.positiontup or compiled.params)


def _statement(resolution: int, cell_count: int, only_ready: bool) -> Select[Any]:
    place = ReachablePlace.__table__.c
    column = place.cell10 if resolution == cells.FINE else place.cell8
    columns = [place[name] for name in PlaceNear._fields[:-1]]
    statement = select(*columns, func.coalesce(_elsewhere(), literal_column(str(FREE))).label("elsewhere")).where(
        column.in_([bindparam(f"cell{number}") for number in range(cell_count)]),
        place.lat.between(bindparam("south"), bindparam("north")),
        place.lon.between(bindparam("west"), bindparam("east")),
        place.agency_id == bindparam("agency_id"),
    )
    if only_ready:
        statement = statement.where(place.consented, ~place.opted_out, place.active, place.off_until <= bindparam("now_s"))
    return statement


def _elsewhere() -> Any:
    """A correlated look into the small partial index of live callouts: one person's few rows, never a scan."""
    callout = Callout.__table__.c
    bound: ColumnElement[int] = literal_column(str(BOUND_ELSEWHERE))
    asked: ColumnElement[int] = literal_column(str(ASKED_ELSEWHERE))
    return (
        select(func.max(case((_is_one_of(callout.state, states.BOUND), bound), else_=asked)))
        .where(
            callout.responder_id == ReachablePlace.__table__.c.responder_id,
            _is_one_of(callout.state, states.LIVE),
            callout.incident_id != bindparam("incident_id"),
        )
        .scalar_subquery()
    )


def _is_one_of(column: ColumnElement[str], allowed: Sequence[str]) -> ColumnElement[bool]:
    """Written as literals, word for word as in the partial index, which SQLite uses only then."""
    return column.in_([literal_column(f"'{value}'") for value in allowed])
