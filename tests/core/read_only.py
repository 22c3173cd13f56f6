"""A database that can be read and refuses every write."""

from __future__ import annotations

import sqlite3

from sqlalchemy import event

from core.database import Database


def read_only(url: str) -> Database:
    """The same database, as it is after a fail-over or on a disk that was mounted read-only."""
    if not url.startswith("sqlite"):
        mark = "&" if "?" in url else "?"
        return Database(f"{url}{mark}options=-c%20default_transactionread_only%3Don")
    database = Database(url)

    def only_read(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    event.listen(database.engine, "connect", only_read)
    return database
