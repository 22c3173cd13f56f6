"""API keys: made once, shown once, and known afterwards only by their hash."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from console.models import ApiKey
from core import clock, events
from core.access import SCOPES
from core.problems import field_problem
from core.words import fill

PREFIX = "doorstep_"
"""So that secret scanners, and people who find one in a log, know what it is."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_COARSE = timedelta(hours=1)


def create(session: Session, name: str, scopes: Sequence[str], actor: str = "operator") -> str:
    """Make a key and return its secret, which nobody can ever read again. Problem 422 on a name or scope that is no good."""
    if not _NAME.fullmatch(name):
        raise field_problem("/name", "1 to 80 letters, digits, dots, hyphens or underscores, beginning with a letter or digit")
    wrong = [scope for scope in scopes if scope not in SCOPES]
    if wrong or not scopes:
        given, allowed = ", ".join(wrong) or fill("none"), ", ".join(SCOPES)
        raise field_problem("/scope", fill("{scopes} given; allowed are {allowed}", scopes=given, allowed=allowed))
    if session.scalar(select(ApiKey.id).where(ApiKey.name == name)) is not None:
        raise field_problem("/name", fill("there is or was already a key named {name}; names are not given twice", name=name))
    secret = PREFIX + secrets.token_urlsafe(32)
    held = sorted(set(scopes))
    session.add(ApiKey(name=name, scopes=held, secret_hash=_hash(secret), created_at=clock.now()))
    events.record(session, "api_key_created", actor, name=name, scopes=held)
    return secret


def revoke(session: Session, name: str, actor: str = "operator") -> bool:
    """End a key at once. Returns False when no live key has this name."""
    live = update(ApiKey).where(ApiKey.name == name, ApiKey.revoked_at.is_(None)).values(revoked_at=clock.now())
    # The returned rows, not a row count, say whether anything changed: every driver agrees on them.
    ended = session.scalars(live.returning(ApiKey.id)).all()
    if ended:
        events.record(session, "api_key_revoked", actor, name=name)
    return bool(ended)


def verify(session: Session, secret: str) -> ApiKey | None:
    """The live key that `secret` belongs to, or None."""
    if not secret.startswith(PREFIX):
        return None
    wanted = _hash(secret)
    key = session.scalar(select(ApiKey).where(ApiKey.secret_hash == wanted))
    if key is None or not hmac.compare_digest(key.secret_hash, wanted) or key.revoked_at is not None:
        return None
    return key


def is_use_stale(key: ApiKey) -> bool:
    """Whether `last_used_at` is worth writing again: once an hour says enough and costs no emergency a write."""
    return key.last_used_at is None or clock.now() - key.last_used_at > _COARSE


def note_use(session: Session, key_id: int) -> None:
    """Write that the key is in use, unless another process has just done so."""
    stale = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= clock.now() - _COARSE)
    session.execute(update(ApiKey).where(ApiKey.id == key_id, stale).values(last_used_at=clock.now()))


def _hash(secret: str) -> str:
    # A plain hash is right here: slow, salted hashes protect what people think up. This is 256 random bits, which nobody
    # can try out, and an unsalted hash is what lets one indexed look-up find the key.
    return hashlib.sha256(secret.encode()).hexdigest()
