"""What streets are called short, and which part of a street's name every second street shares."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product

_ENDINGS = {
    "k": ("katu",),
    "kt": ("katu",),
    "t": ("tie", "tori"),
    "kj": ("kuja",),
    "espl": ("esplanadi", "esplanaden"),
    "g": ("gatan",),
    "gt": ("gatan",),
    "gat": ("gatan",),
    "v": ("vägen",),
    "vg": ("vägen",),
    "str": ("straße", "strasse"),
    "kadun": ("katu",),
    "tien": ("tie",),
    "kujan": ("kuja",),
    "torin": ("tori",),
}
"""Endings of one word that stand for another: "Aleksanterink.", "Alexandersgt", "Mikonkadun ja Vilhonkadun risteys"."""

_WORDS = {
    "ave": ("avenue",),
    "av": ("avenue",),
    "bd": ("boulevard",),
    "bld": ("boulevard",),
    "blvd": ("boulevard",),
    "bvd": ("boulevard",),
    "ch": ("chemin",),
    "pl": ("place", "platz", "plats"),
    "r": ("rue",),
    "rd": ("road",),
    "st": ("saint", "street"),
    "ste": ("sainte",),
    "all": ("allée",),
    "imp": ("impasse",),
    "espl": ("esplanade",),
    "sq": ("square",),
}
"""Short words."""

_GENERIC_ENDINGS = (
    *("puistokuja", "puistotie", "puisto", "bulevardi", "esplanadi", "katu", "kuja", "polku", "kaari", "penger", "ranta"),
    *("tori", "aukio", "silta", "tie", "gatan", "gata", "vagen", "vag", "granden", "grand", "torget", "platsen", "plats"),
    *("stigen", "kajen", "stranden", "strasse", "gasse", "weg", "platz", "street", "road"),
)
_SHARED_WORDS = (
    "rue avenue boulevard place chemin impasse quai allee passage route square escalier ruelle tunnel promenade pont descente "
    "street road lane way drive close court de du des la le les l d et von der den am im zum"
)
_GENERIC_WORDS = frozenset(_SHARED_WORDS.split())
_NUMERAL = re.compile(r"[ivx]+|\d+\w*")
_MOST_SPELLINGS = 16


def spelled_out(typed: Sequence[str]) -> Iterator[str]:
    """The ways in which the plain words `typed` can be read without abbreviations, as text."""
    choices = [(word.strip("."), *_long_forms(word)) for word in typed]
    for count, reading in enumerate(product(*choices)):
        if count >= _MOST_SPELLINGS:
            return
        yield " ".join(reading)


def _long_forms(word: str) -> Iterator[str]:
    bare = word.strip(".")
    yield from _WORDS.get(bare, ())
    for short, long_forms in _ENDINGS.items():
        if bare.endswith(short) and len(bare) > len(short) + 2:
            yield from (bare.removesuffix(short) + long_form for long_form in long_forms)


def kind_of(plain_words: Sequence[str]) -> str | None:
    """What sort of street a name says it is ("katu", "rue"), or None."""
    if plain_words and plain_words[0] in _GENERIC_WORDS:
        return plain_words[0]
    last = plain_words[-1] if plain_words else ""
    return next((ending for ending in _GENERIC_ENDINGS if last.endswith(ending)), None)


def own_letters(plain_words: Sequence[str]) -> int:
    """How many letters of a name tell it from other streets: of Simonkatu five, of Rue Grimaldi eight."""
    kind = kind_of(plain_words)
    letters = sum(len(word) for word in plain_words if word not in _GENERIC_WORDS)
    return letters - (len(kind) if kind and kind not in _GENERIC_WORDS else 0)


def numerals(plain_words: Sequence[str]) -> list[str]:
    """The numbers in a name ("3 Septembre", "Charles III"): a slip there names another street."""
    return [word for word in plain_words if _NUMERAL.fullmatch(word)]
