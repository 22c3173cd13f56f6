"""Writing the CSV files that the import is tested with."""

from __future__ import annotations

from pathlib import Path

from core.services import Services
from responder.imports import importing
from responder.imports.report import Report
from responder.imports.table import COLUMNS
from tests.responder.helpers import KnownAddresses

HEADER = ",".join(COLUMNS)
GOOD = {
    "external_id": "v1",
    "name": "Aino Ahonlampi",
    "phone": "040 123 4567",
    "home_lat": "60.1699",
    "home_lon": "24.9384",
    "certification_type": "cpr",
    "certification_number": "C1",
    "certification_expires": "2027-06-30",
    "consent_at": "2026-01-15",
}


def row(**cells: str) -> str:
    values = GOOD | cells
    return ",".join(f'"{values[column]}"' if "," in values.get(column, "") else values.get(column, "") for column in COLUMNS)


def write(folder: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8", end: str = "\n") -> Path:
    path = folder / "people.csv"
    path.write_bytes(end.join([header, *rows, ""]).encode(encoding))
    return path


def run(services: Services, path: Path, *, dry_run: bool = False, unverified: bool = False, actor: str = "operator") -> Report:
    return importing.run(services, KnownAddresses(), path, dry_run=dry_run, unverified=unverified, actor=actor)


def refusals(report: Report) -> list[tuple[int, str]]:
    return [(one.line, one.column) for one in sorted(report.refusals, key=lambda one: (one.line, one.column))]
