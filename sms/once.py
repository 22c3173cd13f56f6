"""Rows that are written once however often they come: what the carrier repeats, and what two processes meet over."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.database import Base


def insert_once(session: Session, model: type[Base], **values: Any) -> bool:
    """Insert a row of `model` unless a unique key already has it; returns whether it is new. Other errors raise as always."""
    table = cast(Table, model.__table__)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    # Asked for by its key: the number of rows that PostgreSQL's driver reports says nothing for every table.
    wrote = insert(table).values(**values).on_conflict_do_nothing().returning(*table.primary_key)
    return session.execute(wrote).first() is not None
