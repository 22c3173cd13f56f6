"""What people type, as it is read: a volunteer's answer, and a dispatcher's address at each letter, over the demonstration town
and over the streets of a country; beside the plain way, which compares it with every phrase and with every name."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, product

from rapidfuzz import process
from rapidfuzz.distance import OSA

from console.tables import METADATA
from core.database import Database
from dispatch.answers.grammar import parse
from dispatch.answers.phrases import LEXICON
from geo import suggesting
from geo.gazetteer import gazetteer
from geo.osm import import_area
from geo.resolution import MAX_OFFERS
from geo.street_index import KnownStreet, StreetIndex
from scripts.benches.report import Row, row
from scripts.lib.town import EXTRACT

ADDRESSES = (
    "Mannerheimintie 5 B 12",
    "Mannerheimvägen 5",
    "manerheimintie 5",
    "alexanterinkatu 52",
    "5 Mannerheimintie",
    "yrjo kos",
)
"""Typed letter by letter: rightly, in the other language, with slips, the number first, two beginnings."""
STREETS = 100_000
SLIPS = ("alahakatu", "altohikx", "mviemat", "elk", "kuvieta")
_SYLLABLES = (
    "la",
    "lto",
    "ha",
    "hi",
    "vie",
    "ma",
    "met",
    "sa",
    "ri",
    "nko",
    "pe",
    "tu",
    "ju",
    "kel",
    "uvi",
    "eta",
    "oja",
    "nie",
    "aho",
    "ras",
    "ylä",
    "alä",
)


def run() -> Iterator[Row]:
    """Answers, then addresses."""
    phrases = list(LEXICON.phrases)
    answers = [*phrases, *(f"1 {phrase}" for phrase in phrases), *(f"A {phrase}, 4 min" for phrase in phrases)]
    yield row("typed", "an answer understood", _times(parse, answers), "p50 < 0.2 ms")
    compared = _times(lambda text: process.extractOne(text, phrases, scorer=OSA.distance), answers[:: len(answers) // 50])
    yield row("typed", "an answer compared with every phrase", compared)
    yield from _addresses_of_a_town()
    yield from _streets_of_a_country()


def _addresses_of_a_town() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/bench.sqlite3")
        METADATA.create_all(database.engine)
        with database.write() as session:
            import_area(session, EXTRACT)
        letters = [address[:end] for address in ADDRESSES for end in range(suggesting.FEWEST_LETTERS, len(address) + 1)]
        with database.read() as session:
            gazetteer(session)
            taken = _times(lambda typed: suggesting.suggest(session, typed), letters)
        database.close()
    yield row("typed", "a letter of an address of central Helsinki", taken, "p50 < 50 ms")


def _streets_of_a_country() -> Iterator[Row]:
    """A name with slips, the slowest that is looked for: where it is typed rightly, names are found by their beginning."""
    names = list(islice(("".join(parts) + "katu" for parts in product("aeiouklmst", *[_SYLLABLES] * 3)), STREETS))
    index = StreetIndex(KnownStreet(number, name, (), None, 60.0, 24.0) for number, name in enumerate(names))
    typed = SLIPS * 10
    label = f"{len(names):,} streets"
    ours = _times(lambda slip: index.becoming(slip, MAX_OFFERS, slips=True), typed)
    yield row("typed", f"{label}: a slip", ours, "p50 < 50 ms")
    yield row("typed", f"{label}: every name compared", _times(lambda slip: _by_scan(names, slip), typed))


def _by_scan(names: list[str], typed: str) -> object:
    return process.extract(typed, names, scorer=OSA.distance, limit=MAX_OFFERS)


def _times(read: Callable[[str], object], texts: Iterable[str]) -> list[float]:
    taken = []
    for text in texts:
        started = time.perf_counter()
        read(text)
        taken.append(time.perf_counter() - started)
    return taken
