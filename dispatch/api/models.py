"""The table that counts how many incidents each API key has opened in the last minute."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class Opening(Base):
    """One incident that an API key opened, or is just opening; kept for a minute.

    Not counted from the incidents themselves: several web processes that count at the same moment would each see room
    for one more, while a place that is taken before the incident is written is seen by all of them.
    """

    __tablename__ = "api_openings"
    __table_args__ = (Index("ix_api_openings_actor_at", "actor", "at"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    actor: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
