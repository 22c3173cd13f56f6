"""Taking rows out of the outbox under a lease, so that no two senders ever send the same text at the same time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, Row, and_, bindparam, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core import clock, events, log
from core.ids import new_id
from sms import measures, turns
from sms.carriers.finding import Ways, avoided, find_ways
from sms.carriers.routes import Route
from sms.gateway import NO_VOICE
from sms.models import CALL, CANCELLED, CLAIMED, DUE, EXPIRED, REFUSED, SMS, TO_SEND, UNKNOWN, Contact, Message
from sms.outbox import OPTED_OUT, is_blocked
from sms.wire import Wire

LEASE = timedelta(seconds=15)
"""How long a claim holds: more than two requests can take, time-outs included (the look for a text of unknown fate, then the
text), and the wait for a thread before them. No longer, for the texts of a machine that is gone wait until then."""
MOST_BEHIND = 200
"""How many of those behind are looked at for one that need not wait: others skip what is looked at as long as that takes."""
DEMO_CONTACT = "demo_contact"
"""The error code of a text to a demo person that a real carrier would have got."""
NO_ANSWER = "no_answer"
"""The error code of a text of which the carrier does not say whether it has it, however often it was asked."""
NO_WAY = "no_way"
"""The error code of a text that every way has refused, or that was meant for one that the settings have no more."""
_Due = Row[Message, datetime | None, bool, str | None, str | None]
_SINCE: BindParameter[datetime] = bindparam("since")
_CLAIMABLE = and_(
    TO_SEND,
    or_(
        and_(Message.state.in_((DUE, UNKNOWN)), Message.send_at <= _SINCE),
        and_(Message.state == CLAIMED, Message.claimed_until < _SINCE),
    ),
    or_(Message.channel != CALL, turns.IS_FREE),
)
# Built once: senders look for work all the time, and to build these took longer than to ask them.
_ANY = select(Message.id).where(_CLAIMABLE).limit(1)
_FIRST = (
    select(Message, Contact.opted_out_at, Contact.demo, Contact.carrier, Contact.sender)
    .join(Contact, Contact.id == Message.contact_id)
    .where(_CLAIMABLE)
    .order_by(Message.priority, Message.rank, Message.send_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=Message)
)
_BEHIND = _FIRST.where(Message.id.not_in(bindparam("but", expanding=True)))
_log = log.get("sender")

_CHANGE = update(Message).where(Message.id.in_(bindparam("ids", expanding=True))).execution_options(synchronize_session=False)
_LAPSED = _CHANGE.values(unknown_since=func.coalesce(Message.unknown_since, bindparam("now")))
_CLAIMED = _CHANGE.values(
    state=CLAIMED,
    claim=bindparam("name"),
    claimed_until=bindparam("until"),
    claimed_by=bindparam("place"),
    attempts=Message.attempts + 1,
)
_GOING = _CHANGE.values(carrier=bindparam("by_carrier"), sender=bindparam("from_sender"))


@dataclass(frozen=True)
class Hold:
    """Why a text may not leave (any more), and the state that its row goes to."""

    state: str
    reason: str


@dataclass(frozen=True)
class Parcel:
    """One claimed text, apart from the database: what a thread of the sender works on."""

    id: str
    claim: str
    claimed_until: datetime
    phone: str
    body: str
    expires_at: datetime | None
    attempts: int
    retries: int
    unknown_since: datetime | None
    hold: Hold | None
    channel: str = SMS
    route: Route | None = None
    """By which it leaves; there is none only where it is held back."""
    sent_by: Route | None = None
    """Where it may be already, when its fate is unknown."""
    others: tuple[Route, ...] = ()
    """The ways that are left if `route` does not take it, best first."""
    avoid: frozenset[str] = frozenset()
    doubted: bool = False
    """Whether it was told already that nobody knows its fate and others had better be asked."""


def anything_due(session: Session, overdue_s: float = 0.0) -> bool:
    """Whether a claim now would find something; reads only."""
    return session.execute(_ANY, _moment(overdue_s)).first() is not None


def claim(wire: Wire, limit: int, overdue_s: float = 0.0, place: str | None = None) -> list[Parcel]:
    """Claim up to `limit` texts that have been due for `overdue_s` seconds, best first, in one short transaction. Those that no
    sender has room for stay where they are, and keep back nothing that waits behind them for another one.

    A row whose lease ran out (its sender died) may or may not have been sent: it is claimed as one of unknown fate. `place` is
    noted as who has them now.
    """
    with wire.services.write() as session:
        moment = _moment(overdue_s)
        rows = session.execute(_FIRST, {**moment, "most": limit}).all()
        found, holds = _choose(wire, session, rows, limit)
        if len(found) < len(rows) == limit:
            but = [row.Message.id for row in rows]
            behind = session.execute(_BEHIND, {**moment, "most": MOST_BEHIND, "but": but}).all()
            more, more_holds = _choose(wire, session, behind, limit - len(found))
            found, holds = found | more, holds | more_holds
        return _take(session, found, holds, place)


def _moment(overdue_s: float) -> dict[str, datetime]:
    """What `_CLAIMABLE` asks for: now, since when a text must have been due, and how far ahead the turn for a call may be."""
    now = clock.now()
    return {"now": now, "since": now - timedelta(seconds=overdue_s), "longest_turn": now + turns.LONGEST}


def _choose(wire: Wire, session: Session, rows: Sequence[_Due], most: int) -> tuple[Ways, dict[str, Hold | None]]:
    """Up to `most` of `rows` for which there is room, with their ways, and what holds each of `rows` back."""
    if not rows:
        return {}, {}
    real_carrier = not wire.services.settings.simulating
    refused = _ask_gates(wire, session, [row.Message for row in rows])
    holds = {
        row.Message.id: _hold(row.Message, row.opted_out_at is not None, row.demo and real_carrier, refused) for row in rows
    }
    homes = {row.Message.id: (row.carrier, row.sender) for row in rows}
    chosen = _in_turn(session, [row.Message for row in rows], holds)
    return find_ways(wire, session, chosen, homes, holds, most), holds


def _in_turn(session: Session, messages: Sequence[Message], holds: dict[str, Hold | None]) -> list[Message]:
    """Without the calls that have to wait: one starts at a time. What may not leave at all needs no turn."""
    calls = [message for message in messages if message.channel == CALL and holds[message.id] is None]
    waiting = {message.id for message in (calls[1:] if calls and turns.take(session) else calls)}
    return [message for message in messages if message.id not in waiting]


def _take(session: Session, ways: Ways, holds: dict[str, Hold | None], place: str | None) -> list[Parcel]:
    now, messages = clock.now(), list(ways)
    if not messages:
        return []
    name, until = new_id(), now + LEASE
    lapsed = [message for message in messages if message.state == CLAIMED]
    if lapsed:
        session.execute(_LAPSED, {"ids": [message.id for message in lapsed], "now": now})
        _log.warning("claims ran out: their sender is gone", texts=len(lapsed))
    for message in lapsed:
        measures.claim_ran_out(message)
    for message in messages:
        if message.state == CLAIMED and message.unknown_since is None:
            events.record(session, "text_unknown", message_id=message.id, purpose=message.purpose, why="claim_ran_out")
    ids = [message.id for message in messages]
    session.execute(_CLAIMED, {"ids": ids, "name": name, "until": until, "place": place})
    _write_down(session, ways)
    return [
        Parcel(
            id=message.id,
            claim=name,
            claimed_until=until,
            phone=message.phone,
            body=message.body,
            expires_at=message.expires_at,
            attempts=message.attempts + 1,
            retries=message.retries,
            unknown_since=message.unknown_since or (now if message.state == CLAIMED else None),
            hold=holds[message.id] or (None if way.route else Hold(REFUSED, message.error_code or _no_way(message))),
            route=way.route,
            sent_by=way.sent_by,
            others=way.others,
            avoid=avoided(message),
            channel=message.channel,
            doubted=message.error_code == NO_ANSWER,
        )
        for message, way in ways.items()
    ]


def _write_down(session: Session, ways: Ways) -> None:
    """Where each text will be, before it goes there. One that may be somewhere already stays noted there until looked for."""
    going: dict[Route, list[str]] = defaultdict(list)
    for message, way in ways.items():
        if way.route is not None and way.sent_by is None:
            going[way.route].append(message.id)
    for route, ids in going.items():
        session.execute(_GOING, {"ids": ids, "by_carrier": route.carrier, "from_sender": route.sender})


def _no_way(message: Message) -> str:
    return NO_VOICE if message.channel == CALL else NO_WAY


def _hold(message: Message, opted_out: bool, demo: bool, refused: dict[str, str]) -> Hold | None:
    if demo:
        return Hold(REFUSED, DEMO_CONTACT)
    if opted_out and is_blocked(message.channel, message.purpose):
        return Hold(REFUSED, OPTED_OUT)
    if message.expires_at is not None and message.expires_at <= clock.now():
        return Hold(EXPIRED, "expired")
    if message.id in refused:
        return Hold(CANCELLED, refused[message.id])
    return None


def _ask_gates(wire: Wire, session: Session, messages: Sequence[Message]) -> dict[str, str]:
    """The ids of the texts that their purposes' gates hold back, with the reasons.

    A gate that breaks holds nothing back: everyone it would have looked at passed the same rules when they were chosen, and
    a defect of ours may not silence an emergency.
    """
    refused: dict[str, str] = {}
    for purpose, gate in wire.gates.items():
        asked = [message for message in messages if message.purpose == purpose]
        if not asked:
            continue
        try:
            refused.update(gate(session, asked))
        except SQLAlchemyError:
            raise
        except Exception:
            _log.exception("a gate broke", purpose=purpose)
            events.record(session, "gate_failed", purpose=purpose, texts=len(asked))
    return refused
