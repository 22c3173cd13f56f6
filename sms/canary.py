"""The canary: a text that goes out through the real carrier every hour and must come back as an answer does.

It proves the whole way, both directions, the webhook and its signature, while nobody needs it. No volunteer ever sees one.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core import clock, events
from core.database import advisory_lock
from core.settings import Settings
from sms import contacts, outbox, purposes
from sms.models import Canary, Message

EVERY = timedelta(hours=1)
MUST_BE_BACK = timedelta(minutes=5)
"""After this it counts as missed; one may be, two in a row are a fault."""
MISSED_IN_A_ROW = 2
_KEPT = timedelta(days=7)
_LOCK = 4005
"""Held from the look whether one is due until the commit: two processes that look at once must not both send one."""
_TOKEN = re.compile(r"\bcanary ([0-9a-f]{8})\b", re.IGNORECASE)


def is_due(session: Session, settings: Settings) -> bool:
    """Whether the hour of the next one has come."""
    if settings.canary_number is None:
        return False
    return session.scalar(select(Canary.id).where(Canary.sent_at > clock.now() - EVERY).limit(1)) is None


def send_due(session: Session, settings: Settings) -> bool:
    """Put the next one into the outbox when its hour has come. Returns whether it did."""
    to, now = settings.canary_number, clock.now()
    advisory_lock(session, _LOCK)
    if to is None or not is_due(session, settings):
        return False
    token = secrets.token_hex(4)
    session.add(Canary(token=token, sent_at=now))
    contact = contacts.ensure(session, to, settings.default_language)
    body = f"Doorstep canary {token}. A test of the line, no answer needed."
    outbox.put(
        session,
        [
            outbox.Draft(
                contact=contact,
                body=body,
                purpose=purposes.CANARY,
                about_kind=None,
                about_id=None,
                expires_at=now + MUST_BE_BACK,
            )
        ],
    )
    session.execute(delete(Canary).where(Canary.sent_at < now - _KEPT).execution_options(synchronize_session=False))
    return True


def came_back(session: Session, message: Message) -> bool:
    """Whether this incoming text is a canary of ours: then it is noted, and concerns nobody else."""
    found = _TOKEN.search(message.body)
    if found is None:
        return False
    known = session.scalar(select(Canary.id).where(Canary.token == found[1].lower()))
    if known is None:
        return False
    first = session.scalar(
        update(Canary)
        .where(Canary.id == known, Canary.came_back_at.is_(None))
        .values(came_back_at=message.created_at)
        .returning(Canary.sent_at)
        .execution_options(synchronize_session=False)
    )
    if first is not None:
        took_s = round((message.created_at - first).total_seconds(), 1)
        events.record(session, "canary_came_back", "carrier", message_id=message.id, took_s=took_s)
    return True


def is_missed(session: Session, settings: Settings) -> bool:
    """Whether the newest `MISSED_IN_A_ROW` whose time is up have not come back."""
    if settings.canary_number is None:
        return False
    up = select(Canary.came_back_at).where(Canary.sent_at <= clock.now() - MUST_BE_BACK)
    newest = session.scalars(up.order_by(Canary.sent_at.desc()).limit(MISSED_IN_A_ROW)).all()
    return len(newest) == MISSED_IN_A_ROW and not any(newest)


def latency_s(session: Session) -> float | None:
    """How long the newest one that came back was under way; None before the first."""
    back = select(Canary).where(Canary.came_back_at.is_not(None)).order_by(Canary.sent_at.desc()).limit(1)
    newest = session.scalars(back).first()
    return (newest.came_back_at - newest.sent_at).total_seconds() if newest and newest.came_back_at else None
