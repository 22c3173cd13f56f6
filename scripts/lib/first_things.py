"""What every command begins with: its folder, its settings, a database that is up to date."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from core.services import Services
from core.settings import Settings, WrongSetting, load
from scripts.lib import schema
from scripts.lib.bootstrap import ROOT
from scripts.lib.terminal import Refusal, say


def enter_root(data: Path | None) -> None:
    """Go to the repository's root, where .env is. Relative folders that were given mean those of the caller's folder."""
    folder = data or (Path(os.environ["DATA_DIR"]) if os.environ.get("DATA_DIR") else None)
    if folder:
        os.environ["DATA_DIR"] = str(folder.absolute())
    os.chdir(ROOT)


def read_settings() -> Settings:
    """The settings of the environment and of .env; a wrong one is refused by name."""
    try:
        return load()
    except WrongSetting as error:
        raise Refusal(f"settings: {error}") from error


def migrate(services: Services, tell: Callable[[str], None] = say) -> None:
    """Run the migrations that the database has not had; refuse a database that cannot be reached or is newer than the code."""
    try:
        before = schema.applied(services.database)
        if before is not None and not schema.known(before):
            raise Refusal(f"the database has had migration {before}, which this version does not know: update Doorstep")
        if before != schema.newest():
            tell(f"Database: from {before or 'nothing'} to {schema.newest()} …")
            schema.bring_up_to_date(services.settings.database)
    except SQLAlchemyError as error:
        reason = str(error).splitlines()[0]
        raise Refusal(f"DATABASE_URL: the database cannot be used ({reason})") from error
