"""How Alembic reaches the database: through the same door as everything else, one migration run at a time.

Whoever calls Alembic as a library may pass `url`, `batch` (False only for the first migration, which alters nothing), and
`new`: a database that has had no migration then gets all tables as they are now, not as they were with every change since.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import text
from sqlalchemy.engine import Connection

from console.tables import METADATA
from core.database import Database, UtcDateTime
from core.settings import load

MIGRATION_LOCK = 4003


def _render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """A migration stands by itself: it names the database's types, never classes of ours that may change."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _migrate(connection: Connection, *, is_sqlite: bool) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_item=_render,
        # SQLite cannot alter most things in place; Alembic then makes the table anew.
        render_as_batch=context.config.attributes.get("batch", True),
        # True for SQLite as well: with BEGIN IMMEDIATE, as our door opens it, its DDL is rolled back like any other.
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if not is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK})
        if context.config.attributes.get("new") and not context.get_context().get_current_heads():
            METADATA.create_all(connection, checkfirst=False)  # tables of somebody else's are an error, as in a migration
            context.get_context().stamp(context.script, "head")
        else:
            context.run_migrations()


def _run() -> None:
    database = Database(context.config.attributes.get("url") or load().database, pool_size=1, patient=True)
    engine = database.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
    try:
        with engine.connect() as connection:
            if database.is_sqlite:
                # A table made anew is dropped on the way: with foreign keys on, that would delete what refers to it.
                raw = connection.connection.dbapi_connection
                assert raw is not None
                raw.cursor().execute("PRAGMA foreign_keys=OFF")
            _migrate(connection, is_sqlite=database.is_sqlite)
            connection.commit()
    finally:
        database.close()


_run()
