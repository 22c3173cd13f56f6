"""Reading an address that somebody typed: where its street may begin and end, the house number, and what is left over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from geo import numbers
from geo.names import plain, words

MAX_LETTERS = 300
_MAX_WORDS = 24
_PARTS = re.compile(r"[,;\n\r()\[\]]+")
_GLUED = re.compile(r"(?<=[^\W\d_]{3})(?=\d)")
_NUMBER_LETTER = re.compile(r"bis|ter|quater|[a-z]", re.IGNORECASE)
_UNIT = re.compile(r"\d{1,4}(st|nd|rd|th|e|er|eme|o|a)?|[a-z]\d{0,4}|\d{1,4}[a-z]")
_IN_THE_HOUSE = (
    "as asunto bst bostad lgh lagenhet apt appt appartement flat rappu rapp porras stair stairs staircase trappa trapp "
    "uppgang krs kerros vaning van floor etage batiment bat escalier esc ovi dorr door porte ovikoodi koodi portkod kod code "
    "sisapiha innergard bis ter quater nr no numero"
)
_UNIT_WORDS = frozenset(_IN_THE_HOUSE.split())
_POSTCODE = re.compile(r"(?:[a-z]{1,2}-)?(\d{5})")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read an address. `whole` is one that leaves no word before the number out of the street."""

    street: str
    number: numbers.Number | None
    as_typed: str
    number_first: bool
    rest: tuple[str, ...]
    whole: bool

    def label(self, street: str, in_the_house: Sequence[str] = ()) -> str:
        """The address with the street's right name; number, stair, flat and what else helps inside stay as they were typed."""
        address = " ".join((self.as_typed, street) if self.number_first else (street, self.as_typed)).strip()
        return ", ".join(part for part in (address, " ".join(in_the_house)) if part)


def readings(text: str) -> list[Reading]:
    """Every way to read `text`, in no order of likelihood; empty for text without a letter."""
    parts = [part.split()[:_MAX_WORDS] for part in _PARTS.split(_GLUED.sub(" ", text[:MAX_LETTERS]))]
    parts = [part for part in parts if part]
    found: list[Reading] = []
    for index, part in enumerate(parts):
        others = tuple(word for other in parts[:index] + parts[index + 1 :] for word in other)
        found += _number_after(part, others)
        found += _number_before(part, others)
        found += _number_in_next_part(part, parts[index + 1 : index + 2], others)
        found += _number_in_part_before(part, parts[max(0, index - 1) : index], others)
        found += _without_number(part, others)
    return [reading for reading in found if any(letter.isalpha() for letter in reading.street)]


def _number_after(part: Sequence[str], others: tuple[str, ...]) -> Iterator[Reading]:
    for at in range(1, len(part)):
        number = None if is_postcode(part[at]) else numbers.parse(" ".join(part[at:]))
        if number is None:
            continue
        typed, rest = _typed_number(part[at:])
        for start in range(at):
            street = " ".join(part[start:at])
            yield Reading(street, number, typed, False, (*part[:start], *rest, *others), start == 0)


def _number_before(part: Sequence[str], others: tuple[str, ...]) -> Iterator[Reading]:
    if is_postcode(part[0]) or numbers.parse(part[0]) is None:
        return
    begins = [1]
    if len(part) > 2 and _NUMBER_LETTER.fullmatch(part[1]):
        begins.append(2)
    for begin in begins:
        typed = " ".join(part[:begin])
        for end in range(len(part), begin, -1):
            street, rest = " ".join(part[begin:end]), (*part[end:], *others)
            yield Reading(street, numbers.parse(typed), typed, True, rest, end == len(part))


def _number_in_next_part(part: Sequence[str], following: Sequence[Sequence[str]], others: tuple[str, ...]) -> Iterator[Reading]:
    number = numbers.parse(" ".join(following[0])) if following else None
    if number is None or is_postcode(following[0][0]):
        return
    typed, rest = _typed_number(following[0])
    left = list(others)
    for word in following[0]:
        left.remove(word)
    yield Reading(" ".join(part), number, typed, False, (*rest, *left), True)


def _number_in_part_before(part: Sequence[str], before: Sequence[Sequence[str]], others: tuple[str, ...]) -> Iterator[Reading]:
    typed = " ".join(before[0]) if before else ""
    number = numbers.parse(typed)
    if number is None or len(before[0]) > 2 or is_postcode(before[0][0]) or not all(is_unit(word) for word in before[0]):
        return
    left = list(others)
    for word in before[0]:
        left.remove(word)
    for end in range(len(part), 0, -1):
        yield Reading(" ".join(part[:end]), number, typed, True, (*part[end:], *left), end == len(part))


def _without_number(part: Sequence[str], others: tuple[str, ...]) -> Iterator[Reading]:
    for end in range(len(part), 0, -1):
        yield Reading(" ".join(part[:end]), None, "", False, (*part[end:], *others), end == len(part))


def _typed_number(tail: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The words of a number with stair and flat, as typed, and the words after them."""
    end = 1
    while end < len(tail) and is_unit(tail[end]):
        end += 1
    return " ".join(tail[:end]), tuple(tail[end:])


def is_unit(word: str) -> bool:
    """Whether a word says where in the house: a stair, a floor, a flat, a door code."""
    parts = [part.strip(".") for part in words(word)]
    return bool(parts) and all(part in _UNIT_WORDS or _UNIT.fullmatch(part) for part in parts)


def is_postcode(word: str) -> bool:
    """Whether a word is a postal code of five digits, with or without its country ("FI-00100")."""
    return _POSTCODE.fullmatch(plain(word)) is not None


def postcode(word: str) -> str:
    """The digits of a postal code."""
    found = _POSTCODE.fullmatch(plain(word))
    return found[1] if found else ""
