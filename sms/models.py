"""Tables of the wire: contacts, messages in both directions, every status a message went through, and the turn to ring."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, TextClause, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base

OUT, IN = "out", "in"
SMS, CALL = "sms", "call"
"""Channels of a message: a text, or a voice call (whose `body` is what is spoken first; coming in, a key that was pressed)."""

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
UNDERWAY = ("accepted", "scheduled", "queued", "sending", "sent")
TO_REDACT = "carrier_id IS NOT NULL AND redacted_at IS NULL AND channel = 'sms'"
"""Texts whose words the carrier still has, for all we know."""
AWAITED = f"state = 'taken' AND carrier_status IN {UNDERWAY}"
"""Texts whose last word from the carrier is not its last one."""


class Contact(Base):
    """A phone that texts go to and come from. `trouble` is what carriers say is wrong with its number (`sms.error_table`);
    `carrier` and `sender` are where its owner's newest text came in, and ours go out from there."""

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("agency_id", "phone"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(default=1)
    phone: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(8), default="en")
    opted_out_at: Mapped[datetime | None]
    demo: Mapped[bool] = mapped_column(default=False)
    trouble: Mapped[str | None] = mapped_column(String(12))
    trouble_since: Mapped[datetime | None]
    carrier: Mapped[str | None] = mapped_column(String(10))
    sender: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime]


TO_SEND: TextClause = text("messages.state IN ('due', 'claimed', 'unknown')")
TO_HANDLE: TextClause = text("messages.direction = 'in' AND messages.handled_at IS NULL")
"""What waits to leave, and what has come in and waits: word for word the conditions of the partial indexes, which SQLite uses
only then."""


class Message(Base):
    """One text or call, out or in. One going out is an outbox row, written in the transaction of the decision that wants it."""

    __tablename__ = "messages"
    __table_args__ = (
        # Of rows with a name alone: no key for PostgreSQL, so that writing the name does not wait for the statuses of the text.
        Index(
            "ix_messages_carrier_id",
            "carrier_id",
            unique=True,
            sqlite_where=text("carrier_id IS NOT NULL"),
            postgresql_where=text("carrier_id IS NOT NULL"),
        ),
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
        Index(
            "ix_messages_to_handle_of",
            "phone",
            "created_at",
            sqlite_where=text("direction = 'in' AND handled_at IS NULL"),
            postgresql_where=text("direction = 'in' AND handled_at IS NULL"),
        ),
        Index(
            "ix_messages_to_ask_about",
            "taken_at",
            sqlite_where=text(AWAITED),
            postgresql_where=text(AWAITED),
        ),
        Index(
            "ix_messages_to_redact",
            "carrier",
            "id",
            sqlite_where=text(TO_REDACT),
            postgresql_where=text(TO_REDACT),
        ),
        Index("ix_messages_about", "about_kind", "about_id"),
        Index("ix_messages_contact_id", "contact_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    agency_id: Mapped[int] = mapped_column(default=1)
    direction: Mapped[str] = mapped_column(String(3))
    channel: Mapped[str] = mapped_column(String(4), default=SMS, server_default=SMS)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    phone: Mapped[str] = mapped_column(String(20))
    body: Mapped[str]
    purpose: Mapped[str] = mapped_column(String(40))
    about_kind: Mapped[str | None] = mapped_column(String(20))
    about_id: Mapped[str | None] = mapped_column(String(26))
    created_at: Mapped[datetime]

    # The carrier that has it or was asked last, and our own number there.
    carrier: Mapped[str | None] = mapped_column(String(10))
    sender: Mapped[str | None] = mapped_column(String(40))
    carrier_id: Mapped[str | None] = mapped_column(String(64))
    carrier_status: Mapped[str | None] = mapped_column(String(20))
    error_code: Mapped[str | None] = mapped_column(String(20))
    # When the carrier had forgotten the words, at our wish; and when it is asked again, having said no.
    redacted_at: Mapped[datetime | None]
    redact_after: Mapped[datetime | None]

    # Out only. `attempts` counts requests that may have reached the carrier, `retries` those that surely did not;
    # `claimed_by` is the place (`sms.left_behind`) of the sender that claimed it last;
    # `in_answer_to` is the incoming text that this one answers by itself.
    state: Mapped[str | None] = mapped_column(String(10))
    priority: Mapped[int] = mapped_column(default=0)
    rank: Mapped[int] = mapped_column(default=0)
    send_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    retries: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str | None] = mapped_column(String(26))
    claimed_by: Mapped[str | None] = mapped_column(String(26))
    claimed_until: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    unknown_since: Mapped[datetime | None]
    in_answer_to: Mapped[str | None] = mapped_column(String(26))
    # Ways that would not take it (`sms.carriers.routes`); and the text of ours that this one repeats, because that one failed.
    avoid: Mapped[str | None] = mapped_column(String(400))
    again_of: Mapped[str | None] = mapped_column(String(26))

    # In only. `opt_out_type` is what the carrier itself did about opting out: STOP, START or HELP; `recovered_at` is when
    # a text was found at the carrier that no webhook had told us of.
    opt_out_type: Mapped[str | None] = mapped_column(String(10))
    recovered_at: Mapped[datetime | None]
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


class CallTurn(Base):
    """When the next call may start: one row, which all processes take turns by."""

    __tablename__ = "call_turns"

    id: Mapped[int] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]


class Canary(Base):
    """A text that went out through the real carrier only to come back: whether texts travel at all. `token` is in its words."""

    __tablename__ = "canaries"

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(default=1)
    token: Mapped[str] = mapped_column(String(8), unique=True)
    sent_at: Mapped[datetime] = mapped_column(index=True)
    came_back_at: Mapped[datetime | None]
