"""Demo and real never mix: what a start may do with a data folder that has a past."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TextIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.settings import Settings
from responder.models import Responder
from scripts.lib.terminal import Refusal
from sms.models import Contact

MARKER = "real_carrier_used"


def check_carrier(settings: Settings) -> None:
    """Refuse the simulated carrier in a data folder that has used a real one, unless it is asked for by --simulate."""
    marker = settings.data_dir / MARKER
    if settings.simulating:
        if marker.exists() and not settings.simulate:
            raise Refusal(
                f"{settings.data_dir} has used a real carrier (since {marker.read_text(encoding='utf-8').strip()}), and no"
                " TWILIO_ACCOUNT_SID is set now: set it, or give --simulate to play with these people on the simulated carrier"
            )
    elif not marker.exists():
        marker.write_text(f"{clock.rfc3339(clock.now())}\n", encoding="utf-8")


def was_real(settings: Settings) -> bool:
    """Whether the data folder has ever used a real carrier."""
    return (settings.data_dir / MARKER).exists()


def people(session: Session) -> tuple[int, int]:
    """How many responders are real, and how many belong to the demo town."""
    everybody = select(func.count()).select_from(Responder).join(Contact, Contact.id == Responder.contact_id)
    demo = session.scalar(everybody.where(Contact.demo.is_(True))) or 0
    return (session.scalar(everybody) or 0) - demo, demo


def check_no_real_people(session: Session, settings: Settings) -> None:
    """A demonstration may not text anybody's real neighbours."""
    real, _ = people(session)
    if real or was_real(settings):
        raise Refusal(
            f"--headless-demo: {settings.data_dir} holds {real} real people or has used a real carrier;"
            " leave --data out to play in a folder of its own"
        )


def lock_folder(data_dir: Path, part: str) -> TextIO:
    """Hold the folder for one supervisor (of one part) at a time; the lock goes with the process, however it ends."""
    path = data_dir / f"start-{part}.lock"
    handle = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.seek(0)
        owner = handle.read().strip() or "?"
        handle.close()
        why = f"Doorstep runs already with the data folder {data_dir} (process {owner})"
        raise Refusal(f"{why}; choose another with --data") from None
    handle.truncate(0)
    handle.write(f"{os.getpid()}\n")
    handle.flush()
    return handle
