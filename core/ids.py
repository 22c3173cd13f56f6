"""Opaque ids for rows that outsiders see."""

from __future__ import annotations

import secrets

from core import clock


def new_id() -> str:
    """A new id: 26 hexadecimal characters, unguessable, and later ids sort after earlier ones (kind to B-trees).

    Only [0-9a-f], because ids travel in callback URLs whose signature breaks when a character is escaped.
    """
    milliseconds = int(clock.now().timestamp() * 1000)
    return f"{milliseconds:012x}{secrets.token_hex(7)}"
