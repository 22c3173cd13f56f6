"""One more copy of a text that its carrier took and then could not deliver, where its error code says that this may help."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from core import clock, events, queue
from core.ids import new_id
from core.services import wake_after_commit
from sms.attempts import avoided_by
from sms.carriers.finding import avoided
from sms.carriers.routes import routes_of
from sms.error_table import Retry, Row
from sms.models import DUE, OUT, Message
from sms.wire import Wire

PAUSE = timedelta(seconds=10)
"""A phone without coverage may have some by then."""
LEAST_LIFE = timedelta(seconds=10)
"""A copy with less left to live than this would come too late."""


def again(wire: Wire, session: Session, message: Message, row: Row) -> bool:
    """Put a copy of the failed `message` into the outbox, once, if `row` allows it and a way is left that has not failed.
    Whoever the text is about hears of the failure all the same, and waits for no copy."""
    now = clock.now()
    send_at = now + PAUSE if row.retry is Retry.LATER else now
    if row.retry is Retry.NO or message.again_of is not None or not message.phone:
        return False
    if message.expires_at is not None and message.expires_at < send_at + LEAST_LIFE:
        return False
    routes = routes_of(wire.services.settings)
    failed = next((one for one in routes if (one.carrier, one.sender) == (message.carrier, message.sender)), None)
    avoid = avoided(message) | avoided_by(row.retry, failed)
    if all({route.carrier, route.name} & avoid for route in routes):
        return False
    copy = _copy(message, send_at, avoid)
    session.add(copy)
    session.flush()
    events.record(session, "text_again", message_id=copy.id, again_of=message.id, purpose=message.purpose, reason=row.code)
    wake_after_commit(session, queue.OUTBOX)
    return True


def _copy(message: Message, send_at: datetime, avoid: frozenset[str]) -> Message:
    kept = ("agency_id", "contact_id", "phone", "body", "purpose", "about_kind", "about_id", "priority", "rank", "expires_at")
    return Message(
        id=new_id(),
        direction=OUT,
        state=DUE,
        created_at=message.created_at,
        send_at=send_at,
        avoid=" ".join(sorted(avoid)) or None,
        again_of=message.id,
        **{name: getattr(message, name) for name in kept},
    )
