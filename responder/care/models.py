"""Tables of the care for people: how they are after an emergency, and the calls that they were promised."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class CareQuestion(Base):
    """Somebody was asked how they are after an emergency (`callout_id`), once for each `step`, and what they answered: that is
    forgotten after a while (`responder.care.forgetting`)."""

    __tablename__ = "care_questions"
    __table_args__ = (
        Index(
            "ix_care_questions_told",
            "answered_at",
            sqlite_where=text("answer IS NOT NULL"),
            postgresql_where=text("answer IS NOT NULL"),
        ),
    )

    callout_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    step: Mapped[str] = mapped_column(String(10), primary_key=True)
    responder_id: Mapped[int] = mapped_column(ForeignKey("responders.id", ondelete="CASCADE"), index=True)
    asked_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(String(10))
    answered_at: Mapped[datetime | None]


class CallBack(Base):
    """Somebody is to be rung by `due_at`, because they asked for it or wrote that they are not so well (`wish`).

    While `holds` and nobody has rung, they are asked to no emergency. One at a time waits for a person.
    """

    __tablename__ = "call_backs"
    __table_args__ = (
        Index(
            "uq_call_backs_one_waits",
            "responder_id",
            unique=True,
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
        Index("ix_call_backs_responder_id", "responder_id"),
        Index("ix_call_backs_done_at", "done_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    responder_id: Mapped[int] = mapped_column(ForeignKey("responders.id", ondelete="CASCADE"))
    wish: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
    due_at: Mapped[datetime]
    holds: Mapped[bool]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(String(120))
    note: Mapped[str | None] = mapped_column(String(500))
