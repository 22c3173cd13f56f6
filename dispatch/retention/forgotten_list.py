"""Which emergencies were erased because somebody asked, as a list of ids beside the database: a backup still tells of them, and
within a minute of its restore they are erased again. (Those whose time is over need no list.)"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.services import Services
from core.settings import Settings
from dispatch.models import CLOSED, Incident
from dispatch.retention import incidents

FILE = "incident_erasures.jsonl"


def keep(services: Services) -> int:
    """Bring the list in the data folder up to date, and erase again what is back. Returns how many those were."""
    path = services.settings.data_dir / FILE
    listed = of_file(path)
    with services.read() as session:
        here = _of_database(session, services.settings)
        back = _back(session, listed - here)
    if here - listed:
        _write(path, here | listed)
    for incident_id in back:
        with services.write() as session:
            incidents.forget_again(session, incident_id)
    return len(back)


def of_file(path: Path) -> set[str]:
    """The ids on the list at `path`; a line that cannot be read is left out."""
    found = set()
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            found.add(str(json.loads(line)["incident_id"]))
        except (ValueError, KeyError, TypeError):
            continue
    return found


def _of_database(session: Session, settings: Settings) -> set[str]:
    """Those erased before their time."""
    early = (Incident.closed_at > clock.now() - settings.caller_kept, Incident.forgotten_at.is_not(None))
    return set(session.scalars(select(Incident.id).where(*early)))


def _back(session: Session, ids: set[str]) -> list[str]:
    """Those that are here as if nobody had asked; one that is open in the backup waits for its close."""
    wanted = (Incident.id.in_(ids), Incident.state == CLOSED, Incident.forgotten_at.is_(None))
    return sorted(session.scalars(select(Incident.id).where(*wanted)))


def _write(path: Path, ids: Iterable[str]) -> None:
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    lines = (json.dumps({"incident_id": incident_id}) for incident_id in sorted(ids))
    draft.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    draft.replace(path)
