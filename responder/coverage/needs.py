"""The certifications that kinds of emergency ask for: cover is counted once for each set of them, whichever plans share it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from sqlalchemy.orm import Session


class Needs(NamedTuple):
    """Every certification of `all_of` and, unless it is empty, one of `any_of`; where both are empty, any one at all."""

    all_of: tuple[str, ...]
    any_of: tuple[str, ...]

    @classmethod
    def of(cls, all_of: Iterable[str], any_of: Iterable[str]) -> Needs:
        """The same needs are the same value, in whatever order a plan names them."""
        return cls(tuple(sorted(set(all_of))), tuple(sorted(set(any_of))))

    @property
    def key(self) -> str:
        """What a forecast for these is kept under."""
        return f"{'+'.join(self.all_of)}/{'+'.join(self.any_of)}"


NeedsNow = Callable[[Session], Collection[Needs]]
"""What the kinds of emergency that are on ask for now, in one order, each once: the room above knows the plans."""
