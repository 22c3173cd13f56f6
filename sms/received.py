"""Storing what the carrier tells us: each text and each status once, however often it is told. What follows, the inbox does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from core import clock, events, log, queue
from core.database import storable
from core.ids import new_id
from core.services import Services, wake_after_commit
from sms.carriers.routes import TWILIO
from sms.models import CALL, IN, TO_HANDLE, Message, MessageStatus
from sms.once import insert_once

INBOUND = "inbound"
"""The purpose of every text that comes in."""
STATUS = "status"
KEY = "key"
_AN_ID = re.compile("[0-9a-f]{26}")
_NEWEST_UNHANDLED = select(func.max(Message.created_at)).where(TO_HANDLE, Message.phone == bindparam("phone"))
_log = log.get("webhooks")


@dataclass(frozen=True)
class Told:
    """One thing that the carrier told us: `kind` is INBOUND, STATUS or KEY (pressed in a call), `message_id` our own in the
    address of the latter two.

    `recovered`: it did not come when it was told, but was asked for later, so that newer texts may have been handled before.
    """

    kind: str
    form: Mapping[str, str]
    at: datetime
    message_id: str = ""
    recovered: bool = False
    carrier: str = TWILIO

    @property
    def phone(self) -> str:
        """The number at the other end, as far as it was given."""
        return _field(self.form, "From" if self.kind == INBOUND else "To", 20)


def store(services: Services, told: Told, patience_s: float | None = None) -> None:
    """Store it once per carrier id, together with others of the moment, and wake the inbox; stored means committed.

    Raises what the database raises, and TimeoutError after `patience_s` seconds.
    """
    services.write_together(partial(put, told=told), patience_s)


def put(session: Session, told: Told) -> None:
    """The same in the caller's transaction. What names no carrier id, or no message of ours, is only logged."""
    _PUTS[told.kind](session, told)


def _put_text(session: Session, told: Told) -> None:
    form, phone = told.form, told.phone
    carrier_id = _field(form, "MessageSid", 64)
    if not carrier_id or not phone:
        _log.warning("an incoming text without MessageSid or From", fields=sorted(form)[:30])
        return
    message_id = new_id()
    new = insert_once(
        session,
        Message,
        id=message_id,
        direction=IN,
        phone=phone,
        body=_field(form, "Body"),
        purpose=INBOUND,
        created_at=told.at if told.recovered else _after_the_last(session, phone, told.at),
        carrier_id=carrier_id,
        carrier=told.carrier,
        sender=_field(form, "To", 40) or None,
        carrier_status="received",
        opt_out_type=_field(form, "OptOutType", 10).upper() or None,
        recovered_at=clock.now() if told.recovered else None,
    )
    if new and told.recovered:
        events.record(session, "text_recovered", "carrier", message_id=message_id)
    wake_after_commit(session, queue.INBOX)
    _log.info(
        "text received" if new else "text received again", message_id=message_id if new else None, phone=log.masked(phone)
    )


def _put_status(session: Session, told: Told) -> None:
    message_id, form = told.message_id, told.form
    carrier_id = _field(form, "MessageSid", 64) or _field(form, "CallSid", 64)
    status = (_field(form, "MessageStatus", 20) or _field(form, "CallStatus", 20)).lower()
    if not carrier_id or not status:
        _log.warning("a status without the SID or the status of a text or call", fields=sorted(form)[:30])
        return
    if not _AN_ID.fullmatch(message_id) or session.get(Message, message_id) is None:
        _log.warning("a status of no message of ours", message_id=message_id[:26], carrier_id=carrier_id)
        return
    insert_once(
        session,
        MessageStatus,
        message_id=message_id,
        carrier_id=carrier_id,
        status=status,
        error_code=_field(told.form, "ErrorCode", 20),
        received_at=told.at,
    )
    wake_after_commit(session, queue.INBOX)


def _put_key(session: Session, told: Told) -> None:
    form, call = told.form, session.get(Message, told.message_id) if _AN_ID.fullmatch(told.message_id) else None
    call_sid, key = _field(form, "CallSid", 60), _field(form, "Digits", 1)
    if call is None or not call_sid or not key:
        _log.warning("a key pressed in no call of ours", message_id=told.message_id[:26])
        return
    insert_once(
        session,
        Message,
        id=new_id(),
        direction=IN,
        channel=CALL,
        phone=call.phone,
        body=_field(form, "Body") or key,
        purpose=INBOUND,
        created_at=_after_the_last(session, call.phone, told.at),
        carrier_id=key_id(call_sid, key),
        carrier=TWILIO,
        carrier_status="received",
    )
    wake_after_commit(session, queue.INBOX)
    _log.info("key pressed", call_id=call.id, phone=log.masked(call.phone))


def key_id(call_sid: str, key: str) -> str:
    """The carrier id of a key pressed in a call, the same however often we are told of it."""
    return f"{call_sid[:60]}-{key}"


_PUTS: dict[str, Callable[[Session, Told], None]] = {INBOUND: _put_text, STATUS: _put_status, KEY: _put_key}


def _field(form: Mapping[str, str], name: str, longest: int | None = None) -> str:
    """A field as the database can hold it, and no more of it than the column is wide."""
    return storable(form.get(name, ""))[:longest]


def _after_the_last(session: Session, phone: str, at: datetime) -> datetime:
    """When it came, but later than the newest unhandled text of this number: texts are handled in this order, and clocks step
    back."""
    newest = session.scalar(_NEWEST_UNHANDLED, {"phone": phone})
    return at if newest is None or newest < at else newest + timedelta(microseconds=1)
