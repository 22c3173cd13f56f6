"""A moment so much later than a column's, worked out by the database: each has its own way to write it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import FunctionElement

from core.database import UtcDateTime


class _Later(FunctionElement[datetime]):
    type = UtcDateTime()
    inherit_cache = True


def later(column: InstrumentedAttribute[Any], by: timedelta) -> ColumnElement[datetime]:
    """What stands in `column`, later by whole seconds; NULL stays NULL."""
    return _Later(column, literal(int(by.total_seconds()), Integer))


@compiles(_Later, "postgresql")
def _on_postgresql(element: _Later, compiler: Any, **more: Any) -> str:
    column, seconds = (compiler.process(one, **more) for one in element.clauses)
    return f"({column} + {seconds} * INTERVAL '1 second')"


@compiles(_Later, "sqlite")
def _on_sqlite(element: _Later, compiler: Any, **more: Any) -> str:
    # Moments are text there, compared letter by letter: written as SQLAlchemy writes them, to the microsecond.
    column, seconds = (compiler.process(one, **more) for one in element.clauses)
    return f"(strftime('%Y-%m-%d %H:%M:%f', {column}, {seconds} || ' seconds') || '000')"
