"""Rows that hold the newest of something: written over, or made where there is none yet, by two processes at once too."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.database import Base


def upsert(session: Session, model: type[Base], **values: Any) -> None:
    """Write the row of `model` that has the primary key in `values`, whether it is there already or not. To look first and then
    insert would fail for one of two that look at the same moment."""
    table = cast(Table, model.__table__)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    keys = [column.name for column in table.primary_key.columns]
    statement = insert(table).values(**values)
    rest = {name: statement.excluded[name] for name in values if name not in keys}
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest))
