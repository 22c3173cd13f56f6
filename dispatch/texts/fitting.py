"""Values made to fit: letters that GSM-7 lacks, and what is too long for the segments a text has promised."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache

from anyascii import anyascii

from dispatch.texts.placeholders import GIVING_WAY, PLACEHOLDERS
from dispatch.texts.templates import Template
from sms.segments import EXTENSION, GSM7, count, is_gsm7

CUT = ".."
"""Stands where something was left out: an ellipsis is not in GSM-7."""

_SYMBOLS_FROM = 0x2190
"""From here on a symbol is an arrow, a box or an emoji, not a degree or a number sign."""


def readable(value: str) -> str:
    """`value` in GSM-7 as far as a reader loses nothing: look-alike quotes and dashes, Latin letters without their rare accents
    (á becomes a). Other scripts and emoji stay, and with them the text is UCS-2."""
    return _rewritten(value, _readable_letter)


def plain(value: str) -> str:
    """`value` in GSM-7 at any price: other scripts romanised, emoji gone. "?" when nothing is left of something."""
    found = _rewritten(value, _plain_letter)
    return found or ("?" if value.strip() else "")


def _rewritten(value: str, letter: Callable[[str], str]) -> str:
    if not is_gsm7(value):
        value = "".join(c if c in GSM7 else letter(c) for c in unicodedata.normalize("NFC", value))
    return " ".join(value.split())


@lru_cache(maxsize=4000)
def _readable_letter(c: str) -> str:
    category = unicodedata.category(c)
    if category in {"Zs", "Zl", "Zp", "Cc"}:
        return " "
    if category in {"Cf", "Cs", "Co", "Cn"}:
        return ""
    sign = category[0] in "PS" or category == "No"
    if unicodedata.name(c, "").startswith("LATIN ") or (sign and (category != "So" or ord(c) < _SYMBOLS_FROM)):
        return _ascii(c) or c
    return c


@lru_cache(maxsize=4000)
def _plain_letter(c: str) -> str:
    found = _readable_letter(c)
    if is_gsm7(found):
        return found
    return "" if unicodedata.category(c) == "So" else _ascii(c)


def _ascii(c: str) -> str:
    return "".join(letter for letter in anyascii(c) if letter in GSM7)


def width(value: str) -> int:
    """Septets of a value that is in GSM-7."""
    return len(value) + sum(map(EXTENSION.__contains__, value))


def first_words(value: str, room: int) -> str:
    """As many whole words as fit in `room` septets, then ".."; of a first word that is too long, its beginning."""
    if width(value) <= room:
        return value
    used, end = width(CUT), 0
    for word in re.finditer(r" *\S+", value):
        used += width(word.group())
        if used > room:
            break
        end = word.end()
    return (value[:end].rstrip(" .,;:-(/") or _beginning(value, room - width(CUT))) + CUT


def first_of_address(value: str, room: int) -> str:
    """An address in `room` septets. What follows the first comma goes first; then the end of the street, never its number."""
    if width(value) <= room:
        return value
    street = value.partition(",")[0]
    if width(street) + width(CUT) <= room:
        return first_words(value, room)
    # Not the first word: "3. linja 15" is a street that begins with a digit.
    number = re.search(r"(?<=\s)\d\S*(\s\S{1,3})*$", street) or re.search(r"(?<=\s)\d\S*", street)
    tail = f"{CUT} {number.group()}" if number else CUT
    return _beginning(street, room - width(tail)).rstrip() + tail if width(tail) < room else first_words(street, room)


def _beginning(value: str, room: int) -> str:
    while value and width(value) > room:
        value = value[:-1]
    return value


def fit(template: Template, values: Mapping[str, str], prefix: str, promise: int) -> str:
    """`prefix` and the template filled with `values` (readable ones), in at most `promise` segments if that can be had.

    First everything whole; then everything in GSM-7; then the values give way one after the other, in the order of the table
    of placeholders, each only as far as it must. A wording so long that even this is not enough comes out too long: a dear
    emergency text is better than none (`catalog.problems` refuses such a wording before it is saved).
    """

    def fits(candidate: Mapping[str, str]) -> bool:
        return count(prefix + template.fill(candidate)).segments <= promise

    said = {name: _tidy(name, value) for name, value in values.items()}
    if fits(said):
        return prefix + template.fill(said)
    said = {name: _tidy(name, plain(value)) for name, value in values.items()}
    for name in GIVING_WAY:
        if fits(said):
            break
        # What goes whole or not at all is told all the same where the text is there to tell it.
        if said.get(name) and not (PLACEHOLDERS[name].kind == "whole" and name in template.needed):
            said[name] = _longest_cut(name, said, fits)
    return prefix + template.fill(said)


def _tidy(name: str, value: str) -> str:
    # The sentence around it brings its own full stop.
    return value.rstrip(" .,;:") or value if PLACEHOLDERS[name].kind in {"words", "address"} else value


def _longest_cut(name: str, said: Mapping[str, str], fits: Callable[[Mapping[str, str]], bool]) -> str:
    """The longest cut of value `name` with which the text fits; its shortest when there is none."""
    placeholder, value = PLACEHOLDERS[name], said[name]
    if placeholder.kind == "whole":
        return ""
    cut = first_of_address if placeholder.kind == "address" else first_words
    low, high = placeholder.room, max(placeholder.room, width(value))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits({**said, name: cut(value, middle)}) else (low, middle - 1)
    return cut(value, low)
