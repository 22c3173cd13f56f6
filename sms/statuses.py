"""The life of a text or a call at the carrier, told by its callbacks: late, doubled, in any order, and never downwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from core import events, log
from sms import error_table, measures, troubles
from sms.again import again
from sms.carriers import health
from sms.carriers.judging import Tally
from sms.carriers.routes import routes_of
from sms.error_table import Retry
from sms.models import CALL, TAKEN, Contact, Message, MessageStatus
from sms.results import tell_outcome
from sms.wire import DELIVERED, FAILED, Wire
from sms.wire import TAKEN as TAKEN_OUTCOME

RANK = {
    "accepted": 1,
    "scheduled": 2,
    "queued": 3,
    "sending": 4,
    "sent": 5,
    "partially_delivered": 5,
    "initiated": 5,
    "ringing": 6,
    "in-progress": 7,
    "undelivered": 8,
    "failed": 8,
    "canceled": 8,
    "busy": 8,
    "no-answer": 8,
    "delivered": 9,
    "completed": 9,
    "read": 10,
}
"""sms-facts 1.4: a message's status is the highest that was ever told, whatever order they come in. Texts and calls share the
table, for no status means one thing for the ones and another for the others."""
OUTCOMES = {
    "undelivered": FAILED,
    "failed": FAILED,
    "canceled": FAILED,
    "busy": FAILED,
    "no-answer": FAILED,
    "delivered": DELIVERED,
}
"""A call that was completed is none: somebody, or a mailbox, picked up. What counts is a key that is pressed."""
_log = log.get("inbox")
_TOLD = Message.id == bindparam("told")
_HIGHER = or_(Message.carrier_status.is_(None), Message.carrier_status.in_(bindparam("below", expanding=True)))
_CHANGE = update(Message).returning(Message).execution_options(synchronize_session=False, populate_existing=True)
# Built once: a carrier tells three of each text, and to build them anew took longer than to write them.
_ADOPT = _CHANGE.where(_TOLD, Message.carrier_id.is_(None)).values(
    carrier_id=bindparam("as_told"),
    state=TAKEN,
    taken_at=bindparam("at"),
    error_code=None,
    claim=None,
    claimed_until=None,
    unknown_since=None,
)
_RISE = _CHANGE.where(_TOLD, _HIGHER).values(carrier_status=bindparam("status"))
_FAIL = _RISE.values(error_code=bindparam("code"))
_FAIL_THE_ONE = _FAIL.where(Message.carrier_id == bindparam("as_told"))
"""Of the two lives that a text has which was sent twice, one."""

_TOLD_OF = (
    select(Message, Contact.trouble)
    .outerjoin(Contact, Contact.id == Message.contact_id)
    .where(Message.id.in_(bindparam("ids", expanding=True)))
    .execution_options(populate_existing=True)
)


def below(status: str) -> list[str]:
    """The statuses that `status` may take the place of; none for one we do not know."""
    rank = RANK.get(status, 0)
    return [other for other, theirs in RANK.items() if theirs < rank]


@dataclass(frozen=True)
class ToldOf:
    """The messages that some statuses tell of, read together, and the ids of those whose number is in trouble."""

    messages: Mapping[str, Message]
    in_trouble: frozenset[str]

    @classmethod
    def read(cls, session: Session, rows: Sequence[MessageStatus]) -> ToldOf:
        """For as long as this is held, `apply` need not read them one by one."""
        found = session.execute(_TOLD_OF, {"ids": [told.message_id for told in rows]}).all()
        in_trouble = frozenset(message.id for message, trouble in found if trouble is not None)
        return cls({message.id: message for message, _trouble in found}, in_trouble)

    @property
    def about(self) -> dict[str, str | None]:
        """What they are about, by their ids."""
        return {message.id: message.about_id for message in self.messages.values()}

    def touches_a_number(self, told: MessageStatus) -> bool:
        """Whether it may say something of the number itself: a failure does, and any word of one that is in trouble."""
        return OUTCOMES.get(told.status) == FAILED or told.message_id in self.in_trouble


def apply(wire: Wire, session: Session, told: MessageStatus) -> None:
    """Let a status have its effect on its message, and tell the rooms above when it had one that concerns them."""
    if told.status not in RANK:
        _log.warning("a status we do not know", message_id=told.message_id, status=told.status)
        return
    message = session.get_one(Message, told.message_id)
    # Whatever of it is read below is as it is now: each of the two writes brings it up to date.
    adopted = bool(told.carrier_id) and message.carrier_id is None and _adopt(session, told)
    rose = _rise(session, told)
    if adopted:
        tell_outcome(wire, session, message, TAKEN_OUTCOME, "")
    if not rose or told.status not in OUTCOMES:
        return
    measures.ended(told.status, told.error_code if OUTCOMES[told.status] == FAILED else None)
    if message.channel == CALL:
        _call_ended(wire, session, message, told)
    elif OUTCOMES[told.status] == FAILED:
        _failed(wire, session, message, told)
    else:
        troubles.texts_arrive(wire, session, message.contact_id)
        tell_outcome(wire, session, message, DELIVERED, "")


def _call_ended(wire: Wire, session: Session, message: Message, told: MessageStatus) -> None:
    """Nobody picked up, or the call came through. It says nothing of whether texts arrive, and is not made once more here."""
    if OUTCOMES[told.status] == FAILED and told.carrier_id:
        events.record(session, "call_failed", "carrier", message_id=message.id, status=told.status, reason=told.error_code)
    tell_outcome(wire, session, message, OUTCOMES[told.status], told.error_code)


def _failed(wire: Wire, session: Session, message: Message, told: MessageStatus) -> None:
    row = error_table.row(told.error_code or told.status)
    routes = routes_of(wire.services.settings)
    route = next((one for one in routes if (one.carrier, one.sender) == (message.carrier, message.sender)), None)
    if told.carrier_id:
        troubles.note(wire, session, message.id, row, route)
        events.record(session, "text_failed", "carrier", message_id=message.id, status=told.status, reason=told.error_code)
    tell_outcome(wire, session, message, FAILED, told.error_code)
    if told.carrier_id:
        again(wire, session, message, row)
        if route is not None and row.tell and row.retry is Retry.CARRIER:
            health.note(wire, session, {route.carrier: Tally(bad=1)}, dict.fromkeys(one.carrier for one in routes))


def _adopt(session: Session, told: MessageStatus) -> bool:
    """The callback is the first to tell that the carrier has the text: the answer to our request was lost, or is slower."""
    given = {"told": told.message_id, "as_told": told.carrier_id, "at": told.received_at}
    return session.execute(_ADOPT, given).first() is not None


def _rise(session: Session, told: MessageStatus) -> bool:
    """Move the message's status up to this one; False when it is there or higher already.

    A text that was sent twice has two lives at the carrier: good news of the other copy counts, its failure does not.
    """
    change, given = _RISE, {"told": told.message_id, "below": below(told.status), "status": told.status}
    if OUTCOMES.get(told.status) == FAILED:
        change, given = _FAIL, given | {"code": told.error_code or told.status}
        if told.carrier_id:
            change, given = _FAIL_THE_ONE, given | {"as_told": told.carrier_id}
    return session.execute(change, given).first() is not None
