"""The table of the links to a volunteer's own page, and of the visits that they open."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class PersonalLink(Base):
    """A link for one person on one phone. Only digests of its token, and of the cookie of the visit it opened, are kept.

    It can be opened while `opened_at` is empty and `expires_at` is to come. The visit lasts while it is used (`seen_at`), and
    neither outlives the number: both count only while `phone` is still the person's.
    """

    __tablename__ = "personal_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    responder_id: Mapped[int] = mapped_column(ForeignKey("responders.id", ondelete="CASCADE"), index=True)
    phone: Mapped[str] = mapped_column(String(40))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    cookie_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    seen_at: Mapped[datetime | None]
