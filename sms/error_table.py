"""What a carrier's error code means and what follows from it: a table (`error_codes.tsv`), and generic rows for whole classes
of codes. Carriers split codes without notice, so a code that is not in the table is nothing to stumble over.

What a code means is translated where it is shown (`core.fault_kinds.heading`). pybabel does not read the table: whoever wants
its sentences in another language adds them to the catalogue by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from core.words import _

_TABLE = Path(__file__).with_name("error_codes.tsv")


class Retry(StrEnum):
    """Whether the same text may be sent once more, and how."""

    NO = "no"
    LATER = "later"
    SENDER = "sender"
    CARRIER = "carrier"


class Trouble(StrEnum):
    """What is wrong with a number. `OPTED_OUT` is no fault of it: its owner wants no texts."""

    INVALID = "invalid"
    NO_TEXTS = "no_texts"
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"
    OPTED_OUT = "opted_out"


@dataclass(frozen=True)
class Row:
    """One code. `voice`: whoever agreed to calls may be rung instead. `mark`: what it says of the number, from the `mark_at`-th
    text in a row that ends so. `tell`: an operator has to mend something."""

    code: str
    retry: Retry
    voice: bool
    mark: Trouble | None
    mark_at: int
    tell: bool
    meaning: str


def _rows() -> Iterator[Row]:
    lines = (line for line in _TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    next(lines)  # the names of the columns
    for line in lines:
        code, retry, voice, mark, tell, meaning = line.split("\t")
        trouble, _colon, times = mark.partition(":")
        marked = None if mark == "-" else Trouble(trouble)
        yield Row(code, Retry(retry), voice == "yes", marked, int(times or 1), tell == "yes", meaning)


ROWS: dict[str, Row] = {row.code: row for row in _rows()}
"""By code, in the order of the file."""

_HELD_BACK = Row("", Retry.NO, False, None, 1, False, _("The text was held back"))
_FAILED_LATER = Row("", Retry.NO, True, None, 1, False, _("The carrier gives a reason that we do not know"))
_REFUSED = Row("", Retry.CARRIER, True, None, 1, True, _("The carrier refuses the text for a reason that we do not know"))
_NOT_LET_IN = Row("", Retry.CARRIER, False, None, 1, True, _("The carrier does not let us in"))
_TOO_MANY = Row("", Retry.LATER, False, None, 1, False, _("Too many requests; nothing was done"))
_BY_STATUS = {401: _NOT_LET_IN, 403: _NOT_LET_IN, 404: _NOT_LET_IN, 429: _TOO_MANY}


def row(code: str, http_status: int | None = None) -> Row:
    """What to do about `code`. One that is not in the table goes by the `http_status` of the refusal; without one it was told
    later by the carrier (a number or nothing), or is a reason of our own for which the text was held back (a word)."""
    known = ROWS.get(code)
    if known is not None:
        return known
    if http_status:
        return replace(_BY_STATUS.get(http_status, _REFUSED), code=code)
    told_by_carrier = not code or code.isdigit() or code in ("failed", "undelivered", "canceled")
    return replace(_FAILED_LATER if told_by_carrier else _HELD_BACK, code=code)
