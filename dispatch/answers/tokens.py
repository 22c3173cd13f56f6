"""A text as typed on any phone -> plain words, numbers and the few marks that carry meaning.

Case, accents, invisible characters, quotes, friendly pictures and spacing are gone afterwards; nothing that could turn a
meaning around is: a question mark, a slash, an unknown picture and a mark squeezed between two digits stay as tokens.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

UNKNOWN_MARK = "¤"
"""Stands for any picture or sign that we do not know; no phrase contains it."""

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘´`ʼ′＇", "'"))
_IN_WORD_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")
_LONE_ACCENTED_LETTER = re.compile(r"(?<![^\W_])[^\W\d_\x00-\x7f](?![^\W_])")
_TOKEN = re.compile(r"[^\W\d_]+|\d+|(?<=\d)[^\w\s]+(?=\d)|[?/%&@+<>|\\^$¤]")
_OPENING = r"[\"“”„«»]"
_QUOTED_TEXT = re.compile(rf"{_OPENING}\s*(?:(?:drill|ovning|harjoitus)\s+)?[a-z]\s*:[^\"]{{25,}}(?:\"|\Z)")
_REACTION = re.compile(
    r"\s*(?:liked|loved|disliked|emphasi[sz]ed|questioned|laughed at|reacted\b.{0,20}"
    r"|gillade|ogillade|alskade|betonade|ifragasatte|skrattade at|reagerade\b.{0,30}"
    r"|(?:tykkasi|piti|rakasti|nauroi|korosti|kyseenalaisti|reagoi)\b.{0,30})\s*:?\s*\""
)
"""What phones send when a text is "liked"."""


def fold(body: str, pictures: Mapping[str, str]) -> str:
    """Lower case, no accents, ASCII digits and quotes; pictures become their word in `pictures`, other signs UNKNOWN_MARK."""
    text = body.translate(_APOSTROPHES)
    if not text.isascii():
        text = _LONE_ACCENTED_LETTER.sub(UNKNOWN_MARK, unicodedata.normalize("NFKC", text))
        text = "".join(_plain(char, pictures) for char in unicodedata.normalize("NFKD", text).casefold())
    else:
        text = text.lower()
    return _IN_WORD_APOSTROPHE.sub("", text)


def _plain(char: str, pictures: Mapping[str, str]) -> str:
    if char < "\x80":
        return char
    if char in pictures:
        return pictures[char]
    category = unicodedata.category(char)
    if category[0] == "L":
        return char
    if category[0] == "M" or category in ("Cf", "Sk"):
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(char))
    return _PUNCTUATION.get(char) or _BY_CATEGORY.get(category, f" {UNKNOWN_MARK} ")


_PUNCTUATION = {"؟": "?", "¿": "?", "‽": "?", "՞": "?"}
_BY_CATEGORY = {
    "Pi": '"',
    "Pf": '"',
    "Pd": "-",
    "Ps": '"',
    "Pe": " ",
    "Po": " ",
    "Pc": " ",
    "Zs": " ",
    "Zl": "\n",
    "Zp": "\n",
    "Cc": " ",
}


def own_words(folded: str) -> str:
    """The text without what a phone quotes of ours: `Liked "A: CARDIAC ARREST …"` answers nothing, and asks for no help."""
    if '"' not in folded:
        return folded
    reaction = _REACTION.match(folded)
    if reaction:
        return UNKNOWN_MARK
    return _QUOTED_TEXT.sub(" ", folded)


def split(folded: str) -> list[str]:
    """The tokens of a folded text."""
    return _TOKEN.findall(folded)
