"""A CSV file of people, read as it was written by whatever wrote it, with flat memory however long it is.

Rows of one person need not stand together. They are put into a temporary SQLite file, out of which people come one by one,
in the order of their first rows; it also remembers which person a phone was first seen with.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from core import spreadsheet
from core.words import _, fill
from responder.imports import parts, text_file
from responder.imports.text_file import TextLine, UnusableFile

__all__ = ["COLUMNS", "Line", "Refusal", "Table", "UnusableFile"]

CERTIFICATION_COLUMNS = ("certification_type", "certification_number", "certification_expires")
COLUMNS = (
    *("external_id", "name", "phone", "language", "home_lat", "home_lon", "home_address", "home_hours"),
    *("work_lat", "work_lon", "work_address", "work_hours", "night_alerts", "calls", "transport"),
    *CERTIFICATION_COLUMNS,
    "consent_at",
)
NEEDED = ("external_id", "name", "phone", "consent_at")
PLACES = ("home_lat", "home_address", "work_lat", "work_address")
"""One of these has to be there as well."""
_DELIMITERS = (",", ";", "\t")
_DIGITS_OF_NO_NAME = 6
"""A year may stand in the name of a column."""
_MOST_NAMED = 10
_MOST_UNREADABLE = 20_000
"""Then it is the file that is wrong and not its rows; and their refusals are kept in memory."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row, or one of its columns, cannot be used. `line` counts from the header, which is line 1."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        return f"{where}: {self.reason}"


@dataclass(frozen=True)
class Line:
    """One row: the number of its line, the header being line 1, and its cells by column, without surrounding spaces."""

    number: int
    cells: dict[str, str]


class Table:
    """The rows of one file, on disk, grouped by person. Close it when done."""

    def __init__(self, path: Path, chosen: Sequence[str] = ()) -> None:
        """Read it; `chosen` names its columns where they do not have our names, "" being one that is left out."""
        self.refusals: list[Refusal] = []
        # An empty name asks SQLite for a temporary file of its own that vanishes when closed.
        self._spool = sqlite3.connect("", isolation_level=None)
        self._spool.execute("CREATE TABLE lines (person TEXT, number INTEGER PRIMARY KEY, cells TEXT)")
        self._spool.execute("CREATE TABLE phones (phone TEXT PRIMARY KEY, person TEXT)")
        self._spool.execute("BEGIN")
        self.columns: tuple[str, ...] = ()
        self.delimiter = ","
        try:
            self._read(path, chosen)
        except BaseException:
            self.close()
            raise
        self._spool.execute("CREATE INDEX lines_of_person ON lines (person, number)")

    def close(self) -> None:
        """Give back the disk."""
        self._spool.close()

    @property
    def count(self) -> int:
        """How many rows there are to take in."""
        return int(self._spool.execute("SELECT count(*) FROM lines").fetchone()[0])

    def count_until(self, reached: int) -> int:
        """How many rows there are of people whose first row is at `reached` or before it."""
        of_them = "SELECT person FROM lines GROUP BY person HAVING min(number) <= ?"
        counted = self._spool.execute(f"SELECT count(*) FROM lines WHERE person IN ({of_them})", (reached,))  # noqa: S608
        return int(counted.fetchone()[0])

    def people(self, after: int = 0) -> Iterator[list[Line]]:
        """The rows of each person, people in the order of their first rows; only those whose first row comes `after` a line."""
        ordered = self._spool.execute(
            "SELECT lines.person, number, cells FROM lines"
            " JOIN (SELECT person, min(number) AS first FROM lines GROUP BY person) AS firsts ON firsts.person = lines.person"
            " WHERE firsts.first > ? ORDER BY firsts.first, number",
            (after,),
        )
        for _person, rows in groupby(ordered, key=lambda row: row[0]):
            yield [Line(number, json.loads(cells)) for _person, number, cells in rows]

    def claim_phones(self, holders: Mapping[str, str]) -> None:
        """Have each of these numbers be of the person it was first seen with, by those who began to read this file."""
        self._spool.executemany("INSERT OR IGNORE INTO phones VALUES (?, ?)", holders.items())

    def holder_of_phone(self, phone: str, external_id: str) -> str:
        """Whose `phone` is in this file: whoever it was first asked for with, which this call makes `external_id` if nobody."""
        self._spool.execute("INSERT OR IGNORE INTO phones VALUES (?, ?)", (phone, external_id))
        return str(self._spool.execute("SELECT person FROM phones WHERE phone = ?", (phone,)).fetchone()[0])

    def _read(self, path: Path, chosen: Sequence[str]) -> None:
        lines = text_file.lines(path)
        self.columns, self.delimiter = _header(next(lines, TextLine(1, "", is_too_long=False)), chosen)
        for line in lines:
            if line.is_too_long:
                self._refuse(line.number, "", fill("it has more than {most} characters", most=f"{text_file.LONGEST:,}"))
            elif line.text.strip():
                self._keep(line.number, line.text)
        if not self.refusals and not self.count:
            raise UnusableFile(_("The file names its columns and has no row below them"))

    def _keep(self, number: int, text: str) -> None:
        """Keep one row. No cell may hold a line break, so a quote that is never closed spoils its own line and no other."""
        try:
            cells = cells_of(text, self.delimiter)
        except csv.Error as error:
            said = fill(
                "not CSV: {error}; a cell may hold no line break, and a quotation mark in one is written twice",
                error=str(error),
            )
            self._refuse(number, "", said)
            return
        if not any(cells):
            return
        problem = self._problem(cells)
        if problem is not None:
            self._refuse(number, *problem)
            return
        row = parts.put_together({column: cell for column, cell in zip(self.columns, cells, strict=True) if column})
        self._spool.execute("INSERT INTO lines VALUES (?, ?, ?)", (row["external_id"], number, json.dumps(row)))

    def _refuse(self, number: int, column: str, reason: str) -> None:
        self.refusals.append(Refusal(number, column, reason))
        if len(self.refusals) > _MOST_UNREADABLE:
            most, first = f"{_MOST_UNREADABLE:,}", str(self.refusals[0])
            raise UnusableFile(fill("More than {most} rows cannot be read; {first}", most=most, first=first))

    def _problem(self, cells: Sequence[str]) -> tuple[str, str] | None:
        """What makes a row unreadable: its column and the reason."""
        if len(cells) != len(self.columns):
            return "", fill("it has {cells} cells, the header has {columns}", cells=len(cells), columns=len(self.columns))
        for column, cell in zip(self.columns, cells, strict=True):
            if not column:
                continue
            if text_file.is_broken(cell):
                return column, _("not UTF-8; save the file as CSV UTF-8")
            if "\0" in cell:
                return column, _("it has a NUL in it, which is no text; the file may be damaged")
        if not cells[self.columns.index("external_id")]:
            return "external_id", _("it is needed in every row")
        return None


def cells_of(text: str, delimiter: str) -> list[str]:
    """The cells of one line, without surrounding spaces and marks of text. Raises csv.Error where it is no CSV."""
    return [spreadsheet.plain(cell.strip()) for cell in next(csv.reader([text], delimiter=delimiter, strict=True))]


def looks_like_a_row(header: Sequence[str]) -> bool:
    """Whether what should be the names of columns holds a phone number, a date or a coordinate: then the names are missing, and
    the first person would be lost."""
    return any(sum(map(str.isdigit, cell)) >= _DIGITS_OF_NO_NAME for cell in header)


def delimiter_of(header: str) -> str:
    """What separates the columns of a file with this first line."""
    return max(_DELIMITERS, key=header.count)


def _header(first: TextLine, chosen: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The columns of the first line and what separates them. Raises UnusableFile."""
    if "\0" in first.text or text_file.is_broken(first.text):
        raise UnusableFile(_("The file is not UTF-8; save it as CSV UTF-8"))
    if first.is_too_long:
        most = f"{text_file.LONGEST:,}"
        raise UnusableFile(fill("The first line has more than {most} characters; it should name the columns", most=most))
    if not first.text.strip():
        raise UnusableFile(fill("The file is empty; its first line names the columns: {columns}", columns=",".join(COLUMNS)))
    delimiter = delimiter_of(first.text)
    try:
        names = cells_of(first.text, delimiter)
    except csv.Error as error:
        raise UnusableFile(fill("The first line, which names the columns, is not CSV: {error}", error=str(error))) from None
    if looks_like_a_row(names):
        raise UnusableFile(_("The first line is a person already; put a line with the names of the columns above it"))
    columns = tuple(chosen or (name.lower() for name in names))
    if not chosen:
        _check_columns(columns)
    return columns, delimiter


def _check_columns(columns: Sequence[str]) -> None:
    unknown = [name or "(an empty name)" for name in columns if name not in COLUMNS]
    if unknown:
        named, allowed, more = ", ".join(unknown[:_MOST_NAMED]), ", ".join(COLUMNS), len(unknown) - _MOST_NAMED
        if more > 0:
            raise UnusableFile(
                fill("Unknown columns: {named} and {more} more. Allowed are {allowed}", named=named, more=more, allowed=allowed)
            )
        raise UnusableFile(fill("Unknown columns: {named}. Allowed are {allowed}", named=named, allowed=allowed))
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise UnusableFile(fill("Columns given twice: {columns}", columns=", ".join(twice)))
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise UnusableFile(fill("Missing columns: {columns}", columns=", ".join(missing)))
    if not set(PLACES) & set(columns):
        raise UnusableFile(_("Missing columns: a place, as home_lat and home_lon, home_address, or the same of work"))
