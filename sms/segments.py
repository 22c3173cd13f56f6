"""How many segments a text takes, counted as Twilio counts (and bills) them."""

from __future__ import annotations

from typing import Literal, NamedTuple

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The basic table of GSM 03.38: one septet each. á, ç and backtick are not in it, though è, à and Ç are."""
EXTENSION = frozenset("\f^{}\\[~]|€")
"""The extension table: an escape and a letter, two septets that are never parted."""
GSM7 = BASIC | EXTENSION

_ROOM = {"gsm7": (160, 153), "ucs2": (70, 67)}
"""Units in a text that stands alone, and in each part of one that does not (its header takes the rest)."""


class Segments(NamedTuple):
    """`units` are septets in gsm7 and UTF-16 units in ucs2."""

    encoding: Literal["gsm7", "ucs2"]
    units: int
    segments: int


def is_gsm7(text: str) -> bool:
    """Whether every character has a place in GSM-7; one that has none makes a whole text UCS-2."""
    return GSM7.issuperset(text)


def count(body: str) -> Segments:
    """The encoding, units and segments of `body`. Parts fill up greedily; no escape pair and no surrogate pair is split."""
    encoding: Literal["gsm7", "ucs2"] = "gsm7" if is_gsm7(body) else "ucs2"
    widths = [2 if (c in EXTENSION if encoding == "gsm7" else c > "\uffff") else 1 for c in body]
    units = sum(widths)
    alone, part = _ROOM[encoding]
    if units <= alone:
        return Segments(encoding, units, 1)
    segments, filled = 1, 0
    for width in widths:
        if filled + width > part:
            segments, filled = segments + 1, 0
        filled += width
    return Segments(encoding, units, segments)
