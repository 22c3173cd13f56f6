"""A wording with gaps: `{name}` is a value, `[ … {name} … ]` goes away whole when a value in it is empty."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

_MARK = re.compile(r"(\{\w+\}|\[|\])")


class WrongWording(ValueError):
    """A wording that cannot be used; the text says why."""


@dataclass(frozen=True)
class Part:
    """A stretch of a wording: literal pieces and `{name}`s in turn. An optional one goes away when a value is empty."""

    pieces: tuple[str, ...]
    optional: bool

    def names(self) -> Iterator[str]:
        """The placeholders in this part."""
        return (piece[1:-1] for piece in self.pieces if piece.startswith("{"))


@dataclass(frozen=True)
class Template:
    """A wording, taken apart."""

    parts: tuple[Part, ...]

    @property
    def names(self) -> frozenset[str]:
        """Every placeholder."""
        return frozenset(name for part in self.parts for name in part.names())

    @property
    def needed(self) -> frozenset[str]:
        """The placeholders that may not be empty."""
        return frozenset(name for part in self.parts if not part.optional for name in part.names())

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with `values` in it."""
        return "".join(
            "".join(values[piece[1:-1]] if piece.startswith("{") else piece for piece in part.pieces)
            for part in self.parts
            if not part.optional or all(values[name] for name in part.names())
        )


@lru_cache(maxsize=1000)
def parse(wording: str) -> Template:
    """Take a wording apart; WrongWording when its brackets do not pair up."""
    parts: list[Part] = []
    pieces: list[str] = []
    inside = False
    for piece in _MARK.split(wording):
        if piece in {"[", "]"}:
            if (piece == "[") == inside:
                raise WrongWording(f"square brackets must pair up and not nest: {wording!r}")
            parts.append(Part(tuple(pieces), optional=inside))
            pieces, inside = [], not inside
        elif piece:
            pieces.append(piece)
    if inside:
        raise WrongWording(f"a square bracket is not closed: {wording!r}")
    parts.append(Part(tuple(pieces), optional=False))
    if any(set(piece) & set("{}") for part in parts for piece in part.pieces if not _MARK.fullmatch(piece)):
        raise WrongWording(f"curly brackets hold one name, such as {{letter}}: {wording!r}")
    return Template(tuple(part for part in parts if part.pieces))
