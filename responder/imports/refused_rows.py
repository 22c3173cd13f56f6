"""The rows of a file that were refused: the first of them for the page, all of them as a file to mend and import again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from pathlib import Path

from core import spreadsheet, words
from responder.imports import text_file
from responder.imports.table import Refusal, cells_of, delimiter_of
from responder.imports.text_file import TextLine

MOST_TOLD = 100
COLUMNS = ("refused_line", "refused_because")
_MOST_OF_NO_ROW = 500


def as_json(refusals: Iterable[Refusal]) -> bytes:
    """The first of them, which come by line: [[line, column, reason as `words.kept` has it], …]."""
    return json.dumps([[one.line, one.column, words.kept(one.reason)] for one in islice(refusals, MOST_TOLD)]).encode()


def as_csv(path: Path, refusals: Iterable[Refusal]) -> Iterator[bytes]:
    """The refused rows of the file at `path`, each behind its number and what is wrong with it; nothing when there are none.
    Refusals come by line, and so do the rows.

    Cells stand as they were, but none that a spreadsheet would run; a row that cannot be read as cells stands in one.
    """
    reasons = ((line, "; ".join(map(_reason, own))) for line, own in groupby(refusals, key=lambda one: one.line))
    wanted = next(reasons, None)
    if wanted is None:
        return
    lines = text_file.lines(path)
    header = next(lines).text
    delimiter = delimiter_of(header)
    yield ("\ufeff" + _row(delimiter, [*COLUMNS, *cells_of(header, delimiter)])).encode()
    for line in lines:
        if line.number == wanted[0]:
            yield _row(delimiter, [str(line.number), wanted[1], *_cells(line, delimiter)]).encode("utf-8", "surrogateescape")
            wanted = next(reasons, None)
            if wanted is None:
                return


def _reason(one: Refusal) -> str:
    return f"{one.column}: {one.reason}" if one.column else one.reason


def _cells(line: TextLine, delimiter: str) -> list[str]:
    try:
        return cells_of(line.text, delimiter) if not line.is_too_long else [line.text[:_MOST_OF_NO_ROW] + " …"]
    except csv.Error:
        return [line.text.rstrip("\r\n")]


def _row(delimiter: str, cells: list[str]) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator="\r\n").writerow([spreadsheet.safe(cell) for cell in cells])
    return written.getvalue()
