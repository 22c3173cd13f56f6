"""Names as people type them: what is left of a name when case, accents, spaces and punctuation no longer count."""

from __future__ import annotations

import re
import unicodedata
from itertools import filterfalse

# Letters that no decomposition takes apart.
_PLAIN = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h"})
_NOT_WORD = re.compile(r"[^\w.]+|_+")


def plain(text: str) -> str:
    """`text` in lower case without accents; punctuation stays."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(filterfalse(unicodedata.combining, decomposed)).translate(_PLAIN)


def words(text: str) -> list[str]:
    """The words of `text`, plain; a full stop at a word's end stays, for it marks an abbreviation."""
    return [word for word in _NOT_WORD.split(re.sub(r"\.(?=\w)", ". ", plain(text))) if word.strip(".")]


def key(text: str) -> str:
    """`text` as it is compared: plain letters and digits only, so that "Yrjö Koskisen katu" is "yrjo-koskisenkatu"."""
    return "".join(filter(str.isalnum, plain(text)))
