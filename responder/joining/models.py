"""Tables of joining: what people have agreed to, who has no number of their own, and whose code is awaited."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class Consent(Base):
    """Somebody agreed to be asked, or took that back: which version of the terms, how, when, and who wrote it down.

    Rows are only ever added. They hold no name, so they outlive an erasure as the proof that they are.
    """

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    responder_id: Mapped[int] = mapped_column(ForeignKey("responders.id"), index=True)
    given: Mapped[bool]
    version: Mapped[str] = mapped_column(String(20))
    how: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(120))


class SharedNumber(Base):
    """Somebody wishes to join from a number that belongs to a volunteer (`responder_id`): they have no own number. An admin
    finds a way with them, and says so."""

    __tablename__ = "shared_numbers"

    id: Mapped[int] = mapped_column(primary_key=True)
    responder_id: Mapped[int] = mapped_column(ForeignKey("responders.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None] = mapped_column(index=True)
    settled_by: Mapped[str | None] = mapped_column(String(120))


class JoinAttempt(Base):
    """What somebody typed into the join form, waiting for the code that proves their phone; emptied when that
    can come no more, gone after a day.

    Of code and token only digests are kept. `network` is a digest too: where it came from, to slow down whoever tries many.
    """

    __tablename__ = "join_attempts"
    __table_args__ = (Index("ix_join_attempts_created_at", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    phone: Mapped[str] = mapped_column(String(40))
    network: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    person: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]
