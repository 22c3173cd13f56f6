"""Rows that are written once however often they come: what the carrier repeats, and what two processes meet over."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from core.database import Base


def insert_once(session: Session, model: type[Base], **values: Any) -> bool:
    """Insert a row of `model` unless a unique key already has it; returns whether it is new. Other errors raise as always."""
    statement = _statement(session.get_bind().dialect.name, cast(Table, model.__table__))
    return session.execute(statement, values).first() is not None


@cache
def _statement(dialect: str, table: Table) -> ReturningInsert[Any]:
    """Built once: each text and each status that comes in needs it, and building takes longer than inserting. Asked for by
    RETURNING: how many rows an INSERT has made is not told for every driver."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing().returning(*table.primary_key.columns)
