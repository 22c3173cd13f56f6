"""Names that are a few slips of the keyboard away from what was typed, among hundreds of thousands in milliseconds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

_LETTERS = 32
_MOST_TYPED = 100


class AlikeNames:
    """Names to search by slips: letters left out, added, exchanged or swapped with their neighbour (OSA distance)."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(names, key=len)
        self._lengths = [len(name) for name in self._names]
        self._counts = _letter_counts(self._names)

    def within(self, typed: str, most: int, count: int) -> list[tuple[str, int]]:
        """At most `count` names at most `most` slips from `typed`, with how many, fewest first."""
        if len(typed) > _MOST_TYPED:
            return []
        start, end = bisect_left(self._lengths, len(typed) - most), bisect_right(self._lengths, len(typed) + most)
        here, wanted = self._counts[start:end], _letter_counts([typed])
        # One slip changes how often at most two letters occur: nearly all names need no closer look.
        differing = (np.maximum(here, wanted) - np.minimum(here, wanted)).sum(axis=1, dtype=np.uint16)
        names = [self._names[start + index] for index in np.flatnonzero(differing <= 2 * most).tolist()]
        found = process.extract(typed, names, scorer=OSA.distance, score_cutoff=most, limit=count)
        return [(str(name), int(slips)) for name, slips, _ in found]


def _letter_counts(names: Sequence[str]) -> npt.NDArray[np.uint8]:
    """How often each letter occurs in each name; letters that share a column only make the first look less sharp."""
    columns = np.frombuffer("".join(names).encode("utf-32-le"), dtype=np.uint32) % _LETTERS
    rows = np.repeat(np.arange(len(names)), [len(name) for name in names])
    counts = np.bincount(rows * _LETTERS + columns, minlength=len(names) * _LETTERS)
    return np.minimum(counts, 255).astype(np.uint8).reshape(len(names), _LETTERS)
