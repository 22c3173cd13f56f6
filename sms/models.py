"""Tables of the wire: contacts, messages in both directions, and every status a message went through."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, TextClause, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base

OUT, IN = "out", "in"

DUE = "due"
CLAIMED = "claimed"
UNKNOWN = "unknown"
TAKEN = "taken"
REFUSED = "refused"
CANCELLED = "cancelled"
EXPIRED = "expired"
"""States of an outgoing message. due: waits to be sent; claimed: a sender holds it under a lease; unknown: the request may or
may not have reached the carrier; taken: the carrier answered 201; refused: it answered no; cancelled: not needed any more;
expired: past its end of life before it could leave."""


class Contact(Base):
    """A phone that texts go to and come from."""

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("agency_id", "phone"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(default=1)
    phone: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(8), default="en")
    opted_out_at: Mapped[datetime | None]
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


TO_HANDLE: TextClause = text("messages.direction = 'in' AND messages.handled_at IS NULL")
"""What has come in and waits: word for word the condition of the partial index, which SQLite uses only then."""


class Message(Base):
    """One text, out or in. An outgoing one is an outbox row, written in the transaction of the decision that wants it."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("carrier_id"),
        Index(
            "ix_messages_to_send",
            "priority",
            "rank",
            "send_at",
            sqlite_where=text("state IN ('due', 'claimed', 'unknown')"),
            postgresql_where=text("state IN ('due', 'claimed', 'unknown')"),
        ),
        Index(
            "ix_messages_to_handle",
            "created_at",
            sqlite_where=text("direction = 'in' AND handled_at IS NULL"),
            postgresql_where=text("direction = 'in' AND handled_at IS NULL"),
        ),
        Index("ix_messages_about", "about_kind", "about_id"),
        Index("ix_messages_contact_id", "contact_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    agency_id: Mapped[int] = mapped_column(default=1)
    direction: Mapped[str] = mapped_column(String(3))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    phone: Mapped[str] = mapped_column(String(20))
    body: Mapped[str]
    purpose: Mapped[str] = mapped_column(String(40))
    about_kind: Mapped[str | None] = mapped_column(String(20))
    about_id: Mapped[str | None] = mapped_column(String(26))
    created_at: Mapped[datetime]

    carrier_id: Mapped[str | None] = mapped_column(String(64))
    carrier_status: Mapped[str | None] = mapped_column(String(20))
    error_code: Mapped[str | None] = mapped_column(String(20))

    # Out only. `attempts` counts requests that may have reached the carrier, `retries` those that surely did not.
    state: Mapped[str | None] = mapped_column(String(10))
    priority: Mapped[int] = mapped_column(default=0)
    rank: Mapped[int] = mapped_column(default=0)
    send_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    retries: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str | None] = mapped_column(String(26))
    claimed_until: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    unknown_since: Mapped[datetime | None]

    # In only. `opt_out_type` is what the carrier itself did about opting out: STOP, START or HELP.
    opt_out_type: Mapped[str | None] = mapped_column(String(10))
    handled_at: Mapped[datetime | None]
    handling_failures: Mapped[int] = mapped_column(default=0)
    handle_after: Mapped[datetime | None]


class MessageStatus(Base):
    """A status that the carrier told us of a message; kept even when it changes nothing.

    One without a `carrier_id` we told ourselves: a text that was refused before it could become a request.
    """

    __tablename__ = "message_statuses"
    __table_args__ = (
        # A message that was sent twice has two lives at the carrier; one's statuses must not hide the other's.
        UniqueConstraint("message_id", "carrier_id", "status", "error_code"),
        Index(
            "ix_message_statuses_to_handle",
            "id",
            sqlite_where=text("handled_at IS NULL"),
            postgresql_where=text("handled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"))
    carrier_id: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(20))
    error_code: Mapped[str] = mapped_column(String(20), default="")
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    handling_failures: Mapped[int] = mapped_column(default=0)
    handle_after: Mapped[datetime | None]
