"""Backups made from the page: into the data folder, the newest few kept."""

from __future__ import annotations

from pathlib import Path

from core import backup, clock, milestones
from core.backup import Unusable
from core.services import Services

__all__ = ["KEPT", "Unusable", "make", "note"]
KEPT = 3
FOLDER = "backups"


def make(services: Services, actor: str) -> Path:
    """Make a verified backup in the data folder; of those made here before, the newest `KEPT` stay."""
    settings = services.settings
    folder = settings.data_dir / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / f"doorstep-{clock.now():%Y%m%d-%H%M%S}.tar.gz"
    backup.make(settings, services.database, file, lambda _done, _all: None)
    note(services, file, actor)
    for old in sorted(folder.glob("doorstep-*.tar.gz"))[:-KEPT]:
        old.unlink()
    return file


def note(services: Services, file: Path, actor: str) -> None:
    """Let the go-live list know that a verified backup was made."""
    size = file.stat().st_size
    with services.write() as session:
        milestones.reach(session, milestones.BACKUP, actor, bytes=size, verified=True)
