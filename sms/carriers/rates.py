"""How many segments a second a sender may hand to the networks, by the kind of number it is (sms-facts 1.5)."""

from __future__ import annotations

import re

KINDS: tuple[tuple[str, str, float], ...] = (
    ("toll-free number of the US and Canada", r"\+1(800|833|844|855|866|877|888)\d{7}", 3.0),
    # What an unregistered one may send. A campaign's trust score raises it: TWILIO_SEGMENTS_PER_S says to what.
    ("long code of the US and Canada", r"\+1\d{10}", 1.0),
    ("short code", r"\d{3,8}", 100.0),
    ("number of another country, name, or messaging service", r".+", 10.0),
)
"""Kind, pattern and segments per second; the first that fits counts. A messaging service may send as much as all its senders
together, which only its owner knows."""


def segments_per_s(sender: str) -> float:
    """What the kind of number that `sender` is may send."""
    return next(rate for _kind, pattern, rate in KINDS if re.fullmatch(pattern, sender))
