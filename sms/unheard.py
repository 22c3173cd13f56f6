"""Comparing the carrier's log with our rows: which of its texts are ours, which are lost ones of ours, which nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from sms.gateway import Logged
from sms.models import OUT, Contact, Message, MessageStatus

CLOCKS_MAY_DIFFER = timedelta(minutes=1)
_TOGETHER = 500
_MICROSECOND = timedelta(microseconds=1)


@dataclass
class Ours:
    """`known`: outgoing texts whose carrier id we hold, by that id. `lost`: ours by number and words, whose carrier id we never
    heard, with our message id. `unheard`: all others that we hold nothing of, incoming and outgoing, oldest first."""

    known: dict[str, Logged] = field(default_factory=dict)
    lost: list[tuple[str, Logged]] = field(default_factory=list)
    unheard: list[Logged] = field(default_factory=list)


def find_ours(session: Session, logged: Sequence[Logged]) -> Ours:
    """Sort what is on the log, given oldest first; reads only."""
    held = {carrier_id for part in _parts(logged) for carrier_id in session.scalars(_held(part))}
    ours = Ours()
    matched: set[str] = set()
    for one in logged:
        if one.carrier_id in held:
            if not one.incoming:
                ours.known[one.carrier_id] = one
        elif one.incoming:
            ours.unheard.append(one)
        else:
            _match(session, ours, one, matched)
    return ours


def said_at(session: Session, logged: Sequence[Logged]) -> dict[str, datetime]:
    """When each incoming text of the log that we hold nothing of counts as said, by carrier id; the log is given oldest first.

    The ones that we hold count from when they reached us, which may have been long after they were said. So that what was said
    last counts last, the others are put between those of their phone as the log has them.
    """
    incoming = [one for one in logged if one.incoming]
    held: dict[str, datetime] = {}
    for part in _parts(incoming):
        wanted = select(Message.carrier_id, Message.created_at).where(Message.carrier_id.in_(part))
        held |= {carrier_id: at for carrier_id, at in session.execute(wanted) if carrier_id is not None}
    return in_the_logs_order(incoming, held)


def in_the_logs_order(incoming: Sequence[Logged], held: Mapping[str, datetime]) -> dict[str, datetime]:
    """The moments of those that are not `held`: not before they were said, after every text that their phone said before them,
    and, above all, before every one that it said after them."""
    moments: dict[str, datetime] = {}
    latest: dict[str, datetime] = {}
    for one in incoming:
        before = latest.get(one.phone)
        at = held.get(one.carrier_id) or (one.at if before is None else max(one.at, before + _MICROSECOND))
        moments[one.carrier_id] = at
        latest[one.phone] = at if before is None else max(at, before)
    earliest: dict[str, datetime] = {}
    for one in reversed(incoming):
        after, at = earliest.get(one.phone), moments[one.carrier_id]
        if one.carrier_id not in held and after is not None:
            at = moments[one.carrier_id] = min(at, after - _MICROSECOND)
        earliest[one.phone] = at if after is None else min(at, after)
    return {carrier_id: at for carrier_id, at in moments.items() if carrier_id not in held}


def _match(session: Session, ours: Ours, one: Logged, matched: set[str]) -> None:
    """Find the row of an outgoing text: one without a carrier id, or one that was sent more than once and has the other's."""
    rows = session.execute(_of_these_words(one)).all()
    if _is_known_copy(session, one, [row.id for row in rows]):
        return
    free = [row for row in rows if row.id not in matched]
    lost = next((row.id for row in free if row.carrier_id is None), None)
    lost = lost or next((row.id for row in free if row.attempts > 1), None)
    if lost is None:
        ours.unheard.append(one)
    else:
        matched.add(lost)
        ours.lost.append((lost, one))


def _of_these_words(one: Logged) -> Select[str, str | None, int]:
    """Texts to that number with exactly these words that may have left by then, oldest first."""
    return (
        select(Message.id, Message.carrier_id, Message.attempts)
        .join(Contact, Contact.id == Message.contact_id)
        .where(Contact.phone == one.phone, Message.direction == OUT, Message.body == one.body, Message.attempts > 0)
        .where(Message.created_at <= one.at + CLOCKS_MAY_DIFFER)
        .order_by(Message.created_at)
    )


def _is_known_copy(session: Session, one: Logged, message_ids: Sequence[str]) -> bool:
    """Whether a callback has told of it: a text that was sent twice has two lives at the carrier."""
    told = select(MessageStatus.id).where(MessageStatus.message_id.in_(message_ids), MessageStatus.carrier_id == one.carrier_id)
    return session.scalar(told.limit(1)) is not None


def _held(carrier_ids: Sequence[str]) -> Select[str | None]:
    return select(Message.carrier_id).where(Message.carrier_id.in_(carrier_ids))


def _parts(logged: Sequence[Logged]) -> Iterator[list[str]]:
    for first in range(0, len(logged), _TOGETHER):
        yield [one.carrier_id for one in logged[first : first + _TOGETHER]]
