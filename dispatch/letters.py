"""The letter that begins every text of a callout, so that a volunteer with two emergencies can say which one they mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from dispatch.callouts import RECENT
from dispatch.models import Callout

LETTERS = "ABCDEFGHJLMPQRSTUVWZ"
"""Without I and O, which phones show like 1 and 0, the two digits that matter most, and without K, N, X and Y, which people
text for "ok", "no", a kiss and "yes"."""


def for_people(session: Session, responder_ids: Sequence[int]) -> dict[int, str]:
    """A letter for each person that was not theirs within the last 24 h, so that a late answer can never hit the next
    emergency; when all are taken, the one used longest ago."""
    statement = (
        select(Callout.responder_id, Callout.letter)
        .where(Callout.responder_id.in_(responder_ids), Callout.queued_at > clock.now() - RECENT)
        .order_by(Callout.queued_at)
    )
    used: dict[int, list[str]] = defaultdict(list)
    for responder_id, letter in session.execute(statement):
        used[responder_id].append(letter)
    return {responder_id: choose(used[responder_id]) for responder_id in responder_ids}


def choose(used: Sequence[str]) -> str:
    """The first letter not in `used` (oldest first), else the one whose last use is the oldest."""
    last_use = {letter: at for at, letter in enumerate(used)}
    return min(LETTERS, key=lambda letter: last_use.get(letter, -1))
