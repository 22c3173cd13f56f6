"""`scripts/manage backup` and `restore`."""

from __future__ import annotations

import argparse
import os
import shutil
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import make_url, update
from sqlalchemy.exc import SQLAlchemyError

from console.models import UserSession
from console.setup import backups
from console.tables import METADATA
from core import backup as whole
from core import backup_postgresql, clock, events, heartbeats
from core.services import Services, open_services
from core.settings import Settings
from dispatch.retention import forgotten_list
from responder import erasure_list
from responder.erasure_list import Erased
from scripts.lib import guards, schema
from scripts.lib.first_things import migrate, read_settings
from scripts.lib.progress import bar
from scripts.lib.start_options import PARTS
from scripts.lib.terminal import Refusal, say

KEPT_IN_A_FOLDER = 7
_BESIDE_SQLITE = ("", "-wal", "-shm")


def backup(services: Services, given: argparse.Namespace) -> int:
    """Into the file that is named; into a folder as a file with the date in its name, of which the newest 7 stay."""
    file: Path = given.file
    into_folder = file.is_dir()
    if into_folder:
        file = file / f"doorstep-{clock.now():%Y%m%d-%H%M%S}.tar.gz"
    if not file.absolute().parent.is_dir():
        raise Refusal(f"{file}: there is no folder {file.absolute().parent}")
    erasure_list.keep(services)
    forgotten_list.keep(services)
    try:
        with bar("backing up") as progress:
            made = whole.make(services.settings, services.database, file, progress)
    except (whole.Unusable, OSError) as error:
        raise Refusal(f"no backup was made: {error}") from error
    backups.note(services, file, "operator")
    if into_folder:
        for old in sorted(file.parent.glob("doorstep-*.tar.gz"))[:-KEPT_IN_A_FOLDER]:
            old.unlink()
    say(f"{file}: {file.stat().st_size / 1e6:.1f} MB, read again and whole ({made.kind}, migration {made.migration}).")
    say("It holds people's names, numbers and addresses: keep it, and a copy on another machine, as you keep those.")
    return 0


def restore(given: argparse.Namespace) -> int:
    """Put a backup in the place of what is there, which is kept beside it."""
    settings = read_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        for part in ("all", *PARTS):
            stack.enter_context(guards.lock_folder(settings.data_dir, part))
        try:
            with whole.opened(given.file) as (found, folder):
                _check(settings, found)
                erased = _erased_so_far(settings)
                aside = _put_in_place(settings, found, folder)
        except whole.Unusable as error:
            raise Refusal(f"nothing was changed: {error}") from error
        count = _settle(settings, found, erased)
    say(f"Restored as it was at {found.made_at}. What was here before is kept in {aside}.")
    say(f"{count} people who were erased since were erased again. Everybody signs in anew. scripts/start starts it.")
    return 0


def _check(settings: Settings, found: whole.Backup) -> None:
    here = "sqlite" if settings.database.startswith("sqlite") else "postgresql"
    if found.kind != here:
        raise Refusal(f"this backup is of {found.kind}, DATABASE_URL names {here}: set it to a database of the same kind")
    if found.migration is not None and not schema.known(found.migration):
        raise Refusal(f"this backup has had migration {found.migration}, which this version does not know: update Doorstep")


def _erased_so_far(settings: Settings) -> set[Erased]:
    """Everybody whom the present database, as far as it can be read, or the list beside it knows to be erased."""
    known = erasure_list.of_file(settings.data_dir / erasure_list.FILE)
    if settings.database.startswith("sqlite") and not _sqlite_path(settings).exists():
        return known
    services = open_services(settings)
    try:
        with services.read() as session:
            alive = {name for name in heartbeats.alive(session) if name != "web"} if not services.database.is_sqlite else set()
            known |= erasure_list.of_database(session)
        forgotten_list.refresh(services)
    except SQLAlchemyError:
        say("The present database cannot be read; of erasures, those on the list beside it and in the backup are known.")
        return known
    finally:
        services.database.close()
    if alive:
        raise Refusal(f"Doorstep runs with this database ({', '.join(sorted(alive))}): stop it on every machine first")
    return known


def _put_in_place(settings: Settings, found: whole.Backup, folder: Path) -> str:
    aside = settings.data_dir / f"before-restore-{clock.now():%Y%m%d-%H%M%S}"
    aside.mkdir(mode=0o700)
    where = str(aside)
    if found.kind == "sqlite":
        _replace_sqlite(_sqlite_path(settings), folder / whole.SQLITE, aside)
    else:
        name = aside.name.replace("-", "_")
        _replace_postgresql(settings, found, folder, name)
        where = f"the schema {name} of the database, and {aside}"
    for name in ("secret_key", guards.MARKER):
        _replace_file(settings.data_dir / name, folder / name, aside)
    return where


def _replace_sqlite(path: Path, new: Path, aside: Path) -> None:
    fresh = path.with_name(path.name + ".new")
    shutil.copyfile(new, fresh)
    fresh.chmod(0o600)
    for ending in _BESIDE_SQLITE:
        old = path.with_name(path.name + ending)
        if old.exists():
            old.rename(aside / old.name)
    fresh.rename(path)


def _replace_postgresql(settings: Settings, found: whole.Backup, folder: Path, aside: str) -> None:
    services = open_services(settings)
    try:
        if schema.applied(services.database) is not None:
            backup_postgresql.put_aside(services.database, aside)
        schema.upgrade(settings.database, found.migration or "head")
        order = [table.name for table in METADATA.sorted_tables]
        with bar("restoring") as progress:
            backup_postgresql.load(services.database, folder / whole.TABLES, order, progress)
    except SQLAlchemyError as error:
        raise Refusal(f"the database refused ({str(error).splitlines()[0]}); its old schema is {aside} or unchanged") from error
    finally:
        services.database.close()


def _replace_file(path: Path, new: Path, aside: Path) -> None:
    """A marker that is here and not in the backup stays: what has once been real is never forgotten."""
    if not new.exists():
        return
    if path.exists():
        os.replace(path, aside / path.name)
    shutil.copyfile(new, path)
    path.chmod(0o600)


def _settle(settings: Settings, found: whole.Backup, erased: set[Erased]) -> int:
    """Bring the restored database up to date: migrations, erasures, sessions. Returns how many people were erased again."""
    services = open_services(settings)
    try:
        migrate(services, tell=lambda _: None)
        with services.write() as session:
            count = erasure_list.apply_again(session, erased, "operator")
            ended = update(UserSession).where(UserSession.ended_at.is_(None)).values(ended_at=clock.now())
            session.execute(ended)  # whoever was signed out since the backup must not be signed in again
            events.record(session, "restored", "operator", made_at=found.made_at, erased_again=count)
        forgotten_list.keep(services)
        with services.read() as session:
            everybody = erased | erasure_list.of_database(session)
        erasure_list.write(settings.data_dir / erasure_list.FILE, everybody)
    finally:
        services.database.close()
    return count


def _sqlite_path(settings: Settings) -> Path:
    return Path(make_url(settings.database).database or "")
