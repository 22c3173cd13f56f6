"""Tables of what is done to many people at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class BulkAction(Base):
    """One deed for many people: looked at, then at work, then done; afterwards perhaps undone.

    `alive_at` moves while a process works on it; `tries` counts how often another one took it over. `deed` is a key of
    `responder.bulk.deeds.DEEDS`. Whoever says that it be done, or taken back (`said_by`), answers for it; `created_by` only
    made the list.
    """

    __tablename__ = "bulk_actions"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    agency_id: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(120))
    deed: Mapped[str] = mapped_column(String(20))
    because: Mapped[str] = mapped_column(String(300), default="")
    until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(10))
    said_by: Mapped[str | None] = mapped_column(String(120))
    people: Mapped[int] = mapped_column(default=0)
    alive_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    ended_at: Mapped[datetime | None]

    @property
    def actor(self) -> str:
        """Who does what is being done."""
        return self.said_by or self.created_by


class BulkPerson(Base):
    """One person of a bulk action. `outcome` is None until it is their turn, then `done`, or why not; `before` is what an undo
    goes back to, as the deed wrote it."""

    __tablename__ = "bulk_people"
    __table_args__ = (
        Index("ix_bulk_people_outcome", "action_id", "outcome", "responder_id"),
        {"sqlite_with_rowid": False},
    )

    action_id: Mapped[str] = mapped_column(ForeignKey("bulk_actions.id", ondelete="CASCADE"), primary_key=True)
    responder_id: Mapped[int] = mapped_column(ForeignKey("responders.id", ondelete="CASCADE"), primary_key=True)
    outcome: Mapped[str | None] = mapped_column(String(12))
    before: Mapped[str | None] = mapped_column(String(40))
