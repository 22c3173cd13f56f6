"""PostgreSQL's part of a backup: every table by COPY in one snapshot, so that no program of the server's version is needed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from core.database import Database

COLUMNS = "columns.json"
Progress = Callable[[int, int], None]
_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
_COLUMNS = """SELECT column_name FROM information_schema.columns
 WHERE table_schema = current_schema() AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position"""


def dump(database: Database, folder: Path, progress: Progress) -> None:
    """Write every table of the database to `folder` as it was at one moment, while others write."""
    folder.mkdir()
    with database.engine.connect() as connection:
        driver = _driver(connection)
        driver.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        tables = sorted(row[0] for row in driver.execute(_TABLES))
        columns = {table: [row[0] for row in driver.execute(_COLUMNS, [table])] for table in tables}
        for done, table in enumerate(tables):
            _copy_out(driver, table, columns[table], folder / f"{table}.copy")
            progress(done + 1, len(tables))
        connection.rollback()
    (folder / COLUMNS).write_text(json.dumps(columns), encoding="utf-8")


def put_aside(database: Database, name: str) -> None:
    """Rename the schema that holds everything to `name` and begin an empty one: what was there stays until it is dropped."""
    with database.engine.connect() as connection:
        driver = _driver(connection)
        found = driver.execute("SELECT current_schema()").fetchone()
        schema = found[0] if found else "public"
        driver.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(sql.Identifier(schema), sql.Identifier(name)))
        driver.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        driver.commit()
    database.close()


def load(database: Database, folder: Path, order: Sequence[str], progress: Progress) -> None:
    """Fill the tables in `order` (whom others refer to first), in one transaction, and set every counter past its rows."""
    columns: dict[str, list[str]] = json.loads((folder / COLUMNS).read_text(encoding="utf-8"))
    wanted = [*order, *sorted({*columns} - {*order} - {"alembic_version"})]
    with database.engine.connect() as connection:
        driver = _driver(connection)
        for done, table in enumerate(wanted):
            if table in columns:
                driver.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
                _copy_in(driver, table, columns[table], folder / f"{table}.copy")
            progress(done + 1, len(wanted))
        _set_counters(driver, [table for table in wanted if table in columns])
        driver.commit()


def _driver(connection: Any) -> psycopg.Connection[Any]:
    driver: psycopg.Connection[Any] = connection.connection.driver_connection
    return driver


def _copy_out(driver: psycopg.Connection[Any], table: str, columns: Sequence[str], to: Path) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    command = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(names, sql.Identifier(table))
    with to.open("wb") as target, driver.cursor() as cursor, cursor.copy(command) as rows:
        for chunk in rows:
            target.write(chunk)


def _copy_in(driver: psycopg.Connection[Any], table: str, columns: Sequence[str], path: Path) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with path.open("rb") as source, driver.cursor() as cursor, cursor.copy(command) as rows:
        while chunk := source.read(1 << 20):
            rows.write(chunk)


def _set_counters(driver: psycopg.Connection[Any], tables: Sequence[str]) -> None:
    for table in tables:
        for (column,) in driver.execute(_COLUMNS, [table]).fetchall():
            found = driver.execute("SELECT pg_get_serial_sequence(quote_ident(%s), %s)", [table, column]).fetchone()
            if found and found[0]:
                highest = sql.SQL("SELECT setval(%s, coalesce(max({}), 0) + 1, false) FROM {}")
                driver.execute(highest.format(sql.Identifier(column), sql.Identifier(table)), [found[0]])
