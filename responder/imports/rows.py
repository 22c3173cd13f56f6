"""From the rows of one person in a CSV file to what the API would have said about them, remembering who wrote what where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.problems import NEEDED, FieldProblem, Problem
from core.words import _, fill
from responder.fields import Context
from responder.imports.table import CERTIFICATION_COLUMNS, Line, Refusal
from responder.input import CertificationInput, ResponderInput
from responder.models import HOME, WORK

_YES = {"yes": True, "no": False}
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
"""A date as most of Europe writes it: with full stops the day is first everywhere."""
_DATES = ("certification_expires", "consent_at")
_PLAIN = ("name", "phone", "consent_at")
_CHOICES = ("language", "transport")
_FLAGS = ("night_alerts", "calls")
_WANTED = {
    "name": _("it is needed in every row: the person's name"),
    "phone": _("it is needed in every row: a phone number that can be texted"),
    "consent_at": _("it is needed in every row: the day on which they agreed to be asked, written like 2026-01-15"),
}
"""What belongs into a cell that nobody may leave empty."""


@dataclass(frozen=True)
class Reading:
    """One person out of a file: what to write down, or None, and the rows that cannot be used.

    `lines` are the rows that it was read from, `columns` the column behind each JSON pointer.
    """

    person: ResponderInput | None
    refusals: tuple[Refusal, ...]
    columns: Mapping[str, str]
    lines: tuple[int, ...]

    def refused(self, problem: Problem) -> list[Refusal]:
        """What `problem` means for the rows of this person: all of them are refused."""
        reasons = list(self._reasons(problem))
        return [Refusal(line, column, reason) for line in self.lines for column, reason in reasons]

    def _reasons(self, problem: Problem) -> Iterator[tuple[str, str]]:
        offers = "; ".join(str(match["label"]) for match in problem.extra.get("matches", ())[:5])
        for one in problem.errors or (FieldProblem("", problem.title),):
            column = self.columns.get(one.pointer, one.pointer.strip("/"))
            if column in _FLAGS:
                yield column, _("yes or no")
            elif one.detail == NEEDED and column in _WANTED:
                yield column, _WANTED[column]
            elif one.pointer == "/places":
                yield column, _("a place is needed: home_lat and home_lon, or home_address, or the same of work")
            elif offers:
                yield (
                    column,
                    fill("several addresses fit; take one of those offered, or give coordinates: {offers}", offers=offers),
                )
            else:
                yield column, one.detail


def read_person(lines: Sequence[Line], context: Context, decimal_comma: bool) -> Reading:
    """Check the rows of one person. A row with a bad certification is refused alone; whatever is wrong with the person, or
    said differently in two rows, refuses all of them."""
    merged, contradictions = _merged(lines)
    if contradictions:
        return Reading(None, tuple(contradictions), {}, ())
    good, refusals, certifications = _certifications(lines, context)
    if not good:
        return Reading(None, tuple(refusals), {}, ())
    data, columns = _as_input(merged, decimal_comma)
    if set(CERTIFICATION_COLUMNS) & set(lines[0].cells):
        data["certifications"] = certifications
    reading = Reading(None, tuple(refusals), columns, tuple(line.number for line in good))
    try:
        return replace(reading, person=ResponderInput.read(data, context))
    except Problem as problem:
        return replace(reading, refusals=(*refusals, *reading.refused(problem)))


def _certifications(lines: Sequence[Line], context: Context) -> tuple[list[Line], list[Refusal], list[dict[str, Any]]]:
    """The rows whose certification is good (or not there), refusals for the others, and the certifications."""
    good: list[Line] = []
    refusals: list[Refusal] = []
    certifications: list[dict[str, Any]] = []
    for line in lines:
        found, problems = _certification(line, context)
        refusals.extend(problems)
        if problems:
            continue
        good.append(line)
        if found and found not in certifications:
            certifications.append(found)
    return good, refusals, certifications


def _certification(line: Line, context: Context) -> tuple[dict[str, Any], list[Refusal]]:
    said = {column: _cell(line.cells, column) for column in CERTIFICATION_COLUMNS}
    found = {column.removeprefix("certification_"): cell for column, cell in said.items() if cell}
    if not found:
        return {}, []
    found["type"] = found.get("type", "").lower()
    if not found["type"]:
        return {}, [Refusal(line.number, "certification_type", _("it is needed with a number or an end"))]
    try:
        CertificationInput.read(found, context)
    except Problem as problem:
        return {}, [Refusal(line.number, "certification_" + one.pointer[1:], one.detail) for one in problem.errors]
    return found, []


def _merged(lines: Sequence[Line]) -> tuple[dict[str, str], list[Refusal]]:
    """The person's own cells, each from the first row that says it; refusals of all rows when two say different things."""
    merged: dict[str, str] = {}
    said_in: dict[str, int] = {}
    against: dict[int, tuple[str, str]] = {}
    for line in lines:
        for column, cell in line.cells.items():
            if column in CERTIFICATION_COLUMNS or not cell:
                continue
            if merged.setdefault(column, cell) != cell:
                said = fill("it differs from line {line}, which is about the same person", line=said_in[column])
                against[line.number] = (column, said)
            said_in.setdefault(column, line.number)
    if not against:
        return merged, []
    first = min(against)
    also = ("", fill("not taken, because line {line} says something else about the same person", line=first))
    return merged, [Refusal(line.number, *against.get(line.number, also)) for line in lines]


def _as_input(cells: Mapping[str, str], decimal_comma: bool) -> tuple[dict[str, Any], dict[str, str]]:
    """The cells as the API would have been told, and the column behind each JSON pointer."""
    data: dict[str, Any] = {"external_id": cells["external_id"], "places": []}
    columns = {"/places": "home_lat", "/certifications": "certification_type"}
    data |= {name: _cell(cells, name) for name in _PLAIN if name in cells}
    data |= {name: cells[name].lower() for name in _CHOICES if name in cells}
    data |= {name: _YES.get(cells[name].lower(), cells[name]) for name in _FLAGS if name in cells}
    for kind in (HOME, WORK):
        place = dict(_place(kind, cells, decimal_comma))
        if place:
            number = len(data["places"])
            columns.update({f"/places/{number}/{name}": f"{kind}_{name}" for name in ("lat", "lon", "address", "hours")})
            data["places"].append({"kind": kind, **place})
    return data, columns


def _place(kind: str, cells: Mapping[str, str], decimal_comma: bool) -> Iterator[tuple[str, Any]]:
    for name in ("lat", "lon"):
        cell = cells.get(f"{kind}_{name}")
        if cell is not None:
            yield name, _number(cell, decimal_comma)
    for name in ("address", "hours"):
        cell = cells.get(f"{kind}_{name}")
        if cell is not None:
            yield name, cell


def _cell(cells: Mapping[str, str], column: str) -> str:
    """What stands in a column, "" where there is none; a date in the one writing that is read."""
    cell = cells.get(column, "")
    found = _DAY_FIRST.fullmatch(cell) if column in _DATES else None
    return f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}" if found else cell


def _number(cell: str, decimal_comma: bool) -> float | str:
    """The number in a cell, or the cell itself, which is then refused for what it is."""
    try:
        return float(cell.replace(",", ".") if decimal_comma else cell)
    except ValueError:
        return cell
