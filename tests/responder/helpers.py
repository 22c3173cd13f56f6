"""What the tests of the people share: a geocoder that knows four addresses, and a valid person to change field by field."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import delete, event, select
from sqlalchemy.orm import Session

from console.tables import METADATA
from core.problems import Problem
from core.services import Services
from geo.resolution import Match, Resolution
from responder import index, people
from responder.fields import Context
from responder.input import ResponderInput
from responder.models import ReachablePlace, Responder
from responder.people import Manner, Outcome

KNOWN = {
    "Mannerheimintie 5": (Match("Mannerheimintie 5", 60.1686, 24.9400),),
    "Kaivokatu 1": (Match("Kaivokatu 1", 60.1713, 24.9415),),
    "Kirkkokatu": (Match("Kirkkokatu 1", 60.17, 24.95), Match("Kirkkokatu 2", 60.18, 24.96)),
}


class KnownAddresses:
    """A geocoder of a town with three addresses, one of which fits two."""

    def resolve(self, address: str) -> Resolution:
        matches = KNOWN.get(address, ())
        return Resolution(matches[0] if len(matches) == 1 else None, matches)


def plain(**changes: Any) -> dict[str, Any]:
    """A person whom nothing is against, as the API is told of one, with `changes`."""
    return {
        "external_id": "v1",
        "name": "Aino Ahonlampi",
        "phone": "040 123 4567",
        "language": "fi",
        "places": [{"kind": "home", "lat": 60.1699, "lon": 24.9384}],
        "certifications": [{"type": "cpr", "number": "C1", "expires": "2027-06-30"}],
        "consent_at": "2026-01-15",
    } | changes


def put(services: Services, actor: str = "key:cad", **changes: Any) -> Outcome:
    """Write such a person down."""
    person = ResponderInput.read(plain(**changes), Context.of(services.settings))
    return people.upsert(services, KnownAddresses(), person, Manner(actor))


@contextmanager
def statements(services: Services) -> Iterator[list[tuple[str, Any]]]:
    """What is said to the database meanwhile, each with its values."""
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        said.append((statement, values))

    event.listen(services.database.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(services.database.engine, "before_cursor_execute", note)


def plan_of(services: Services, statement: tuple[str, Any]) -> list[str]:
    """The steps that SQLite would take for a statement."""
    text, values = statement
    with services.read() as session:
        return [row.detail for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]


def complaints(problem: Problem) -> dict[str, str]:
    """What a problem says, by pointer."""
    return {one.pointer: one.detail for one in problem.errors}


def index_rows(session: Session) -> list[tuple[Any, ...]]:
    """The whole narrow table, in one order."""
    return sorted((tuple(row) for row in session.execute(select(ReachablePlace.__table__))), key=repr)


def rebuilt_index_rows(session: Session) -> list[tuple[Any, ...]]:
    """The same table made from nothing."""
    session.execute(delete(ReachablePlace))
    index.refresh(session, session.scalars(select(Responder.id)))
    return index_rows(session)


def everything_stored(session: Session) -> str:
    """Every cell of every table, as one text to search in."""
    return "\n".join(repr(tuple(row)) for table in METADATA.sorted_tables for row in session.execute(select(table)))
