"""The files of an import, kept in the database in pieces: every process that may go on with it has them, and none is ever whole
in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.problems import Problem
from core.services import Services
from core.words import fill
from responder.imports.models import ImportPiece

FILE, REFUSED, TOLD, SO_FAR = "file", "refused", "told", "so_far"
"""The file itself; its refused rows as a file; the first of them as the page tells them; and what became of it batch by batch,
for whoever goes on with it."""
_PIECE = 2**20
_ROWS_A_PIECE = 2_000


def of_upload(file: IO[bytes], largest_bytes: int) -> Iterator[bytes]:
    """An uploaded file in pieces. Raises Problem 413 when it is too large, 422 when it is empty."""
    total = 0
    for data in iter(lambda: file.read(_PIECE), b""):
        total += len(data)
        if total > largest_bytes:
            raise Problem(413, fill("The file is larger than {most} MB", most=largest_bytes // 2**20))
        yield data
    if not total:
        raise Problem(422, "Choose a CSV file; this one is empty")


def of_rows(rows: Iterator[bytes]) -> Iterator[bytes]:
    """Many rows at a time, so that each piece is well filled and none is large."""
    while piece := b"".join(islice(rows, _ROWS_A_PIECE)):
        yield piece


def keep(services: Services, import_id: str, kind: str, pieces: Iterable[bytes]) -> None:
    """Write pieces down as they come."""
    for number, data in enumerate(pieces):
        # A transaction each: an emergency must not wait for a long file.
        with services.write() as session:
            session.add(ImportPiece(import_id=import_id, kind=kind, number=number, data=data))


def drop(session: Session, import_id: str, kind: str | None = None) -> None:
    """Drop what is kept of an import, of one kind or all of it."""
    own = delete(ImportPiece).where(ImportPiece.import_id == import_id)
    session.execute(own if kind is None else own.where(ImportPiece.kind == kind))


def of(session: Session, import_id: str, kind: str) -> Iterator[bytes]:
    """What is kept of one kind, a piece at a time."""
    own = select(ImportPiece.number, ImportPiece.data).where(ImportPiece.import_id == import_id, ImportPiece.kind == kind)
    last = -1
    while piece := session.execute(own.where(ImportPiece.number > last).order_by(ImportPiece.number).limit(1)).first():
        last = piece.number
        yield piece.data


@contextmanager
def as_file(services: Services, import_id: str, most: int | None = None) -> Iterator[Path]:
    """The file on disk, for as long as the block lasts; of a long one only the first pieces where `most` says so."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        with services.read() as session:
            for data in islice(of(session, import_id, FILE), most):
                file.write(data)
        file.flush()
        yield Path(file.name)


def some(import_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether anything is kept of an import."""
    return exists().where(ImportPiece.import_id == import_id)
