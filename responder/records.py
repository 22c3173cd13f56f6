"""Every row about one person, of every table of every room: found by the columns that name people, so that a new table is in it
from its first day."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, false, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.database import Base
from responder.models import Certification, Responder

TOLD_ELSEWHERE = {"messages", "events"}
"""Said in words of their own beside these rows, with what is another's left out."""
MADE_FROM_OTHERS = {"person_words", "reachable_places"}
"""What choosing and searching read: nothing stands there that does not stand in the others too."""
ANOTHERS = {"alarms.data"}
"""What was reported of a patient stands there as well."""
_TELLS_WHO = re.compile("by|actor|.+_by")
_OTHERS = ("user:", "key:", "operator")


def of_person(session: Session, person: Responder) -> Mapping[str, list[dict[str, Any]]]:
    """The rows by table, each as it is; digests of secrets are left out, and who of the service did something."""
    certifications = list(session.scalars(select(Certification.id).where(Certification.responder_id == person.id)))
    known: dict[str, list[Any]] = {
        "responders.id": [person.id],
        "contacts.id": [person.contact_id],
        "certifications.id": certifications,
        "phone": [person.contact.phone],
    }
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name not in TOLD_ELSEWHERE | MADE_FROM_OTHERS:
            rows = session.execute(select(*_shown(table)).where(_about(table, known))).mappings()
            if told := [{name: _plain(name, value) for name, value in row.items()} for row in rows]:
                found[table.name] = told
    return found


def names(column: Column[Any]) -> str | None:
    """What of a person a column names: `responders.id`, `contacts.id`, `certifications.id` or `phone`; None: nobody."""
    if column.name == "responder_id" or (column.table.name == "responders" and column.name == "id"):
        return "responders.id"
    if column.table.name == "contacts" and column.name == "id":
        return "contacts.id"
    if column.name == "phone":
        return "phone"
    return next((key.target_fullname for key in column.foreign_keys if key.target_fullname in _KEYS), None)


_KEYS = ("responders.id", "contacts.id", "certifications.id")


def _about(table: Table, known: Mapping[str, list[Any]]) -> ColumnElement[bool]:
    conditions = [column.in_(known[what]) for column in table.columns if (what := names(column)) is not None]
    return or_(false(), *conditions)


def _shown(table: Table) -> Iterator[Column[Any]]:
    for column in table.columns:
        if not column.name.endswith("_hash") and f"{table.name}.{column.name}" not in ANOTHERS:
            yield column


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {inner: _plain(inner, one) for inner, one in value.items()}
    if isinstance(value, list):
        return [_plain(name, one) for one in value]
    if isinstance(value, datetime):
        return clock.rfc3339(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, str) and _TELLS_WHO.fullmatch(name) and value.startswith(_OTHERS):
        return "others"
    return value
