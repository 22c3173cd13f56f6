"""Tables of the imports: each with its file and what was refused of it, and whom it has added or changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base

LONGEST_PROBLEM = 500


class PeopleImport(Base):
    """A CSV file given to the page, and how far it is: first checked, then imported (`responder.imports.jobs`).

    `alive_at` moves while a process works on it; `tries` counts how often it was taken over from a process that had ended.
    `people` counts persons by outcome, `rows` is how many the file has; the file and the rows that were refused are kept beside
    it until they are no longer of use. `columns` names, for each column of the file, that of ours which the admin chose (""
    leaves it out); none where they have our names. `reached` is the last line that a committed batch has taken in, so that
    whoever goes on begins behind it. `events_before` is the last event before it began: later ones may tell that somebody has
    done something since. `doubtful` counts the people taken with a number that nobody is known to have, with the first of their
    lines, and `endless` those with a certificate that counts and has no end. `undone` counts persons by what undoing made of
    them. `problem` is why the file cannot be used (`responder.imports.reasons`).
    """

    __tablename__ = "people_imports"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    agency_id: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(10), index=True)
    unverified: Mapped[bool] = mapped_column(default=False)
    done: Mapped[int] = mapped_column(default=0)
    rows: Mapped[int] = mapped_column(default=0)
    people: Mapped[dict[str, Any]] = mapped_column(default=dict)
    refused_rows: Mapped[int] = mapped_column(default=0)
    not_at_night: Mapped[int] = mapped_column(default=0)
    columns: Mapped[list[str]] = mapped_column(default=list)
    tries: Mapped[int] = mapped_column(default=0)
    reached: Mapped[int] = mapped_column(default=0)
    events_before: Mapped[int] = mapped_column(BigInteger, default=0)
    undone: Mapped[dict[str, Any]] = mapped_column(default=dict)
    undone_by: Mapped[str | None] = mapped_column(String(120))
    doubtful: Mapped[dict[str, Any]] = mapped_column(default=dict)
    endless: Mapped[dict[str, Any]] = mapped_column(default=dict)
    problem: Mapped[str | None] = mapped_column(String(LONGEST_PROBLEM))
    alive_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ImportPiece(Base):
    """A piece of a file that is being imported, `kind` being the file itself or what was refused of it."""

    __tablename__ = "people_import_pieces"

    import_id: Mapped[str] = mapped_column(ForeignKey("people_imports.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ImportedPerson(Base):
    """Somebody whom an import has added or changed, until that is undone or too old for it (`responder.imports.undoing`).

    `revision` is the person's own right after; `before` is what they were (`responder.imports.snapshots`), None for somebody
    new; `phone_before` is the number that the import took from them, if it did.
    """

    __tablename__ = "imported_people"

    import_id: Mapped[str] = mapped_column(ForeignKey("people_imports.id", ondelete="CASCADE"), primary_key=True)
    responder_id: Mapped[int] = mapped_column(
        ForeignKey("responders.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    kind: Mapped[str] = mapped_column(String(10))
    revision: Mapped[int]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    phone_before: Mapped[str | None] = mapped_column(String(20))


class ImportColumn(Base):
    """What a column of this name (`geo.names.key`) was chosen to be in the last file that had it; "" left it out."""

    __tablename__ = "import_columns"

    agency_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    column: Mapped[str] = mapped_column(String(40))
