"""The words of a call: the same facts as the texts have, spelled for ears."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from dispatch.texts import words
from dispatch.texts.templates import parse

SAID_BY_DIGITS = 4
"""A number of a street with this many digits is a code or a postcode, and is said digit by digit."""
_GLUED = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")
_AFTER_A_NUMBER = re.compile(r"(?<=\d) +(?=\w{1,3}\b)|(?<=\b[^\W\d_]) +(?=\d)")


def render(key: str, language: str, *, drill: bool = False, **facts: object) -> str:
    """What is said for `key` in `language`, with `facts` named as for the texts, and `directions` as a whole sentence.

    A fact that the words have no place for is passed over; one that they need and that is missing is a ValueError.
    """
    spoken = words.language(language).spoken
    template = parse(spoken[key])
    values = {name: _say(name, facts, language) for name in template.names}
    missing = sorted(name for name in template.needed if not values[name])
    if missing:
        raise ValueError(f"the words {key} need {', '.join(missing)}")
    return " ".join([spoken["drill"]] * drill + [template.fill(values)])


def digits(value: str) -> str:
    """`value` one character after the other: 1, 1, 2."""
    return ", ".join(value)


def address(value: str) -> str:
    """An address with its numbers and letters apart: Mannerheimintie 5, B, 12."""
    apart = _AFTER_A_NUMBER.sub(", ", _GLUED.sub(" ", value))
    return re.sub(rf"\d{{{SAID_BY_DIGITS},}}", lambda number: digits(number.group()), apart)


def notes(value: str) -> str:
    """How to get in: what may be a code is said digit by digit."""
    return re.sub(r"\d{3,}", lambda code: digits(code.group()), _GLUED.sub(" ", value)).rstrip(" .")


def coordinates(lat: float, lon: float, language: str) -> str:
    """A place that has no address, as far as one can write it down from hearing it: to about 10 m."""
    spoken = words.language(language).spoken
    figures = {name: f"{value:.4f}".partition(".") for name, value in (("lat", lat), ("lon", lon))}
    said = {name: f"{whole} {spoken['point']} {digits(rest)}" for name, (whole, _, rest) in figures.items()}
    return spoken["coordinates"].format(**said)


def _say(name: str, facts: Mapping[str, object], language: str) -> str:
    fact = facts.get(name)
    if fact is None or fact == "":
        return ""
    saying = _SAYINGS.get(name)
    return saying(fact, facts, language) if saying else words.say(name, facts, language)


def _distance(fact: Any, _facts: Mapping[str, object], language: str) -> str:
    figure, unit = words.say("distance_m", {"distance_m": fact}, language).split(" ")
    return words.language(language).spoken["kilometres" if unit == "km" else "metres"].format(figure)


def _type(_fact: Any, facts: Mapping[str, object], language: str) -> str:
    # Capitals are for eyes: a voice may spell them.
    return words.say("type", facts, language).capitalize()


_SAYINGS: Mapping[str, Callable[[Any, Mapping[str, object], str], str]] = {
    "type": _type,
    "distance_m": _distance,
    "notes": lambda fact, _facts, _language: notes(str(fact)),
    "door_code": lambda fact, _facts, _language: digits(str(fact)),
    "emergency_number": lambda fact, _facts, _language: digits(str(fact)),
}
