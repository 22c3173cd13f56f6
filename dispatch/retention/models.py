"""The table of what strangers had erased on request."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.database import Base


class ErasedOnRequest(Base):
    """A text or a report that was erased before its time because somebody asked: `key` is the id of its row, `made_at` when it
    came in. (An emergency that was erased says so itself.) `dispatch.retention.forgotten_list` keeps it beside the database."""

    __tablename__ = "erased_on_request"

    what: Mapped[str] = mapped_column(String(10), primary_key=True)
    key: Mapped[str] = mapped_column(String(26), primary_key=True)
    made_at: Mapped[datetime]
    erased_at: Mapped[datetime] = mapped_column(default=clock.now)
