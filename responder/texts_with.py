"""The texts with one person, newest first, as much of them as whoever looks may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from responder.certificates import first_alarms, verifying
from responder.links.making import without_tokens
from sms import loop_guard
from sms.models import IN, Message

PAGE = 30
HARMLESS = (None, verifying.ABOUT, first_alarms.ABOUT)
"""`about_kind` of texts that are about no emergency."""


@dataclass(frozen=True)
class Text:
    """One text; `body` is None where whoever looks may not read it, `state` that of its row, or HELD_BACK."""

    id: str
    at: datetime
    is_theirs: bool
    body: str | None
    state: str | None
    carrier_status: str | None


def with_contact(session: Session, contact_id: int, *, all_bodies: bool, before: str | None = None) -> Sequence[Text]:
    """A page of texts, those older than the text `before`.

    Words about an emergency may tell of a patient: they are shown only with `all_bodies` (design.md, who sees what). A text
    that nobody has looked at yet may be about one too.
    """
    wanted = select(Message).where(Message.contact_id == contact_id)
    if before is not None:
        older = select(Message.created_at, Message.id).where(Message.id == before, Message.contact_id == contact_id)
        wanted = wanted.where(tuple_(Message.created_at, Message.id) < older.scalar_subquery())
    rows = session.scalars(wanted.order_by(Message.created_at.desc(), Message.id.desc()).limit(PAGE))
    return [_shown(row, all_bodies or _is_harmless(row)) for row in rows]


def _is_harmless(row: Message) -> bool:
    return row.about_kind in HARMLESS and (row.direction != IN or row.handled_at is not None)


def _shown(row: Message, readable: bool) -> Text:
    body = without_tokens(row.body) if readable else None
    state = loop_guard.HELD_BACK if row.error_code == loop_guard.HELD_BACK else row.state
    return Text(row.id, row.created_at, row.direction == IN, body, state, row.carrier_status)
