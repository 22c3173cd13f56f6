"""The lines of a file that is called a CSV. What it is instead is said plainly; no line too long to be a row is held whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from core.words import _

LONGEST = 10_000
"""Characters of a line. A row with every cell as long as it may be has some 2,500."""

_WHAT_ELSE = (
    (b"PK\x03\x04", _("The file is a zip or an Excel workbook, whatever its name says; save it as CSV UTF-8")),
    (b"\xd0\xcf\x11\xe0", _("The file is an old Excel workbook, whatever its name says; save it as CSV UTF-8")),
    (b"%PDF", _("The file is a PDF, whatever its name says; save it as CSV UTF-8")),
    (b"\x1f\x8b", _("The file is a compressed file, whatever its name says; save it as CSV UTF-8")),
    (b"\xff\xfe", _("The file is UTF-16 text, whatever its name says; save it as CSV UTF-8")),
    (b"\xfe\xff", _("The file is UTF-16 text, whatever its name says; save it as CSV UTF-8")),
)
_MOST_BYTES = max(len(start) for start, _said in _WHAT_ELSE)


class UnusableFile(Exception):
    """A file of which not one row can be read; the text says why in plain words."""


class TextLine(NamedTuple):
    """One line, the first of the file being 1; of a line that is too long only its beginning."""

    number: int
    text: str
    is_too_long: bool


def lines(path: Path) -> Iterator[TextLine]:
    """Every line of the file with its line end, the first one (nothing, for an empty file) included. Raises UnusableFile.

    Bytes that are no UTF-8 come through as marks (`is_broken`), so that only their own row is refused.
    """
    try:
        _refuse_what_is_no_text(path)
        with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
            yield from _bounded(file)
    except OSError as error:
        raise UnusableFile(f"{path}: {error.strerror or error}") from None


def is_broken(text: str) -> bool:
    """Whether `text` came from bytes that are no UTF-8."""
    return any("\udc80" <= character <= "\udcff" for character in text)


def _refuse_what_is_no_text(path: Path) -> None:
    with path.open("rb") as file:
        beginning = file.read(_MOST_BYTES)
    for start, said in _WHAT_ELSE:
        if beginning.startswith(start):
            raise UnusableFile(said)


def _bounded(file: TextIO) -> Iterator[TextLine]:
    number = 0
    while text := file.readline(LONGEST):
        number += 1
        rest = text
        while len(rest) == LONGEST and not rest.endswith("\n"):
            rest = file.readline(LONGEST)
        yield TextLine(number, text, is_too_long=rest is not text)
