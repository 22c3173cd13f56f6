"""The phrase tables of all languages as one dictionary, loaded once. The tables are data: `phrases_*.toml`.

A phrase has one meaning whoever writes it: a table that gives the same words a second one does not load. Matching takes the
longest phrase that begins at a word; a word that begins none is unknown, which makes the whole text unclear.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from dispatch.answers.tokens import fold, split

LANGUAGES = ("any", "en", "sv", "fi")


class Kind(StrEnum):
    """What a phrase does in a text. The tables use these names."""

    YES = "yes"
    NO = "no"
    N = "n"
    """English no by itself, Finnish "about" before a number."""
    GOING = "going"
    CAN_GO = "can_go"
    """Going, but minutes beside it may be a departure ("can go in 30 min"), so they are not understood."""
    CANNOT = "cannot"
    ON_SCENE = "on_scene"
    FINISHED = "finished"
    LEAVING = "leaving"
    SETTING_OFF = "setting_off"
    """"lähden", "jag åker nu": leaving for the emergency or from it."""
    ARRIVING = "arriving"
    """Going, if minutes stand beside it ("oon siellä 4 min")."""
    RING = "ring"
    """A wish to be rung, if it is the whole text."""
    RING_ME = "ring_me"
    """The same in any sentence."""
    NOT_HELP = "not_help"
    """Contains a word of alarm and is none ("no help needed"); answers nothing."""
    OFFER = "offer"
    """"I can help": no call for help; agrees with a yes."""
    OFFER_FIRST = "offer_first"
    """The same, if nothing unknown stands before it ("can help", but not "nobody can help")."""
    HELP = "help"
    """An alarm in any sentence."""
    HELP_ALONE = "help_alone"
    HURRY = "hurry"
    """A call for help if it is the whole text or said at the scene, their own haste beside a going; else not surely either."""
    OPT_OUT = "opt_out"
    """A wish to be asked no more, in any sentence."""
    NOT_OPT_OUT = "not_opt_out"
    OPT_OUT_ALONE = "opt_out_alone"
    STOP = "stop"
    CARRIER_STOP = "carrier_stop"
    START = "start"
    WHERE = "where"
    OFF = "off"
    ON = "on"
    TEST = "test"
    FINE = "fine"
    SO_SO = "so_so"
    JOIN = "join"
    LINK = "link"
    ZERO_ALONE = "zero_alone"
    """The letter O, typed for a zero; anywhere else it is an "oh"."""
    FILLER = "filler"
    NOW = "now"
    WITH_YES = "with_yes"
    """"at once", "there": never beside a refusal ("I can't come at once" is none)."""
    WITH_NO = "with_no"
    """"unfortunately", "today": only beside a refusal."""
    BEFORE_DIGIT = "before_digit"
    UNSURE = "unsure"
    """Phrases that must not fall apart into words with a meaning ("well done", "oh no")."""
    ETA_BEFORE = "eta_before"
    ABOUT = "about"
    """Before minutes that are named as such: "about 4" alone may be a time of day."""
    ETA_AFTER = "eta_after"
    FOR_TIME = "for_time"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    TRANSPORT = "transport"
    NUMBER = "number"
    ETA_NUMBER = "eta_number"
    QUESTION = "question"
    SQUEEZED = "squeezed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Phrase:
    """What some words stand for; `number` for numbers, `word` for a transport or a mark between digits."""

    kind: Kind
    number: int = 0
    word: str = ""


_PIECE = re.compile(r"[\[\]()|]|[^\[\]()|]+")

UNKNOWN = Phrase(Kind.UNKNOWN)


@dataclass(frozen=True)
class Lexicon:
    """Everything that is understood, in all languages: the phrases by their words with a space between, how many words the
    longest has, and all words of them."""

    phrases: Mapping[str, Phrase]
    longest: int
    words: frozenset[str]
    together: Mapping[str, tuple[str, ...]]
    pictures: Mapping[str, str]


def expand(pattern: str, macros: Mapping[str, str]) -> list[str]:
    """All writings of a pattern: "[a|b]" may be left out, "(a|b)" is one of them, "{x}" is a macro.

    >>> expand("[now] (on|at) it", {})
    ['at it', 'now at it', 'now on it', 'on it']
    """
    for name, value in macros.items():
        pattern = pattern.replace("{" + name + "}", f"({value})")
    writings, closed_by = _choices(iter(_PIECE.findall(pattern)))
    if closed_by:
        raise ValueError(f"a bracket too many in {pattern!r}")
    return sorted({" ".join(writing.split()) for writing in writings})


def _choices(pieces: Iterator[str]) -> tuple[list[str], str]:
    """The writings up to the bracket that closes this group, and that bracket; nothing where the pattern ends instead."""
    done: list[str] = []
    current = [""]
    for piece in pieces:
        if piece in "])":
            return done + current, piece
        if piece == "|":
            done, current = done + current, [""]
            continue
        choices = [piece]
        if piece in "[(":
            choices, closed_by = _choices(pieces)
            choices += [""] * (closed_by == "]")
        current = [f"{start} {choice}" for start in current for choice in choices]
    return done + current, ""


def entries(table: Mapping[str, Any]) -> Iterator[tuple[str, Phrase]]:
    """Every phrase of one language's table, folded, with what it stands for."""
    macros = {name: fold(value, {}) for name, value in table.get("macros", {}).items()}

    def of(section: Mapping[str, Sequence[str]], make: Any) -> Iterator[tuple[str, Phrase]]:
        for key, patterns in section.items():
            phrase = make(key)
            for pattern in patterns:
                for writing in expand(fold(pattern, {}), macros):
                    yield writing, phrase

    yield from of(table.get("phrases", {}), lambda key: Phrase(Kind(key)))
    yield from of(table.get("numbers", {}), lambda key: Phrase(Kind.NUMBER, number=int(key)))
    yield from of(table.get("eta_numbers", {}), lambda key: Phrase(Kind.ETA_NUMBER, number=int(key)))
    yield from of(table.get("transports", {}), lambda key: Phrase(Kind.TRANSPORT, word=key))


def add(known: dict[str, Phrase], writing: str, phrase: Phrase) -> None:
    """Put a phrase to those that are known. Raises ValueError when the same words already stand for something else."""
    before = known.setdefault(writing, phrase)
    if before != phrase:
        raise ValueError(f"{writing!r} would mean {before} and {phrase}")


def load() -> Lexicon:
    """Read all tables. Raises ValueError for a phrase with two meanings."""
    folder = Path(__file__).parent
    tables = {code: tomllib.loads((folder / f"phrases_{code}.toml").read_text("utf-8")) for code in LANGUAGES}
    known: dict[str, Phrase] = {}
    together: dict[str, tuple[str, ...]] = {}
    for table in tables.values():
        for writing, phrase in entries(table):
            add(known, writing, phrase)
        for writing in table.get("together", []):
            tokens = split(fold(writing, {}))
            together["".join(tokens)] = tuple(tokens)
    longest = max(writing.count(" ") for writing in known) + 1
    return Lexicon(known, longest, frozenset(" ".join(known).split()), together, _pictures(tables["any"]["emoji"]))


def _pictures(emoji: Mapping[str, str]) -> dict[str, str]:
    words = {"friendly": " ", "foot": " walking ", "bike": " bike ", "car": " car ", "question": "?", "sos": " sos "}
    return {char: words[name] for name, chars in emoji.items() for char in chars}


LEXICON = load()
"""Loaded once: about 57,000 writings."""
