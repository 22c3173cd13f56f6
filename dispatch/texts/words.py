"""Facts said in a reader's language: what has happened, how far, which danger, what to do there, when."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_datetime
from babel.lists import format_list
from babel.numbers import format_decimal

LANGUAGES = ("en", "sv", "fi")
_FULL_WARNINGS = 2
"""More dangers than this are told as a list of nouns: whole sentences would push the way in out of the text."""


@dataclass(frozen=True)
class Language:
    """One language file. `approved_by` names the native reader who has approved it; empty: it is a draft."""

    code: str
    approved_by: str
    drill: str
    texts: Mapping[str, str]
    events: Mapping[str, str]
    roles: Mapping[str, Mapping[str, str]]
    warnings: Mapping[str, str]
    dangers: Mapping[str, str]
    certificates: Mapping[str, str]
    rejections: Mapping[str, str]
    weekdays: tuple[str, ...]
    formats: Mapping[str, str]
    spoken: Mapping[str, str]


@cache
def language(code: str) -> Language:
    """The language file of `code`; ValueError when there is none."""
    if code not in LANGUAGES:
        raise ValueError(f"no texts in language {code!r}; there are {', '.join(LANGUAGES)}")
    data: dict[str, Any] = tomllib.loads(Path(__file__).with_name(f"{code}.toml").read_text(encoding="utf-8"))
    return Language(code=code, **{**data, "weekdays": tuple(data["weekdays"])})


def say(name: str, facts: Mapping[str, object], code: str) -> str:
    """Fact `name` of `facts` in words; an absent one is an empty string. ValueError for a fact that has no words."""
    fact = facts.get(name)
    if fact is None or fact == "":
        return ""
    saying = _SAYINGS.get(name)
    return saying(fact, facts, language(code)) if saying else str(fact)


def _event(fact: Any, _facts: Mapping[str, object], words: Language) -> str:
    # A type that an agency has made up itself is better said by its name than not at all.
    return words.events.get(fact) or str(fact).replace("_", " ").upper()


def _role(fact: Any, facts: Mapping[str, object], words: Language) -> str:
    roles = words.roles.get(str(facts.get("type")), words.roles["any"])
    if fact not in roles:
        raise ValueError(f"no words for role {fact!r}; there are {', '.join(roles)}")
    return roles[fact]


def _warning(fact: Any, _facts: Mapping[str, object], words: Language) -> str:
    unknown = [hazard for hazard in fact if hazard not in words.warnings]
    if unknown:
        raise ValueError(f"no words for hazard {unknown[0]!r}; there are {', '.join(words.warnings)}")
    hazards = [hazard for hazard in words.warnings if hazard in fact]  # the worst first, as in the file
    if len(hazards) <= _FULL_WARNINGS:
        return " ".join(words.warnings[hazard] for hazard in hazards)
    return words.formats["dangers"].format(", ".join(words.dangers[hazard] for hazard in hazards))


def _certificate(fact: Any, _facts: Mapping[str, object], words: Language) -> str:
    return words.certificates.get(fact) or str(fact).replace("_", " ")


def _rejection(fact: Any, _facts: Mapping[str, object], words: Language) -> str:
    return words.rejections.get(fact) or str(fact)


def _distance(fact: Any, _facts: Mapping[str, object], words: Language) -> str:
    """To the next 50 m, from 1 km to the next 100 m, from 10 km to the next km: exact metres would give the address away."""
    metres = max(50, round(fact / 50) * 50)
    if metres < 1000:
        return f"{metres} m"
    return f"{format_decimal(fact / 1000, '0.#' if fact < 9950 else '0', locale=words.code)} km"


def _day(fact: Any, _facts: Mapping[str, object], words: Language) -> str:
    return _formatted(fact, words.formats["day"], words)


def _moment(fact: Any, _facts: Mapping[str, object], words: Language) -> str:
    return _formatted(fact, words.formats["moment"], words)


def _formatted(fact: date, pattern: str, words: Language) -> str:
    # Babel moves an aware datetime to UTC; the caller has already chosen the zone in which people read it.
    naive = fact.replace(tzinfo=None) if isinstance(fact, datetime) else datetime(fact.year, fact.month, fact.day)  # noqa: DTZ001
    return str(format_datetime(naive, pattern, locale=words.code))


def _weekday(fact: Any, _facts: Mapping[str, object], words: Language) -> str:
    return str(words.weekdays[fact.weekday()])


def _letters(fact: Iterable[Any], _facts: Mapping[str, object], words: Language) -> str:
    # No comma before the "and": a text has no room for taste.
    return str(format_list(list(fact), locale=words.code)).replace(", and ", " and ")


def _old_address(fact: Any, facts: Mapping[str, object], _words: Language) -> str:
    """What differs: on the same street the old number alone, which cannot be mistaken for the way to go."""
    old, new = str(fact).split(), str(facts.get("address") or "").split()
    same = next((n for n, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new)))
    rest = old[same:]
    return " ".join(rest if rest and rest[0][0].isdigit() else old) if old != new else ""


_SAYINGS: Mapping[str, Callable[[Any, Mapping[str, object], Language], str]] = {
    "type": _event,
    "role": _role,
    "hazards": _warning,
    "certificate": _certificate,
    "reason": _rejection,
    "distance_m": _distance,
    "date": _day,
    "until": _moment,
    "weekday": _weekday,
    "letters": _letters,
    "old_address": _old_address,
}
