"""Proving a phone: a code by text, six digits, few tries, and not many codes to one number or from one place."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from core import clock
from core.database import advisory_lock
from core.services import Services
from responder.joining.models import JoinAttempt

CODE_DIGITS = 6
MOST_TRIES = 5
"""Of a million codes: whoever guesses is right once in 200,000 codes, of which a number gets three a day."""
GOOD_FOR = timedelta(minutes=15)
KEPT = timedelta(days=1)
"""How long it is remembered that a code went to a number; what was typed is emptied long before."""
PER_NUMBER, PER_NETWORK, ALTOGETHER = 3, 20, 500
"""Codes a day to one number, from one network, and in all: each is a text that somebody pays for, and that rings a phone."""
_LOCK = 4007


@dataclass(frozen=True)
class Begun:
    """What the form goes on with, and the code for the phone alone."""

    token: str
    code: str


def begin(session: Session, secret: bytes, phone: str, network: str, person: Mapping[str, Any]) -> Begun | None:
    """Keep what was typed until the code is; None when there have been too many, whether the number is known here or not."""
    advisory_lock(session, _LOCK)
    now, place = clock.now(), _keyed(secret, "network", network)
    since = JoinAttempt.created_at > now - KEPT
    counts = [
        func.count().filter(JoinAttempt.phone == phone),
        func.count().filter(JoinAttempt.network == place),
        func.count(),
    ]
    limits = (PER_NUMBER, PER_NETWORK, ALTOGETHER)
    if any(count >= most for count, most in zip(session.execute(select(*counts).where(since)).one(), limits, strict=True)):
        return None
    begun = Begun(secrets.token_urlsafe(32), f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}")
    session.add(
        JoinAttempt(
            phone=phone,
            network=place,
            token_hash=_keyed(secret, "token", begun.token),
            code_hash=_keyed(secret, begun.token, begun.code),
            person=dict(person),
            created_at=now,
        )
    )
    return begun


def prove(session: Session, secret: bytes, token: str, code: str) -> JoinAttempt | None:
    """The attempt whose code this is, used up by it; None for a wrong code, a late one, or one try too many."""
    now = clock.now()
    tried = session.scalar(
        update(JoinAttempt)
        .where(
            JoinAttempt.token_hash == _keyed(secret, "token", token),
            JoinAttempt.created_at > now - GOOD_FOR,
            JoinAttempt.tries < MOST_TRIES,
            JoinAttempt.used_at.is_(None),
        )
        .values(tries=JoinAttempt.tries + 1)
        .returning(JoinAttempt.id)
        .execution_options(synchronize_session=False)
    )
    attempt = session.get(JoinAttempt, tried, populate_existing=True) if tried is not None else None
    digits = "".join(character for character in code if character.isdigit())
    if attempt is None or not hmac.compare_digest(attempt.code_hash, _keyed(secret, token, digits)):
        return None
    attempt.used_at = now
    return attempt


def may_try(session: Session, secret: bytes, token: str) -> bool:
    """Whether another code may be typed for this token."""
    wanted = select(JoinAttempt.id).where(
        JoinAttempt.token_hash == _keyed(secret, "token", token),
        JoinAttempt.created_at > clock.now() - GOOD_FOR,
        JoinAttempt.tries < MOST_TRIES,
        JoinAttempt.used_at.is_(None),
    )
    return session.scalar(wanted) is not None


def forget_due(services: Services) -> None:
    """Empty what was typed once no code can come for it any more; that a code went to a number is kept for a day, to count.
    Whoever joined has it with their person by then; whoever did not is nobody to us."""
    now = clock.now()
    gone = JoinAttempt.created_at <= now - KEPT
    over = and_(JoinAttempt.created_at <= now - GOOD_FOR, JoinAttempt.code_hash != "")
    with services.read() as session:
        if session.scalar(select(JoinAttempt.id).where(or_(gone, over)).limit(1)) is None:
            return  # most looks find nothing, and a look must not take the turn to write
    with services.write() as session:
        session.execute(delete(JoinAttempt).where(gone))
        session.execute(update(JoinAttempt).where(over).values(person={}, code_hash=""))


def forget(session: Session, phone: str) -> None:
    """Nothing is left of what was typed with this number: its person is erased."""
    session.execute(delete(JoinAttempt).where(JoinAttempt.phone == phone))


def _keyed(secret: bytes, purpose: str, value: str) -> str:
    return hmac.new(secret, f"joining\0{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()
