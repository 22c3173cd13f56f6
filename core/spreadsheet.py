"""Cells of CSV files that people open in a spreadsheet: what begins like a formula is shown there as text, and never run.

A spreadsheet takes a cell for a formula by its first character. An apostrophe before it makes it text; what we wrote with one
is read back without it, so that a file we gave out can be mended and given to us again.
"""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")  # the wide forms count too where Japanese or Chinese is written
_ESCAPED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")
_NUMBER = re.compile(r"[+-][\d\s().,/-]*")
"""Phones and coordinates begin like formulas; of digits alone nothing can be made that does anything."""


def safe(text: str) -> str:
    """`text` as a cell that no spreadsheet runs."""
    return "'" + text if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def plain(cell: str) -> str:
    """What `safe` was given; for a cell that somebody marked as text by hand, what stands behind the mark."""
    return cell[1:] if _ESCAPED.match(cell) else cell
