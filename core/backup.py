"""One file that holds a whole installation: its database as it was at one moment, and the few files beside it.

Made while everything runs, verified by opening it again, and only then given its name: a `.tar.gz` with a manifest of its
members and their digests. What stands in the environment or in .env is not in it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from core import backup_postgresql, clock
from core.database import Database
from core.settings import Settings

MANIFEST, SQLITE, TABLES = "manifest.json", "database.sqlite3", "tables"
BESIDE = ("secret_key", "real_carrier_used", "erasures.jsonl", "erased_on_request.jsonl")
"""Files of the data folder that the database does not make sense without, as far as they are there."""
FORMAT = 1
_CHUNK, _PAGES = 1 << 20, 2048
Progress = Callable[[int, int], None]


class Unusable(Exception):
    """A backup that cannot be made or used; the text says why."""


@dataclass(frozen=True)
class Backup:
    """What a verified backup says of itself. `kind` is sqlite or postgresql, `migration` what its database has had."""

    made_at: str
    kind: str
    migration: str | None
    members: dict[str, dict[str, Any]]


def make(settings: Settings, database: Database, file: Path, progress: Progress) -> Backup:
    """Write a verified backup to `file`, readable by this account only; whatever had that name is replaced at the very end.

    `progress` hears per cent. Raises Unusable, OSError or SQLAlchemyError; nothing is left behind then.
    """
    file = file.absolute()
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.parent) as name:
        folder = Path(name)
        kind = "sqlite" if database.is_sqlite else "postgresql"
        if database.is_sqlite:
            _copy_sqlite(database, folder / SQLITE, lambda done, all_: progress(done * 50 // max(1, all_), 100))
        else:
            backup_postgresql.dump(database, folder / TABLES, lambda done, all_: progress(done * 50 // max(1, all_), 100))
        _copy_beside(settings.data_dir, folder)
        members = {path.relative_to(folder).as_posix(): _facts(path) for path in sorted(folder.rglob("*")) if path.is_file()}
        found = Backup(clock.rfc3339(clock.now()) or "", kind, _migration(database), members)
        draft = folder / "whole.tar.gz"
        _pack(folder, found, draft)
        progress(75, 100)
        verify(draft)
        progress(100, 100)
        os.replace(draft, file)
        _sync(file.parent)
    return found


def verify(file: Path) -> Backup:
    """Open a backup and read all of it. Raises Unusable when anything in it is not as its manifest says."""
    with opened(file) as (found, _):
        return found


@contextmanager
def opened(file: Path) -> Iterator[tuple[Backup, Path]]:
    """The backup unpacked into a folder beside the file, every member's digest compared. Raises Unusable."""
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.absolute().parent) as name:
        folder = Path(name)
        try:
            with tarfile.open(file, "r:gz") as archive:
                _unpack(archive, folder)
            found = _read_manifest(folder)
        except (tarfile.TarError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
            raise Unusable(f"{file} is no backup of Doorstep, or a part of it is missing ({error})") from error
        for member, facts in found.members.items():
            path = folder / member
            if not path.is_file() or _facts(path) != facts:
                raise Unusable(f"{file}: {member} is damaged")
        if found.kind == "sqlite":
            _check_sqlite(folder / SQLITE)
        yield found, folder


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Take plain files below `folder` out of `archive`, and nothing else. By hand, because the Python of Debian 12 (3.11.2) has
    no extraction filters, and without one a made-up archive could write anywhere."""
    for member in archive:
        path = (folder / member.name).resolve()
        source = archive.extractfile(member) if member.isreg() and path.is_relative_to(folder.resolve()) else None
        if source is None:
            raise tarfile.TarError(f"{member.name} is no part of a backup")
        path.parent.mkdir(parents=True, exist_ok=True)
        with source, path.open("wb") as target:
            shutil.copyfileobj(source, target)


def _read_manifest(folder: Path) -> Backup:
    told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if told["format"] != FORMAT:
        raise ValueError(f"its format is {told['format']}, this version reads {FORMAT}")
    return Backup(told["made_at"], told["kind"], told["migration"], told["members"])


def _copy_sqlite(database: Database, to: Path, progress: Progress) -> None:
    """Copy the database as it is at one moment while others write: a read transaction kept open holds the moment still."""
    with database.engine.connect() as connection, closing(sqlite3.connect(to)) as copy:
        source: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]  # typed as anything
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(copy, pages=_PAGES, progress=lambda _status, left, all_: progress(all_ - left, all_))
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, whatever the original keeps beside it
    _check_sqlite(to)


def _check_sqlite(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as database:
            found = [row[0] for row in database.execute("PRAGMA integrity_check(3)")]
            loose = database.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise Unusable(f"the database in it cannot be read ({error})") from error
    if found != ["ok"]:
        raise Unusable(f"the database is damaged: {found[0]}")
    if loose is not None:
        raise Unusable(f"the database is damaged: a row of {loose[0]} refers to one of {loose[2]} that is not there")


def _copy_beside(data_dir: Path, folder: Path) -> None:
    for name in BESIDE:
        if (data_dir / name).exists():
            (folder / name).write_bytes((data_dir / name).read_bytes())


def _migration(database: Database) -> str | None:
    try:
        with database.engine.connect() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except SQLAlchemyError as error:
        raise Unusable("the database has had no migration: start Doorstep once") from error


def _facts(path: Path) -> dict[str, Any]:
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
    return {"bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def _pack(folder: Path, found: Backup, to: Path) -> None:
    manifest = {"format": FORMAT, **{name: getattr(found, name) for name in ("made_at", "kind", "migration", "members")}}
    with _private(to) as target, tarfile.open(fileobj=target, mode="w:gz", compresslevel=1) as archive:
        raw = json.dumps(manifest, indent=1).encode()
        told = tarfile.TarInfo(MANIFEST)
        told.size, told.mode = len(raw), 0o600
        archive.addfile(told, io.BytesIO(raw))
        for member in found.members:
            archive.add(folder / member, member)
    _sync(to)


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as target:
        yield target


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
