"""Who was erased, as a list of ids beside the database: a backup still knows them, and a restore erases them again.

An id alone could come to mean somebody else (a restored database gives the same ids again), so each goes with the moment the
person was entered. Nothing else of anybody is in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.services import Services
from responder import erasure
from responder.models import Responder

FILE = "erasures.jsonl"


class Erased(NamedTuple):
    """One person who was erased: the row's id, and when the person was entered."""

    responder_id: int
    entered_at: datetime


def of_database(session: Session) -> set[Erased]:
    """Everybody whom this database knows to be erased."""
    rows = session.execute(select(Responder.id, Responder.created_at).where(Responder.erased_at.is_not(None)))
    return {Erased(*row) for row in rows}


def of_file(path: Path) -> set[Erased]:
    """Everybody on the list at `path`; a line that cannot be read is left out."""
    found = set()
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            told = json.loads(line)
            found.add(Erased(int(told["responder_id"]), datetime.fromisoformat(told["entered_at"])))
        except (ValueError, KeyError, TypeError):
            continue
    return found


def keep(services: Services) -> int:
    """Bring the list in the data folder up to date; nobody is ever taken off it. Returns how many stand on it."""
    path = services.settings.data_dir / FILE
    with services.read() as session:
        here = of_database(session)
    before = of_file(path)
    if here <= before:
        return len(before)
    write(path, here | before)
    return len(here | before)


def write(path: Path, everybody: Iterable[Erased]) -> None:
    """Write the list anew, whole or not at all."""
    lines = (
        json.dumps({"responder_id": who.responder_id, "entered_at": who.entered_at.isoformat()}) for who in sorted(everybody)
    )
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    draft.replace(path)


def apply_again(session: Session, everybody: Iterable[Erased], actor: str) -> int:
    """Erase whoever stands on the list and is here again. Returns how many that were."""
    count = 0
    for who in sorted(everybody):
        person = session.get(Responder, who.responder_id)
        if person is not None and person.erased_at is None and person.created_at == who.entered_at:
            erasure.erase(session, person.external_id, actor)
            count += 1
    return count
