"""What was erased because somebody asked, as a list of ids beside the database: a backup still tells of it, and after its
restore it is erased again. (What goes because its time is over needs no list.)"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.services import Services
from core.settings import Settings
from dispatch.models import CLOSED, Alarm, Incident
from dispatch.retention import incidents, strangers
from dispatch.retention.models import ErasedOnRequest
from sms.models import Message

FILE = "erased_on_request.jsonl"
EMERGENCY = "emergency"


class Erased(NamedTuple):
    """An emergency, a text or a report: the id of its row, and when that came in, for a restored database may give the id of a
    report to another one."""

    what: str
    key: str
    made_at: datetime


def keep(services: Services) -> int:
    """Bring the list in the data folder up to date, and erase again what is back. Returns how much that was."""
    listed, here = refresh(services)
    count = 0
    for one in sorted(listed - here):
        with services.write() as session:
            count += _AGAIN[one.what](session, one)
    return count


def refresh(services: Services) -> tuple[set[Erased], set[Erased]]:
    """Bring the list up to date: all that is on it then, and what this database knows of it."""
    path = services.settings.data_dir / FILE
    listed = of_file(path)
    with services.read() as session:
        here = _of_database(session, services.settings)
    if here - listed:
        _write(path, here | listed)
    return listed, here


def of_file(path: Path) -> set[Erased]:
    """What is on the list at `path`; a line that cannot be read is left out."""
    found = set()
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            told = json.loads(line)
            one = Erased(str(told["what"]), str(told["key"]), datetime.fromisoformat(told["made_at"]))
        except (ValueError, KeyError, TypeError):
            continue
        found |= {one} if one.what in _AGAIN and one.made_at.tzinfo is not None else set()
    return found


def _of_database(session: Session, settings: Settings) -> set[Erased]:
    """The emergencies that were erased before their time, and what else was."""
    early = (Incident.closed_at > clock.now() - settings.caller_kept, Incident.forgotten_at.is_not(None))
    emergencies = session.execute(select(Incident.id, Incident.opened_at).where(*early))
    others = session.execute(select(ErasedOnRequest.what, ErasedOnRequest.key, ErasedOnRequest.made_at))
    return {Erased(EMERGENCY, *row) for row in emergencies} | {Erased(*row) for row in others}


def _emergency_again(session: Session, one: Erased) -> int:
    """One that is open in the backup waits for its close."""
    back = (Incident.id == one.key, Incident.state == CLOSED, Incident.forgotten_at.is_(None))
    if session.scalar(select(Incident.id).where(*back)) is None:
        return 0
    incidents.forget_again(session, one.key)
    return 1


def _text_again(session: Session, one: Erased) -> int:
    """One that is under way in the backup waits until it is not."""
    text = session.get(Message, one.key)
    if text is not None and (text.body or text.phone):
        return strangers.erase_texts(session, [text])
    strangers.note(session, *one)
    return 0


def _report_again(session: Session, one: Erased) -> int:
    """One that stands red in the backup waits until somebody has seen to it."""
    report = session.get(Alarm, int(one.key))
    if report is not None and report.raised_at == one.made_at:
        return strangers.erase_report(session, report.id)
    strangers.note(session, *one)
    return 0


_AGAIN = {EMERGENCY: _emergency_again, strangers.TEXT: _text_again, strangers.REPORT: _report_again}


def _write(path: Path, everything: Iterable[Erased]) -> None:
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    told = ({"what": one.what, "key": one.key, "made_at": one.made_at.isoformat()} for one in sorted(everything))
    draft.write_text("".join(f"{json.dumps(line)}\n" for line in told), encoding="utf-8")
    draft.replace(path)
