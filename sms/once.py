"""Rows that are written once however often they come: what the carrier repeats, and what two processes meet over."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from sqlalchemy import CursorResult, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.database import Base


def insert_once(session: Session, model: type[Base], **values: Any) -> bool:
    """Insert a row of `model` unless a unique key already has it; returns whether it is new. Other errors raise as always."""
    result = session.execute(_statement(session.get_bind().dialect.name, cast(Table, model.__table__)), values)
    return cast("CursorResult[Any]", result).rowcount == 1


@cache
def _statement(dialect: str, table: Table) -> Insert:
    """Built once: each text and each status that comes in needs it, and building takes longer than inserting."""
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()
