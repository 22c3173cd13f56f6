"""Finding the street that somebody means by what they typed: surely, or as something to offer."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from rapidfuzz import process
from rapidfuzz.distance import OSA

from geo.abbreviations import kind_of, numerals, own_letters, spelled_out
from geo.alike import AlikeNames
from geo.names import key, words

_MOST_NEAR = 8
_MOST_FULL_STOPS = 3
_MOST_SLIPS = 3
_FEWEST_LETTERS, _PREFIX_FROM_LETTERS = 3, 4
_ONE_SLIP_FROM_LETTERS, _TWO_SLIPS_FROM_LETTERS = 7, 10
"""How many letters of its own a name needs for one or two slips to be forgiven without asking back. Our judgement: below it
two real streets of one town (Simonkatu, Salonkatu) can be a slip apart, and the one that is meant need not be on the map."""
_CLEARLY_BETTER = 2
"""How many slips farther away the next street must be."""


@dataclass(frozen=True, slots=True)
class KnownStreet:
    """A street of the index."""

    id: int
    name: str
    other_names: tuple[str, ...]
    town: str | None
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: `sure` are streets of the very name that was typed (several if several are called so), `near` are
    streets to offer, the likeliest first."""

    sure: tuple[KnownStreet, ...] = ()
    near: tuple[KnownStreet, ...] = ()


class StreetIndex:
    """Every name of every street, in memory: a country has some 100,000."""

    def __init__(self, streets: Iterable[KnownStreet]) -> None:
        self._own: dict[str, list[KnownStreet]] = {}
        self._other: dict[str, list[KnownStreet]] = {}
        self._spelling: dict[str, str] = {}
        for street in streets:
            self._add(self._own, street.name, street)
            for name in street.other_names:
                self._add(self._other, name, street)
        self._sorted = sorted(self._spelling)
        self._alike = AlikeNames(self._sorted)
        self._by_letter = {letter: list(names) for letter, names in groupby(self._sorted, key=itemgetter(0))}
        self._by_tail: dict[str, list[str]] = defaultdict(list)
        for name, spelling in self._spelling.items():
            if len(spelling) > len(name):  # several words
                parts = _bare_words(spelling)
                for start in range(1, len(parts)):
                    self._by_tail["".join(parts[start:])].append(name)
        self._tails = sorted(self._by_tail)

    def _add(self, names: dict[str, list[KnownStreet]], name: str, street: KnownStreet) -> None:
        named = key(name)
        if named and street not in (streets := names.setdefault(named, [])):
            streets.append(street)
            self._spelling.setdefault(named, name)

    def named(self, typed: str) -> tuple[KnownStreet, ...]:
        """The streets called so, abbreviations spelled out. A street's own name counts before another's other name."""
        found = self._called(key(typed))
        if found:
            return found
        typed_words = words(typed)
        for spelling in spelled_out(typed_words):
            if found := self._called(key(spelling)):
                return found
        return self._begun(typed_words) if any(word.endswith(".") for word in typed_words) else ()

    def like(self, typed: str) -> Finding:
        """The street that was meant although its name is not quite right, or those to offer."""
        named, typed_words = key(typed), _bare_words(typed)
        if own_letters(typed_words) < _FEWEST_LETTERS:
            return Finding()
        slips_by_name = self._slips(named)
        nearest = self._streets_by_slips(slips_by_name)
        sure = self._surely_meant(slips_by_name, typed_words, nearest)
        if sure:
            return Finding(sure=sure)
        ended = [street for name in self._by_tail.get(named, ()) for street in self._called(name)]
        begun = self._beginning_with(named) or self._beginning_with(named.removesuffix(kind_of(typed_words) or ""))
        return Finding(near=tuple(dict.fromkeys([*ended, *(street for street, _ in nearest), *begun]))[:_MOST_NEAR])

    def becoming(self, typed: str, count: int, *, slips: bool) -> tuple[KnownStreet, ...]:
        """At most `count` streets whose names `typed` can become as typing goes on: by the beginning of the name, then of one
        of its words. With `slips`, names whose beginning is a slip away instead (two from seven letters on)."""
        named = key(typed)
        if len(named) < _FEWEST_LETTERS:
            return ()
        if slips:
            names = self._almost_from(named, count)
        else:
            exact = [named] if named in self._spelling else []
            names = [*exact, *self._names_from(self._sorted, named, count), *self._words_from(named, count)]
        return tuple(dict.fromkeys(street for name in names for street in self._called(name)))[:count]

    def _names_from(self, names: Sequence[str], named: str, count: int) -> list[str]:
        start = bisect_left(names, named)
        return [name for name in names[start : start + count] if name.startswith(named)]

    def _words_from(self, named: str, count: int) -> list[str]:
        tails = self._names_from(self._tails, named, count)
        return [name for tail in tails for name in self._by_tail[tail]][:count]

    def _almost_from(self, named: str, count: int) -> list[str]:
        """Names whose first letters are nearly `named`; the very first letter, which people rarely miss, must be right."""
        most = 1 if len(named) < _ONE_SLIP_FROM_LETTERS else 2
        alike = self._by_letter.get(named[0], [])
        fewest: dict[str, float] = {}
        for length in (len(named) - 1, len(named), len(named) + 1):  # a letter left out, or one too many, shifts the rest
            beginnings = [name[:length] for name in alike]
            for _, slips, index in process.extract(named, beginnings, scorer=OSA.distance, score_cutoff=most, limit=count):
                fewest[alike[index]] = min(slips, fewest.get(alike[index], most))
        return sorted(fewest, key=lambda name: fewest[name])[:count]

    def _called(self, named: str) -> tuple[KnownStreet, ...]:
        return tuple(self._own.get(named) or self._other.get(named) or ())

    def _begun(self, typed_words: Sequence[str]) -> tuple[KnownStreet, ...]:
        """The streets whose names go on where the typed words end in a full stop; only if one name fits."""
        if sum(word.endswith(".") for word in typed_words) > _MOST_FULL_STOPS:
            return ()
        goes_on = (re.escape(word[:-1]) + r"\w*" if word.endswith(".") else re.escape(word) for word in typed_words)
        pattern = re.compile("".join(goes_on))
        names = (name for name in self._by_letter.get(typed_words[0][0], ()) if pattern.fullmatch(name))
        fitting = {street.name: self._called(name) for name in names for street in self._called(name)}
        return next(iter(fitting.values())) if len(fitting) == 1 else ()

    def _beginning_with(self, named: str) -> list[KnownStreet]:
        if len(named) < _PREFIX_FROM_LETTERS:
            return []
        start = bisect_left(self._sorted, named)
        names = self._sorted[start : start + _MOST_NEAR]
        return [street for name in names if name.startswith(named) for street in self._called(name)]

    def _slips(self, named: str) -> list[tuple[str, int]]:
        """Names a few slips away, with how many, fewest first; none much farther than the nearest."""
        # Two slips are most of what people make, and looking for them takes a third of the time.
        found = self._alike.within(named, 2, 3 * _MOST_NEAR)
        if not found or found[0][1] > 1:
            found = self._alike.within(named, min(_MOST_SLIPS, max(2, len(named) // 3)), 3 * _MOST_NEAR)
        return [(name, slips) for name, slips in found if slips < found[0][1] + _CLEARLY_BETTER]

    def _streets_by_slips(self, slips_by_name: Sequence[tuple[str, int]]) -> list[tuple[KnownStreet, int]]:
        fewest: dict[KnownStreet, int] = {}
        for name, slips in slips_by_name:
            for street in self._called(name):
                fewest.setdefault(street, slips)
        return list(fewest.items())

    def _surely_meant(
        self, slips_by_name: Sequence[tuple[str, int]], typed_words: Sequence[str], nearest: Sequence[tuple[KnownStreet, int]]
    ) -> tuple[KnownStreet, ...]:
        if not slips_by_name:
            return ()
        name, slips = slips_by_name[0]
        meant, spelling = self._called(name), _bare_words(self._spelling[name])
        others = (other for street, other in nearest if street not in meant)
        forgiven = slips <= 2 and own_letters(spelling) >= (0, _ONE_SLIP_FROM_LETTERS, _TWO_SLIPS_FROM_LETTERS)[slips]
        clear = min(others, default=99) >= slips + _CLEARLY_BETTER
        return meant if forgiven and clear and _same_sort(typed_words, spelling) else ()


def _bare_words(name: str) -> list[str]:
    return [word.strip(".") for word in words(name)]


def _same_sort(typed: Sequence[str], known: Sequence[str]) -> bool:
    """Whether nothing that tells streets apart differs: katu from kuja, Charles III from Charles II."""
    kinds = {kind_of(typed), kind_of(known)} - {None}
    return len(kinds) < 2 and numerals(typed) == numerals(known)
