"""The rows of a file that were refused: the first of them for the page, all of them as a file to mend and import again."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from responder.table import Refusal

MOST_TOLD = 100
COLUMNS = ("refused_line", "refused_because")


def as_json(refusals: Iterable[Refusal]) -> bytes:
    """The first of them, by line: [[line, column, reason], …]."""
    ordered = sorted(refusals, key=lambda one: one.line)[:MOST_TOLD]
    return json.dumps([[one.line, one.column, one.reason] for one in ordered]).encode()


def as_csv(path: Path, refusals: Iterable[Refusal]) -> bytes:
    """The refused rows of the file at `path` as they stand there, each behind its line and what is wrong with it; b"" when
    there are none."""
    reasons: dict[int, list[str]] = defaultdict(list)
    for one in refusals:
        reasons[one.line].append(f"{one.column}: {one.reason}" if one.column else one.reason)
    if not reasons:
        return b""
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
        header = next(file, "")
        delimiter = max(",;\t", key=header.count)
        rows = [_row(delimiter, *COLUMNS) + header.rstrip("\r\n")]
        rows += [
            _row(delimiter, str(number), "; ".join(reasons[number])) + text.rstrip("\r\n")
            for number, text in enumerate(file, start=2)
            if number in reasons
        ]
    return ("\ufeff" + "\r\n".join(rows) + "\r\n").encode("utf-8", "surrogateescape")


def _row(delimiter: str, *cells: str) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator="").writerow(cells)
    return written.getvalue() + delimiter
