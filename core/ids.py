"""Opaque ids for rows that outsiders see."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from core import clock


def new_id() -> str:
    """A new id: 26 hexadecimal characters, unguessable, and later ids sort after earlier ones (kind to B-trees).

    Only [0-9a-f], because ids travel in callback URLs whose signature breaks when a character is escaped.
    """
    return first_at(clock.now()) + secrets.token_hex(7)


def first_at(moment: datetime) -> str:
    """What every id made at `moment` begins with: no id made before it sorts after this."""
    return f"{int(moment.timestamp() * 1000):012x}"


def made_at(an_id: str) -> datetime:
    """When an id was made, to the millisecond."""
    return datetime.fromtimestamp(int(an_id[:12], 16) / 1000, UTC)
