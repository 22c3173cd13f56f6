"""The migrations make exactly the tables that the code has, on both databases, and can be undone and done again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, column, create_engine, inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from console.tables import METADATA
from core.database import Database, UtcDateTime
from scripts.lib import schema

MEND = "run: .venv/bin/python -m scripts.lib.schema first"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/new.sqlite3")
        yield database
        database.close()
        return
    server = make_url(request.getfixturevalue("postgresql_url")).set(drivername="postgresql+psycopg")
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS migrations"))
        connection.execute(text("CREATE DATABASE migrations"))
    database = Database(_url(server.set(database="migrations")))
    yield database
    database.close()
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE migrations WITH (FORCE)"))
    admin.dispose()


def _url(url: object) -> str:
    return url.render_as_string(hide_password=False)  # type: ignore[attr-defined]  # a SQLAlchemy URL


def test_the_migrations_make_the_tables_that_the_code_has(empty: Database) -> None:
    schema.upgrade(_url(empty.engine.url))
    with empty.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    assert differences == [], MEND
    assert schema.applied(empty) == schema.newest()


def test_what_comparing_does_not_see_is_the_same_too(empty: Database) -> None:
    """Partial indexes, AUTOINCREMENT and WITHOUT ROWID."""
    schema.upgrade(_url(empty.engine.url))
    migrated = _definitions(empty)
    with empty.engine.begin() as connection:
        METADATA.drop_all(connection)
        METADATA.create_all(connection)
    assert migrated == _definitions(empty), MEND


def test_down_and_up_again(empty: Database) -> None:
    url = _url(empty.engine.url)
    schema.upgrade(url)
    before = _definitions(empty)
    schema.downgrade(url, "base")
    assert set(inspect(empty.engine).get_table_names()) <= {"alembic_version"}
    schema.upgrade(url)
    assert _definitions(empty) == before


def test_a_second_time_changes_nothing(empty: Database) -> None:
    url = _url(empty.engine.url)
    schema.upgrade(url)
    schema.upgrade(url)
    assert schema.applied(empty) == schema.newest()


def test_a_new_database_has_what_all_migrations_together_make(empty: Database) -> None:
    url = _url(empty.engine.url)
    schema.upgrade(url)
    migrated = _definitions(empty)
    schema.downgrade(url, "base")
    assert _definitions(empty) == {}
    schema.bring_up_to_date(url)
    assert _definitions(empty) == migrated
    assert schema.applied(empty) == schema.newest()
    schema.bring_up_to_date(url)
    assert _definitions(empty) == migrated


def test_a_database_that_is_behind_gets_what_it_has_not_had(empty: Database) -> None:
    url = _url(empty.engine.url)
    schema.upgrade(url, "0010")
    schema.bring_up_to_date(url)
    with empty.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    assert schema.applied(empty) == schema.newest()


def test_tables_of_somebody_elses_are_left_alone(empty: Database) -> None:
    with empty.engine.begin() as connection:
        connection.execute(text("CREATE TABLE incidents (theirs TEXT)"))
    with pytest.raises(DBAPIError, match="already exists"):
        schema.bring_up_to_date(_url(empty.engine.url))
    assert set(inspect(empty.engine).get_table_names()) == {"incidents"}


def test_proofs_that_were_judged_before_have_the_moment_of_their_verdict(empty: Database) -> None:
    """Until 0018 a proof knew the day on which it goes; from then on that follows from the setting."""
    url = _url(empty.engine.url)
    schema.upgrade(url, "0017")
    at = {"judged": datetime(2026, 3, 1, 12, tzinfo=UTC), "goes": datetime(2026, 5, 30, 12, tzinfo=UTC)}
    with _without_foreign_keys(empty) as connection:  # nobody needs to be there to whom they belong
        certification = "INSERT INTO certifications (id, responder_id, type, verified_at, rejected_at) VALUES "
        connection.execute(text(f"{certification} (1, 1, 'cpr', :judged, NULL), (2, 1, 'cpr', NULL, :judged)"), at)
        connection.execute(text(f"{certification} (3, 1, 'cpr', NULL, NULL)"))
        proof = "INSERT INTO certificate_evidence (id, certification_id, media_type, size_bytes, sent_at, delete_at, content) "
        for number, goes in ((1, ":goes"), (2, ":goes"), (3, "NULL")):
            connection.execute(text(f"{proof} VALUES ('{number}', {number}, '', 0, :judged, {goes}, '')"), at)
    schema.upgrade(url)
    assert _proofs(empty, "judged_at") == [at["judged"], at["judged"], None]
    schema.downgrade(url, "0017")
    assert _proofs(empty, "delete_at") == [at["goes"], at["goes"], None]


@contextmanager
def _without_foreign_keys(database: Database) -> Iterator[Connection]:
    off = "PRAGMA foreign_keys=OFF" if database.is_sqlite else "SET session_replication_role = replica"
    with database.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.cursor().execute(off)
        yield connection
        connection.commit()
        connection.invalidate()


def _proofs(database: Database, name: str) -> list[datetime | None]:
    with database.engine.connect() as connection:
        wanted = text(f"SELECT {name} FROM certificate_evidence ORDER BY id").columns(column(name, UtcDateTime()))
        return list(connection.execute(wanted).scalars())


def _definitions(database: Database) -> dict[str, frozenset[str]]:
    """How the database itself spells each table and index; columns and constraints in any order."""
    if database.is_sqlite:
        query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    else:
        query = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    with database.engine.connect() as connection:
        rows = connection.execute(text(query)).all()
    return {name: _pieces(sql) for name, sql in rows if not name.startswith(("alembic_version", "sqlite_"))}


def _pieces(sql: str) -> frozenset[str]:
    flat = re.sub(r"\s+", " ", sql).replace('"', "").replace("( ", "(").replace(" )", ")")
    return frozenset(piece.strip(" ()") for piece in flat.split(","))
