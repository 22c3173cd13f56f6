"""Which failures of a text say that its reader may be reached by voice instead (sms-facts 1.7)."""

from __future__ import annotations

BY_VOICE = frozenset({"21614", "30003", "30004", "30005", "30006", "30007", "30008", "30017", "30450"})
"""No mobile; handset off; blocked; unknown handset; landline; filtered; unknown error; congestion; held back as fraud."""


def says_voice(code: str) -> bool:
    """Whether a text that failed with `code` is followed by a call; an unknown code is not."""
    return code in BY_VOICE
