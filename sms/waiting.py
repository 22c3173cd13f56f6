"""What waits on the wire: texts that have not left, answers that have had no effect. Read from the partial indexes alone,
however old the installation is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.ids import first_at
from sms.claims import LEASE
from sms.models import CLAIMED, DUE, SMS, TAKEN, TO_HANDLE, TO_SEND, UNKNOWN, Message

SLOW = timedelta(seconds=4)
"""A carrier answers within half a second on a bad day."""
TRIED_IN_VAIN = 5
QUIET_FOR = timedelta(minutes=30)
"""A refusal that has not come again for so long, while other texts arrived, is over."""


@dataclass(frozen=True)
class Queued:
    """How many wait, and since when the oldest could have been done; `None` when none waits."""

    count: int = 0
    since: datetime | None = None

    @property
    def age_s(self) -> float:
        """For how many seconds the oldest has waited; below 0 while it is for later."""
        return 0.0 if self.since is None else (clock.now() - self.since).total_seconds()


def texts(session: Session) -> Mapping[str, Queued]:
    """Texts that the carrier does not surely have, by state (due, claimed, unknown). Calls wait for their turn, which is no
    fault."""
    # A try that failed moves `send_at` on; what has been tried was due when it was written, or soon after.
    tried = or_(Message.retries > 0, Message.unknown_since.is_not(None))
    since = func.min(case((tried, Message.created_at), else_=Message.send_at))
    wanted = select(Message.state, func.count(), since).where(TO_SEND, Message.channel == SMS)
    rows = session.execute(wanted.group_by(Message.state))
    found = {state: Queued(count, oldest) for state, count, oldest in rows}
    return {state: found.get(state, Queued()) for state in (DUE, CLAIMED, UNKNOWN)}


def oldest_text_s(session: Session) -> float:
    """For how many seconds the oldest text has waited to leave; 0 when none is late."""
    return max(0.0, *(queued.age_s for queued in texts(session).values()))


def answers(session: Session) -> Queued:
    """Incoming texts that nobody has handled."""
    return Queued(*session.execute(select(func.count(), func.min(Message.created_at)).where(TO_HANDLE)).one())


def in_trouble(session: Session) -> int:
    """Texts that the carrier makes trouble with: asked for without an answer for `SLOW`, of unknown fate for so long, or tried
    in vain `TRIED_IN_VAIN` times."""
    now = clock.now()
    hanging = and_(Message.state == CLAIMED, Message.claimed_until < now + LEASE - SLOW)
    trouble = or_(hanging, Message.unknown_since < now - SLOW, Message.retries >= TRIED_IN_VAIN)
    return session.scalar(select(func.count()).select_from(Message).where(TO_SEND, trouble)) or 0


def is_refused_still(session: Session, code: str, since: datetime) -> bool:
    """Whether texts are still refused with `code`, as they were `since`: one lately, or none that arrived after the last."""
    refused = select(func.max(Message.id)).where(Message.id >= first_at(since - QUIET_FOR), Message.error_code == code)
    newest = session.scalar(refused) or first_at(since)
    if newest >= first_at(clock.now() - QUIET_FOR):
        return True
    arrived = select(Message.id).where(Message.id > newest, Message.state == TAKEN, Message.error_code.is_(None))
    return session.scalar(arrived.limit(1)) is None
