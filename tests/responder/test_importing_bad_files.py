"""What a CSV file may do wrong, and the writings of CSV that are understood all the same."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.events import Event
from core.services import Services
from geo.models import SERVICE_AREA, Zone
from responder.imports import importing
from responder.imports.importing import UnusableFile
from responder.models import Certification, Place, Responder
from sms.models import Contact
from tests.responder.csv_files import COLUMNS, HEADER, refusals, row, run, write
from tests.responder.helpers import KnownAddresses


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


BAD_CELLS = [
    # column, cell, what the reason says
    ("external_id", "", "needed in every row"),
    ("external_id", "x" * 81, "at most 80"),
    ("name", "", "needed in every row: the person's name"),
    ("name", "x" * 201, "at most 200"),
    ("phone", "", "needed in every row: a phone number that can be texted"),
    ("phone", "hello", "not a phone number"),
    ("phone", "123", "this many digits"),
    ("language", "de", "'en', 'sv' or 'fi'"),
    ("home_lat", "91", "at most 90"),
    ("home_lat", "sixty", "a number"),
    ("home_lat", "nan", "not infinite"),
    ("home_lon", "181", "at most 180"),
    ("home_lon", "", "go together"),
    ("home_address", "x" * 201, "at most 200"),
    ("home_hours", "9-17", "cannot be read"),
    ("work_lat", "60,5", "a number"),
    (
        "work_address",
        "Kirkkokatu",
        "several addresses fit; take one of those offered, or give coordinates: Kirkkokatu 1; Kirkkokatu 2",
    ),
    ("work_address", "Nowhere", "no such address"),
    ("night_alerts", "maybe", "yes or no"),
    ("calls", "1", "yes or no"),
    ("transport", "boat", "'foot', 'bike' or 'car'"),
    ("certification_type", "juggling", "'criminal_record'"),
    ("certification_type", "", "needed with a number or an end"),
    ("certification_number", "x" * 81, "at most 80"),
    ("certification_expires", "6/30/2027", "written like 2026-12-31"),
    ("certification_expires", "30.2.2027", "day is out of range"),
    ("certification_expires", "2027-02-30", "day is out of range"),
    ("consent_at", "", "needed in every row: the day on which they agreed"),
    ("consent_at", "yes", "written like"),
    ("consent_at", "2027-01-01", "not in the future"),
]


@pytest.mark.parametrize(("column", "cell", "says"), BAD_CELLS, ids=[f"{one[0]}={one[1][:12]}" for one in BAD_CELLS])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_bad_cell_is_refused_with_line_column_and_reason(
    services: Services, tmp_path: Path, column: str, cell: str, says: str
) -> None:
    more = {"work_hours": "24/7"} if column == "work_address" else {}
    if column == "work_lat":
        more = {"work_hours": "24/7", "work_lon": "24.9"}
    report = run(services, write(tmp_path, row(**{column: cell}, **more), row(external_id="v2", phone="0401111111")))
    assert (2, column) in refusals(report)
    assert says in " ".join(one.reason for one in report.refusals if one.column == column)
    assert report.refused_rows == 1
    assert dict(report.people) == {"added": 1}
    with services.read() as session:
        assert session.scalars(select(Responder.external_id)).all() == ["v2"]
        assert (count(session, Contact), count(session, Place), count(session, Certification)) == (1, 1, 1)


@pytest.mark.parametrize(
    ("cells", "column", "says"),
    [
        ({"home_lat": "", "home_lon": ""}, "home_lat", "a place is needed"),
        ({"home_lat": "0", "home_lon": "0.0"}, "home_lon", "0,0 lies in the sea"),
        ({"work_address": "Kaivokatu 1"}, "work_hours", "a work place needs its hours"),
        ({"work_hours": "24/7"}, "work_address", "an address, or lat and lon"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_places_that_are_not_whole(services: Services, tmp_path: Path, cells: dict[str, str], column: str, says: str) -> None:
    report = run(services, write(tmp_path, row(**cells)))
    assert refusals(report) == [(2, column)]
    assert says in report.refusals[0].reason


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_place_that_is_served_only_the_other_way_round_is_refused(services: Services, tmp_path: Path) -> None:
    far, swapped = {"home_lat": "48.2", "home_lon": "16.37"}, {"home_lat": "24.9384", "home_lon": "60.1699"}
    others = [row(external_id=f"v{n}", phone=f"040111111{n}", **place) for n, place in ((2, far), (3, swapped))]
    path = write(tmp_path, row(), *others)
    assert run(services, path, dry_run=True).people["added"] == 3, "without an area everywhere is served"
    with services.write() as session:
        corners = [[24.8, 60.1], [25.1, 60.1], [25.1, 60.3], [24.8, 60.3], [24.8, 60.1]]
        session.add(Zone(kind=SERVICE_AREA, name="Town", polygon={"type": "Polygon", "coordinates": [corners]}))
    report = run(services, path)
    assert refusals(report) == [(4, "home_lat")]
    assert "the other way round" in report.refusals[0].reason
    assert report.people["added"] == 2


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("a byte order mark and CRLF, as Windows writes", HEADER + "\r\n" + row() + "\r\n", "utf-8-sig"),
        ("no line end after the last row", HEADER + "\n" + row(), "utf-8"),
        ("blank lines and empty rows", HEADER + "\n\n" + row() + "\n" + "," * (len(COLUMNS) - 1) + "\n\n", "utf-8"),
        ("semicolons and decimal commas, as Excel in Finland writes", "\n".join((
            HEADER.replace(",", ";"), row(home_lat="60.1699").replace(",", ";").replace("60.1699", "60,1699"))), "utf-8"),
        ("tabs", (HEADER + "\n" + row()).replace(",", "\t"), "utf-8"),
        ("spaces around cells, capitals in the header", (HEADER.upper() + "\n" + row()).replace(",", " , "), "utf-8"),
        ("old line ends", HEADER + "\r" + row() + "\r", "utf-8"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_writings_of_csv_that_are_understood(services: Services, tmp_path: Path, name: str, text: str, encoding: str) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(text.encode(encoding))
    report = run(services, path)
    assert report.refusals == []
    assert dict(report.people) == {"added": 1}


def test_columns_come_in_any_order(services: Services, tmp_path: Path) -> None:
    path = write(tmp_path, "2026-01-15,Kaivokatu 1,0401234567,Aino,v1", header="consent_at,home_address,phone,name,external_id")
    assert dict(run(services, path).people) == {"added": 1}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_rows_that_are_no_rows(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    lines = [HEADER, row(name="Päivi"), row(external_id="v2") + ",more", "v3,short", '"v4,never closed', row(external_id="v5")]
    path.write_bytes("\n".join(lines[:1]).encode() + b"\n" + lines[1].encode("latin-1") + b"\n" + "\n".join(lines[2:]).encode())
    report = run(services, path)
    assert refusals(report) == [(2, "name"), (3, ""), (4, ""), (5, "")]
    told = list(report.lines())
    assert told[0] == "line 2, name: not UTF-8; save the file as CSV UTF-8"
    assert told[1] == f"line 3: it has {len(COLUMNS) + 1} cells, the header has {len(COLUMNS)}"
    assert told[3].startswith("line 5: not CSV: unexpected end of data; a cell may hold no line break")
    assert told[4] == "1 added, 0 changed, 0 unchanged, 4 rows refused"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (HEADER.encode() + b",colour,size\n", "Unknown columns: colour, size. Allowed are external_id"),
        (b"external_id,name,phone,consent_at,name,home_lat\n", "given twice: name"),
        (b"external_id,name,home_lat\n", "Missing columns: phone, consent_at"),
        (b"external_id,name,phone,consent_at\n", "Missing columns: a place"),
        (HEADER.encode("utf-16"), "UTF-16 text, whatever its name says; save it as CSV UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not UTF-8"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_files_that_cannot_be_used(services: Services, tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    with pytest.raises(UnusableFile, match=says):
        run(services, path)
    with services.read() as session:
        assert count(session, Event) == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_is_not_there(services: Services, tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="No such file"):
        run(services, tmp_path / "missing.csv")
    with pytest.raises(UnusableFile, match="directory"):
        run(services, tmp_path)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_is_left_out_by_night(services: Services, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        row(),
        row(external_id="v2", phone="0401111111", night_alerts="yes"),
        row(external_id="v3", phone="0402222222", work_address="Kaivokatu 1", work_hours="Mo-Fr 08:00-16:00"),
        row(external_id="v4", phone="0403333333", work_address="Kaivokatu 1", work_hours="Mo-Fr 15:00-23:30"),
    )
    told = list(run(services, path).lines())[-1]
    assert told == "At night (23:00 to 07:00) 2 of 4 people are left out: no night_alerts=yes, and no work hours then"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_progress_and_memory_of_a_long_file(services: Services, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    path = write(tmp_path, *(row(external_id=f"v{n}", phone=f"+44770090{n:04d}") for n in range(600)))
    importing.run(services, KnownAddresses(), path, progress=lambda done, total: heard.append((done, total)))
    assert heard == [(done, 600) for done in range(50, 601, 50)]
    tracemalloc.start()
    importing.run(services, KnownAddresses(), path)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 4_000_000
