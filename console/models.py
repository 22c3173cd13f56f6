"""Tables of the web shell: API keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class ApiKey(Base):
    """A key for programs. Only a hash of its secret is kept.

    A name is given once, also after its key was revoked: events say `key:NAME`, and a trail must not change its meaning.
    """

    __tablename__ = "api_keys"
    __table_args__ = (UniqueConstraint("agency_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(String(80))
    scopes: Mapped[list[str]]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
