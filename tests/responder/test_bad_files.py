"""Files that are not what they are called, or are damaged: a clear line for each, nothing half-written, nothing run."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select

from core.services import Services
from responder import people
from responder.imports import refused_rows
from responder.imports.importing import UnusableFile
from responder.models import Responder
from tests.responder.csv_files import HEADER, refusals, row, run, write
from tests.responder.helpers import everything_stored, put


@pytest.fixture
def database(empty_sqlite: object) -> object:
    return empty_sqlite


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("people.csv", HEADER + "\n" + row() + "\n")
    return packed.getvalue()


def _text(*rows: str, encoding: str = "utf-8") -> bytes:
    return "\n".join([HEADER, *rows, ""]).encode(encoding)


WHOLE_FILES = {
    "a zip named .csv": (_zip(), "The file is a zip or an Excel workbook, whatever its name says; save it as CSV UTF-8"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "an old Excel workbook"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "The file is a PDF"),
    "compressed": (b"\x1f\x8b\x08\0\0\0\0\0", "The file is a compressed file"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", "not UTF-8"),
    "UTF-16 with a mark, little end first": (b"\xff\xfe" + _text(row(), encoding="utf-16-le"), "The file is UTF-16 text"),
    "UTF-16 with a mark, big end first": (b"\xfe\xff" + _text(row(), encoding="utf-16-be"), "The file is UTF-16 text"),
    "UTF-16 without a mark": (_text(row(), encoding="utf-16-le"), "not UTF-8"),
    "UTF-32": (_text(row(), encoding="utf-32"), "UTF-16 text"),
    "a header in Latin-1": ("tunnus;nimi;yhteystietojenlähde\n".encode("latin-1"), "not UTF-8"),
    "nothing": (b"", "The file is empty; its first line names the columns"),
    "a byte order mark and nothing": (b"\xef\xbb\xbf", "The file is empty"),
    "blank lines": (b"\r\n\r\n\r\n", "The file is empty"),
    "a header and no row": (HEADER.encode(), "The file names its columns and has no row below them"),
    "a header and empty rows": (HEADER.encode() + b"\n\n,,,\n\n,,,,,,,,,,,,,,,,,,\n", "has no row below them"),
    "NULs alone": (b"\0" * 5000, "not UTF-8"),
    "one line of 10 MB": (b"x" * 10_000_000, "The first line has more than 10,000 characters; it should name the columns"),
    "one line of 10 MB of cells": (b"a," * 5_000_000, "The first line has more than 10,000 characters"),
    "many columns that nobody knows": (b",".join(b"c%d" % n for n in range(1000)) + b"\n", "c9 and 990 more. Allowed are"),
    "a quote in the header never closed": (b'external_id,"name,phone\n', "The first line, which names the columns, is not CSV"),
    "a page of the web": (b"<!doctype html>\n<html><body>Sign in</body></html>\n", "Unknown columns: <!doctype html>"),
    "20,001 rows of something else": (HEADER.encode() + b"\nx" * 20_001, "More than 20,000 rows cannot be read; line 2:"),
}


@pytest.mark.parametrize(("content", "says"), WHOLE_FILES.values(), ids=WHOLE_FILES)
def test_a_file_that_is_none_is_refused_whole(services: Services, tmp_path: Path, content: bytes, says: str) -> None:
    put(services)
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    with services.read() as session:
        before = everything_stored(session)
    with pytest.raises(UnusableFile) as refused:
        run(services, path)
    assert says in str(refused.value)
    assert len(str(refused.value)) < 500
    with services.read() as session:
        assert everything_stored(session) == before


GOOD = row(external_id="good", phone="0407654321")
BAD_ROWS = {
    "a name in Latin-1": (row(name="Päivi").encode("latin-1"), "name", "not UTF-8"),
    "cut off within a letter": (row(consent_at="2026-01-1Ä").encode()[:-1], "consent_at", "not UTF-8"),
    "cut off within a date": (row().encode()[:-1], "consent_at", "written like"),
    "cut off within a row": (row().encode()[:30], "", "it has 3 cells, the header has 19"),
    "a quote never closed": (b'v1,"Aino', "", "not CSV: unexpected end of data"),
    "a quote in the middle": (b'v1,"Aino" Ahonlampi,040', "", "not CSV: ',' expected after '\"'"),
    "a NUL": (row(name="Ai\0no").encode(), "name", "a NUL"),
    "a bell": (row(name="Ai\ano").encode(), "name", "U+0007"),
    "10 MB without a line end": (b"v1," + b"x" * 10_000_000, "", "more than 10,000 characters"),
    "semicolons below a header of commas": (row().replace(",", ";").encode(), "", "it has 1 cells, the header has 19"),
    "a row too wide": (row().encode() + b",more", "", "it has 20 cells, the header has 19"),
    "somebody's number in the file": (row(external_id="v9", phone="+358 40 765 4321").encode(), "phone", "belongs to good"),
    "somebody's number here": (row(external_id="v9", phone="040-111 2222").encode(), "phone", "belongs to the responder known"),
    "a phone that a spreadsheet rounded": (row(phone="3.58401E+11").encode(), "phone", "letters in it"),
    "a phone that a spreadsheet gave a point": (row(phone="358401234567.0").encode(), "phone", "decimal number"),
}


@pytest.mark.parametrize(("content", "column", "says"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_bad_row_is_refused_alone(services: Services, tmp_path: Path, content: bytes, column: str, says: str) -> None:
    put(services, external_id="known", phone="0401112222")
    path = tmp_path / "people.csv"
    path.write_bytes(HEADER.encode() + b"\n" + GOOD.encode() + b"\n" + content)
    report = run(services, path)
    assert refusals(report) == [(3, column)]
    assert says in report.refusals[0].reason
    assert dict(report.people) == {"added": 1}
    with services.read() as session:
        assert set(session.scalars(select(Responder.external_id))) == {"known", "good"}


def test_formulas_are_words(services: Services, tmp_path: Path) -> None:
    name = "=HYPERLINK(0)+cmd|' /C calc'!A0"
    report = run(services, write(tmp_path, row(name=name), row(external_id="@SUM(A1)", name="-1+x", phone="1")))
    assert refusals(report) == [(3, "phone")]
    with services.read() as session:
        stored = people.find(session, "v1")
        assert stored is not None
        assert stored.name == name


def test_no_refused_row_runs_in_the_spreadsheet_it_is_mended_in(services: Services, tmp_path: Path) -> None:
    path = write(tmp_path, row(external_id="@SUM(A1)", name="=1+1", phone="+1"), '=cmd|"never closed', row(phone="+358 1"))
    told = b"".join(refused_rows.as_csv(path, sorted(run(services, path).refusals, key=lambda one: one.line)))
    rows = list(csv.reader(io.StringIO(told.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["refused_line", "2", "3", "4"]
    assert rows[1][2:5] == ["'@SUM(A1)", "'=1+1", "+1"]
    assert rows[2][2:] == ["'=cmd|\"never closed"]
    mended = tmp_path / "mended.csv"
    with mended.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([rows[0][2:], [*rows[1][2:4], "0401234567", *rows[1][5:]]])
    assert dict(run(services, mended).people) == {"added": 1}
    with services.read() as session:
        assert session.execute(select(Responder.external_id, Responder.name)).one() == ("@SUM(A1)", "=1+1")


def test_a_row_said_twice_is_one_person(services: Services, tmp_path: Path) -> None:
    report = run(services, write(tmp_path, row(), row(), row(name="  Aino Ahonlampi ")))
    assert (dict(report.people), report.refusals) == ({"added": 1}, [])
