"""Tables of joining: what people have agreed to, and those who have no number of their own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
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
