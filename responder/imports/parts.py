"""Columns that hold only a part of one of ours: a first and a last name, a street and a town. Together they are the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Lines = tuple[tuple[str, ...], ...]
"""The parts of a whole as they are written: those of one line behind each other, and the lines with commas between them."""


def _address(kind: str) -> Lines:
    return (f"{kind}_street", f"{kind}_number"), (f"{kind}_postcode", f"{kind}_town")


WHOLES: Mapping[str, Lines] = {
    "name": (("first_name", "last_name"),),
    "home_address": _address("home"),
    "work_address": _address("work"),
}
PARTS = {part: whole for whole, lines in WHOLES.items() for line in lines for part in line}
"""By each part, the column of ours that it is a part of."""
_NOTHING_WITHOUT = {"home_address": "home_street", "work_address": "work_street"}
"""A town alone is no place that somebody could be at."""


def wholes(columns: Sequence[str]) -> list[str]:
    """Which columns of ours a file with these has, which may be parts of them; each once, and "" for what is left out never."""
    return list(dict.fromkeys(PARTS.get(column, column) for column in columns if column))


def put_together(row: Mapping[str, str]) -> dict[str, str]:
    """The cells of a row by column of ours, parts having become wholes."""
    return {whole: _joined(whole, row) if whole not in row else row[whole] for whole in wholes(list(row))}


def _joined(whole: str, row: Mapping[str, str]) -> str:
    if whole in _NOTHING_WITHOUT and not row.get(_NOTHING_WITHOUT[whole]):
        return ""
    lines = (" ".join(filter(None, (row.get(part, "") for part in line))) for line in WHOLES[whole])
    return ", ".join(filter(None, lines))
