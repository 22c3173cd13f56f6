"""The catalogue of texts: a key and facts in, the text that a phone shows out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dispatch.texts import fitting, words
from dispatch.texts.placeholders import PLACEHOLDERS
from dispatch.texts.templates import Template, WrongWording, parse
from sms.segments import count, is_gsm7

KEYS = tuple(words.language("en").texts)
"""Every text there is, in the order of the file."""

SEGMENTS = {key: 2 if key in {"T1b", "T6"} else 1 for key in KEYS}
"""What each text promises to take at most: two for those with an address, one for all others."""

CARRIER_WORDS = frozenset(
    ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "YES", "UNSTOP", "HELP", "INFO")
)
"""Words that carriers act on: a volunteer who has learned one of them loses every later alert."""

_TEACHING = re.compile(r"(?i)\b(?:text|send|reply|svara|skicka|vastaa|lähetä)\s+(\w+)")


def render(key: str, language: str, *, drill: bool = False, wording: str | None = None, **facts: object) -> str:
    """Text `key` in `language` with `facts` in it, in as many segments as `SEGMENTS` promises.

    `facts` are named as in placeholders.py; one that this text has no place for is passed over, an unknown name, or one that
    the text needs and that is missing, is a ValueError. `wording` is an agency's or a plan's own in place of the shipped one.
    """
    spoken = words.language(language)
    if key not in KEYS:
        raise ValueError(f"no text {key!r}; there are {', '.join(KEYS)}")
    unknown = facts.keys() - PLACEHOLDERS.keys()
    if unknown:
        raise ValueError(f"text {key}: no placeholder {', '.join(sorted(unknown))}; there are {', '.join(PLACEHOLDERS)}")
    template = parse(wording or spoken.texts[key])
    values = {name: fitting.readable(words.say(name, facts, language)) for name in template.names}
    _refuse_gaps(key, template, values)
    return fitting.fit(template, values, _prefix(template, spoken, drill=drill), SEGMENTS[key])


def approved_languages() -> frozenset[str]:
    """The languages that a named native reader has approved; the others are drafts. The caller decides what follows."""
    return frozenset(code for code in words.LANGUAGES if words.language(code).approved_by)


def problems(key: str, language: str, wording: str) -> list[str]:
    """What is wrong with a wording of text `key` that somebody wants to use, in plain sentences; empty when it is fine.

    Its length is taken in a drill, with the longest real values and nothing shortened.
    """
    try:
        template = parse(wording)
    except WrongWording as error:
        return [str(error)]
    shipped = parse(words.language("en").texts[key])
    found = [f"{{{name}}} has no place in {key}" for name in sorted(template.names - shipped.names)]
    found += [
        f"{{{name}}} may be unknown and stands in square brackets"
        for name in sorted((template.needed & shipped.names) - shipped.needed)
    ]
    if _is_lettered(shipped) and not _is_lettered(template):
        found.append("must begin with {letter}")
    found += [f"{word} is a word that carriers act on" for word in sorted(_words_taught(wording) & CARRIER_WORDS)]
    if not all(is_gsm7(piece) for part in template.parts for piece in part.pieces):
        found.append("has a letter that GSM-7 lacks and would take twice the segments")
    if not found and (segments := _longest(template, language)) > SEGMENTS[key]:
        found.append(f"takes {segments} segments with the longest values in a drill, {SEGMENTS[key]} allowed")
    return found


def longest_values(template: Template, language: str) -> dict[str, str]:
    """The longest real value of each placeholder in `template`, as it is said in `language`."""
    facts = {name: placeholder.longest for name, placeholder in PLACEHOLDERS.items()}
    values = {name: words.say(name, facts, language) for name in template.names}
    spoken = words.language(language)
    choices = {
        "type": spoken.events.values(),
        "role": spoken.roles["any"].values(),
        "certificate": spoken.certificates.values(),
        "weekday": spoken.weekdays,
    }
    return values | {name: max(choices[name], key=len) for name in choices.keys() & template.names}


def _longest(template: Template, language: str) -> int:
    """Segments in a drill, before anything gives way."""
    prefix = _prefix(template, words.language(language), drill=True)
    return count(prefix + template.fill(longest_values(template, language))).segments


def _words_taught(wording: str) -> set[str]:
    shouted = set(re.findall(r"\b[A-Z]{3,}\b", wording))
    return shouted | {word.upper() for word in _TEACHING.findall(wording)}


def _is_lettered(template: Template) -> bool:
    return bool(template.parts) and template.parts[0].pieces[0] == "{letter}" and not template.parts[0].optional


def _prefix(template: Template, spoken: words.Language, *, drill: bool) -> str:
    if not drill:
        return ""
    return spoken.drill + (" " if _is_lettered(template) else ": ")


def _refuse_gaps(key: str, template: Template, values: Mapping[str, str]) -> None:
    missing = sorted(name for name in template.needed if not values[name])
    if missing:
        raise ValueError(f"text {key} needs {', '.join(missing)}")
    for name, value in values.items():
        placeholder = PLACEHOLDERS[name]
        if placeholder.kind == "fixed" and fitting.width(fitting.plain(value)) > placeholder.room:
            raise ValueError(f"text {key}: {name} is longer than {placeholder.room} characters")
