"""Brings a database up to the newest migration, and tells how far it is.

`python -m scripts.lib.schema first` writes the first migration anew from the tables as they are now. Only for the time before
the first release: afterwards `.venv/bin/alembic revision --autogenerate -m "..."` adds the next one.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.database import Database
from scripts.lib.bootstrap import ROOT

VERSIONS = ROOT / "migrations" / "versions"
FIRST = "0001"


def configuration(url: str, *, batch: bool = True, new: bool = False) -> Config:
    """Alembic's configuration for the database at `url`."""
    config = Config(ROOT / "alembic.ini")
    config.attributes.update(url=url, batch=batch, new=new)
    return config


def bring_up_to_date(url: str) -> None:
    """Make all tables in an empty database, a fifth of the work of as many migrations; run on others what they have not had."""
    command.upgrade(configuration(url, new=True), "head")


def upgrade(url: str, revision: str = "head") -> None:
    """Run the migrations that `url` has not had yet; two that start at once do it one after the other."""
    command.upgrade(configuration(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Undo migrations down to `revision` (`base`: all)."""
    command.downgrade(configuration(url), revision)


def newest() -> str | None:
    """The newest migration of this checkout."""
    return ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_current_head()


def known(revision: str) -> bool:
    """Whether this checkout has the migration `revision`; False means that a newer Doorstep has been here."""
    return any(one.revision == revision for one in ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).walk_revisions())


def applied(database: Database) -> str | None:
    """The newest migration the database has had; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def write_first() -> Path:
    """Write migration 0001 from the tables as the code has them."""
    for old in VERSIONS.glob(f"{FIRST}_*.py"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        config = configuration(f"sqlite:///{folder}/empty.sqlite3", batch=False)
        command.revision(config, "The first tables", autogenerate=True, rev_id=FIRST)
    path = next(VERSIONS.glob(f"{FIRST}_*.py"))
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "check", "--no-cache", "--quiet", "--fix", "--select", "I,F401", path], check=False)
    subprocess.run([*ruff, "format", "--no-cache", "--quiet", path], check=True)
    return path


if __name__ == "__main__":
    if sys.argv[1:] != ["first"]:
        sys.exit("usage: python -m scripts.lib.schema first")
    print(write_first())
