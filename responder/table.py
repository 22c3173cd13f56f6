"""A CSV file of people, read as it was written by whatever wrote it, with flat memory however long it is.

Rows of one person need not stand together. They are put into a temporary SQLite file, out of which people come one by one,
in the order of their first rows; it also remembers which person a phone was first seen with.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TextIO

CERTIFICATION_COLUMNS = ("certification_type", "certification_number", "certification_expires")
COLUMNS = (
    *("external_id", "name", "phone", "language", "home_lat", "home_lon", "home_address", "home_hours"),
    *("work_lat", "work_lon", "work_address", "work_hours", "night_alerts", "calls", "transport"),
    *CERTIFICATION_COLUMNS,
    "consent_at",
)
NEEDED = ("external_id", "name", "phone", "consent_at")
_DELIMITERS = (",", ";", "\t")
_LONGEST_HEADER = 10_000


class UnusableFile(Exception):
    """A file of which not one row can be read; the text says why in plain words."""


@dataclass(frozen=True)
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

    def __init__(self, path: Path) -> None:
        self.refusals: list[Refusal] = []
        # An empty name asks SQLite for a temporary file of its own that vanishes when closed.
        self._spool = sqlite3.connect("", isolation_level=None)
        self._spool.execute("CREATE TABLE lines (person TEXT, number INTEGER PRIMARY KEY, cells TEXT)")
        self._spool.execute("CREATE TABLE phones (phone TEXT PRIMARY KEY, person TEXT)")
        self._spool.execute("BEGIN")
        self.columns: tuple[str, ...] = ()
        self.delimiter = ","
        try:
            self._read(path)
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

    def people(self) -> Iterator[list[Line]]:
        """The rows of each person, people in the order of their first rows."""
        ordered = self._spool.execute(
            "SELECT lines.person, number, cells FROM lines"
            " JOIN (SELECT person, min(number) AS first FROM lines GROUP BY person) AS firsts ON firsts.person = lines.person"
            " ORDER BY firsts.first, number"
        )
        for _, rows in groupby(ordered, key=lambda row: row[0]):
            yield [Line(number, json.loads(cells)) for _, number, cells in rows]

    def holder_of_phone(self, phone: str, external_id: str) -> str:
        """Whose `phone` is in this file: whoever it was first asked for with, which this call makes `external_id` if nobody."""
        self._spool.execute("INSERT OR IGNORE INTO phones VALUES (?, ?)", (phone, external_id))
        return str(self._spool.execute("SELECT person FROM phones WHERE phone = ?", (phone,)).fetchone()[0])

    def _read(self, path: Path) -> None:
        try:
            # Bytes that are no UTF-8 come through as marks, so that only their own row is refused.
            with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
                self.columns, self.delimiter = _header(file)
                for number, text in enumerate(file, start=2):
                    if text.strip():
                        self._keep(number, text)
        except OSError as error:
            raise UnusableFile(f"{path}: {error.strerror or error}") from None

    def _keep(self, number: int, text: str) -> None:
        """Keep one row. No cell may hold a line break, so a quote that is never closed spoils its own line and no other."""
        try:
            cells = [cell.strip() for cell in next(csv.reader([text], delimiter=self.delimiter, strict=True))]
        except csv.Error as error:
            self.refusals.append(Refusal(number, "", f"not CSV: {error}"))
            return
        if not any(cells):
            return
        problem = self._problem(cells)
        if problem is not None:
            self.refusals.append(Refusal(number, *problem))
            return
        row = dict(zip(self.columns, cells, strict=True))
        self._spool.execute("INSERT INTO lines VALUES (?, ?, ?)", (row["external_id"], number, json.dumps(row)))

    def _problem(self, cells: Sequence[str]) -> tuple[str, str] | None:
        """What makes a row unreadable: its column and the reason."""
        if len(cells) != len(self.columns):
            return "", f"it has {len(cells)} cells, the header has {len(self.columns)}"
        for column, cell in zip(self.columns, cells, strict=True):
            if _is_broken(cell):
                return column, "not UTF-8; save the file as CSV UTF-8"
        if not cells[self.columns.index("external_id")]:
            return "external_id", "it is needed in every row"
        return None


def _is_broken(text: str) -> bool:
    """Whether `text` came from bytes that are no UTF-8."""
    return any("\udc80" <= character <= "\udcff" for character in text)


def _header(file: TextIO) -> tuple[tuple[str, ...], str]:
    """The columns of the first line and what separates them. Raises UnusableFile."""
    first = file.readline(_LONGEST_HEADER)
    if "\0" in first or _is_broken(first):
        raise UnusableFile("The file is not UTF-8; save it as CSV UTF-8")
    if not first.strip():
        raise UnusableFile("The file is empty; its first line names the columns: " + ",".join(COLUMNS))
    delimiter = max(_DELIMITERS, key=first.count)
    columns = tuple(name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter)))
    _check_columns(columns)
    return columns, delimiter


def _check_columns(columns: Sequence[str]) -> None:
    unknown = [name or "(an empty name)" for name in columns if name not in COLUMNS]
    if unknown:
        raise UnusableFile(f"Unknown columns: {', '.join(unknown)}. Allowed are {', '.join(COLUMNS)}")
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise UnusableFile(f"Columns given twice: {', '.join(twice)}")
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise UnusableFile(f"Missing columns: {', '.join(missing)}")
    if not {"home_lat", "home_address", "work_lat", "work_address"} & set(columns):
        raise UnusableFile("Missing columns: a place, as home_lat and home_lon, home_address, or the same of work")
