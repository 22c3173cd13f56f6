"""The outbox: texts and calls are rows, written in the transaction of the decision that wants them, sent after its commit."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock, events, queue
from core.ids import new_id
from core.services import wake_after_commit
from sms import loop_guard
from sms.models import CALL, CANCELLED, DUE, OUT, REFUSED, SMS, Contact, Message, MessageStatus
from sms.purposes import PRIORITY, SAFETY

OPTED_OUT = "opted_out"
"""The error code of a text that was never sent because its contact wants none."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A text to be sent, or a call that begins with `body`: to whom, about what, and until when it is worth sending. `rank`
    orders those of one purpose (0 goes first, e.g. the nearest volunteer); `send_at` is None for now."""

    contact: Contact
    body: str
    purpose: str
    about_kind: str | None
    about_id: str | None
    expires_at: datetime
    rank: int = 0
    send_at: datetime | None = None
    channel: str = SMS


def put(session: Session, drafts: Iterable[Draft]) -> list[Message]:
    """Write the drafts into the outbox, in their order; they leave after the commit.

    A draft for a contact that opted out becomes a row that is refused from the start (`opted_out`); whoever the text is about
    hears of it as of any text that failed. An answer too many is cancelled from the start (`sms.loop_guard`). Raises ValueError
    for an unknown purpose or an empty text.
    """
    messages = [_row(draft) for draft in drafts]
    for message in messages:
        loop_guard.guard(session, message)
    session.add_all(messages)
    refused = [message for message in messages if message.state == REFUSED]
    if refused:
        session.flush()  # their statuses refer to them
    for message in refused:
        _refuse(session, message)
    if any(message.state == DUE for message in messages):
        wake_after_commit(session, queue.OUTBOX)
    return messages


def cancel(session: Session, about_kind: str, about_ids: Collection[str], purposes: Collection[str] | None = None) -> set[str]:
    """Take back what has not left yet, calls too. Returns the about_ids of which a text was taken back; the texts of the
    others may have left (or there was none). A text that a sender has its hand on at this moment counts as one that may have
    left: waiting for it here could mean waiting for somebody who waits for the caller."""
    if not about_ids:
        return set()
    wanted = [Message.direction == OUT, Message.state == DUE, Message.about_kind == about_kind]
    wanted.append(Message.about_id.in_(about_ids))
    if purposes is not None:
        wanted.append(Message.purpose.in_(purposes))
    free = select(Message.id).where(*wanted).with_for_update(skip_locked=True)
    cancelled = session.execute(
        update(Message)
        .where(Message.id.in_(free), Message.state == DUE)
        .values(state=CANCELLED)
        .returning(Message.about_id, Message.channel)
        .execution_options(synchronize_session=False)
    )
    return {about_id for about_id, channel in cancelled if about_id is not None and channel == SMS}


def is_blocked(channel: str, purpose: str) -> bool:
    """Whether an opt-out holds this back. It is one from texts, and nobody is rung against it to be asked anything; but whoever
    must get away from a danger is rung all the same."""
    return not (channel == CALL and purpose == SAFETY)


def _row(draft: Draft) -> Message:
    if draft.purpose not in PRIORITY:
        raise ValueError(f"{draft.purpose!r} is not a purpose; one of {', '.join(PRIORITY)}")
    if not draft.body.strip():
        raise ValueError("a text needs words")
    now = clock.now()
    blocked = draft.contact.opted_out_at is not None and is_blocked(draft.channel, draft.purpose)
    return Message(
        id=new_id(),
        agency_id=draft.contact.agency_id,
        direction=OUT,
        channel=draft.channel,
        contact_id=draft.contact.id,
        phone=draft.contact.phone,
        body=draft.body,
        purpose=draft.purpose,
        about_kind=draft.about_kind,
        about_id=draft.about_id,
        created_at=now,
        state=REFUSED if blocked else DUE,
        error_code=OPTED_OUT if blocked else None,
        priority=PRIORITY[draft.purpose],
        rank=draft.rank,
        send_at=draft.send_at or now,
        expires_at=draft.expires_at,
    )


def _refuse(session: Session, message: Message) -> None:
    """Tell ourselves what the carrier would have told us: the inbox then hands it up like every other failure."""
    session.add(
        MessageStatus(message_id=message.id, carrier_id="", status="failed", error_code=OPTED_OUT, received_at=clock.now())
    )
    kind = "call_refused" if message.channel == CALL else "text_refused"
    events.record(session, kind, message_id=message.id, reason=OPTED_OUT, purpose=message.purpose)
    wake_after_commit(session, queue.INBOX)
