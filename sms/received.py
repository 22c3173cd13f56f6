"""Storing what the carrier tells us: each text and each status once, however often it is told. What follows, the inbox does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core import clock, log, queue
from core.ids import new_id
from core.services import Services, wake_after_commit
from sms.models import IN, TO_HANDLE, Message, MessageStatus
from sms.once import insert_once

INBOUND = "inbound"
"""The purpose of every text that comes in."""
_AN_ID = re.compile("[0-9a-f]{26}")
_NEWEST_UNHANDLED = select(func.max(Message.created_at)).where(TO_HANDLE, Message.phone == bindparam("phone"))
_log = log.get("webhooks")


def store_text(services: Services, form: Mapping[str, str]) -> None:
    """Store an incoming text once per MessageSid and wake the inbox; stored means committed."""
    carrier_id, phone = _field(form, "MessageSid", 64), _field(form, "From", 20)
    if not carrier_id or not phone:
        _log.warning("an incoming text without MessageSid or From", fields=sorted(form)[:30])
        return
    message_id = new_id()
    new = False

    def store(session: Session) -> None:
        nonlocal new
        new = insert_once(
            session,
            Message,
            id=message_id,
            direction=IN,
            phone=phone,
            body=_field(form, "Body"),
            purpose=INBOUND,
            created_at=_after_the_last(session, phone),
            carrier_id=carrier_id,
            carrier_status="received",
            opt_out_type=_field(form, "OptOutType", 10).upper() or None,
        )
        wake_after_commit(session, queue.INBOX)

    _write(services, store)
    _log.info(
        "text received" if new else "text received again", message_id=message_id if new else None, phone=log.masked(phone)
    )


def store_status(services: Services, message_id: str, form: Mapping[str, str]) -> None:
    """Store a status of our message `message_id` once and wake the inbox; one of no message of ours is only logged."""
    carrier_id, status = _field(form, "MessageSid", 64), _field(form, "MessageStatus", 20).lower()
    if not carrier_id or not status:
        _log.warning("a status without MessageSid or MessageStatus", fields=sorted(form)[:30])
        return

    def store(session: Session) -> None:
        if not _AN_ID.fullmatch(message_id) or session.get(Message, message_id) is None:
            _log.warning("a status of no message of ours", message_id=message_id[:26], carrier_id=carrier_id)
            return
        insert_once(
            session,
            MessageStatus,
            message_id=message_id,
            carrier_id=carrier_id,
            status=status,
            error_code=_field(form, "ErrorCode", 20),
            received_at=clock.now(),
        )
        wake_after_commit(session, queue.INBOX)

    _write(services, store)


def _write(services: Services, store: Callable[[Session], None]) -> None:
    """Store together with others of the moment; alone when that breaks. On PostgreSQL many statuses in one transaction and many
    results in another can lock the same messages in opposite order, and one of them loses; a single row never does."""
    try:
        services.write_together(store)
    except OperationalError as error:
        _log.warning("stored alone", error=type(error).__name__)
        with services.write() as session:
            store(session)


def _field(form: Mapping[str, str], name: str, longest: int | None = None) -> str:
    """A field as PostgreSQL can hold it: it takes no NUL, and no more than the column is wide."""
    return form.get(name, "").replace("\0", "")[:longest]


def _after_the_last(session: Session, phone: str) -> datetime:
    """Now, but later than the newest unhandled text of this number: texts are handled in this order, and clocks step back."""
    newest = session.scalar(_NEWEST_UNHANDLED, {"phone": phone})
    now = clock.now()
    return now if newest is None or newest < now else newest + timedelta(microseconds=1)
