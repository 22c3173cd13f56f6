"""Storing what came of attempts: many at once in one commit, and the rooms above hear of it in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from core import clock, events, log
from sms import error_table, gateway, measures, received, troubles
from sms.attempts import Result, Verdict, decide
from sms.carriers import health
from sms.carriers.judging import SLOW_S, Tally
from sms.carriers.routes import Route, routes_of
from sms.claims import Parcel
from sms.error_table import Retry, Row
from sms.gateway import Refused, Sent, Unknown
from sms.models import CALL, CLAIMED, TAKEN, UNKNOWN, Contact, Message, MessageStatus
from sms.received import STATUS, Told
from sms.wire import FAILED, Wire

TRANSIENT = (OperationalError, InterfaceError, NoConnection, TimeoutError)
"""Errors of the database that pass: it is away, it is busy, or it broke a deadlock."""
T = TypeVar("T")
_log = log.get("sender")


@dataclass(frozen=True)
class Report:
    """A parcel, how its attempt went, when that was known, by which way its request went and how many seconds it took."""

    parcel: Parcel
    result: Result
    at: datetime
    route: Route | None = None
    took_s: float = 0.0

    @property
    def refusal(self) -> Row | None:
        """What the carrier's error code means, if it refused the text."""
        return error_table.row(self.result.code, self.result.http_status) if isinstance(self.result, Refused) else None

    @property
    def marks(self) -> bool:
        """Whether it says something of the number, or that this person wants no texts."""
        return self.refusal is not None and self.refusal.mark is not None

    @property
    def tally(self) -> Tally:
        """What it says of the carrier's health. One that only looks after us (429) says nothing."""
        match self.result:
            case Sent():
                return Tally(slow=1) if self.took_s > SLOW_S and self.parcel.unknown_since is None else Tally(good=1)
            case Unknown() | Refused(code=gateway.UNREACHABLE):
                return Tally(bad=1)
            # A call that is refused says nothing of texts: the account may not ring that country, say.
            case Refused(retry=False) if self.refusal is not None and self.parcel.channel != CALL:
                return Tally(bad=1) if self.refusal.tell and self.refusal.retry is Retry.CARRIER else Tally(good=1)
        return Tally()


def store(wire: Wire, reports: Sequence[Report]) -> None:
    """Store all of `reports`. What one transaction cannot take is stored one by one, so that one row's trouble does not lose
    another's result; a row that cannot be stored at all is picked up again when its claim runs out."""
    # What says something of a number has a contact to be locked, and that lock comes before every other one (as in the inbox).
    together = [report for report in reports if not report.marks]
    alone = [report for report in reports if report.marks]
    if together:
        try:
            _store(wire, together)
        except Exception as error:
            if len(together) > 1:
                _log.warning("results are stored one by one", error=type(error).__name__, texts=len(together))
            alone = together + alone
    for report in alone:
        _store_alone(wire, report)


def held(wire: Wire, parcel: Parcel, carrier_ids: Collection[str]) -> set[str]:
    """Which of `carrier_ids` already belong to a message of ours other than that of `parcel`: by its row or, where it was sent
    twice and has two lives at the carrier, by what callbacks have told."""
    with wire.services.read() as session:
        rows = select(Message.carrier_id).where(Message.carrier_id.in_(carrier_ids))
        lives = (
            select(MessageStatus.carrier_id)
            .join(Message, Message.id == MessageStatus.message_id)
            .join(Contact, Contact.id == Message.contact_id)
            .where(Contact.phone == parcel.phone, Message.id != parcel.id, MessageStatus.carrier_id.in_(carrier_ids))
        )
        return {carrier_id for wanted in (rows, lives) for carrier_id in session.scalars(wanted) if carrier_id is not None}


def _store_alone(wire: Wire, report: Report) -> None:
    try:
        _store(wire, [report])
    except TRANSIENT:
        raise  # the database itself: the sender tries again
    except Exception:
        if isinstance(report.result, Sent) and held(wire, report.parcel, [report.result.carrier_id]):
            # Found at the carrier, but another message took this id in the meantime: we know nothing again.
            _log.warning("a carrier id belongs to another text", message_id=report.parcel.id)
            return _store(wire, [replace(report, result=Unknown("found a text of another message"))])
        # A handler's defect. The text has left or has failed, and sending it again would not mend the handler.
        _log.exception("an outcome was not handled", message_id=report.parcel.id)
        return _store(Wire(wire.services), [report], handled=False)


def _store(wire: Wire, reports: Sequence[Report], *, handled: bool = True) -> None:
    verdicts = {report.parcel.id: decide(report.parcel, report.result, report.at) for report in reports}
    with wire.services.write() as session:
        for report in reports:
            if report.refusal is not None:
                troubles.note(wire, session, report.parcel.id, report.refusal, report.route)
        ordered = in_one_order([report.parcel for report in reports], _about(session, reports), lambda parcel: parcel.id)
        routes = {report.parcel.id: report.route for report in reports}
        moved = [(parcel, _move(session, parcel, verdicts[parcel.id], routes[parcel.id])) for parcel in ordered]
        for parcel, message in moved:
            if message is None:
                continue
            verdict = verdicts[parcel.id]
            _note(session, parcel, verdict, message)
            if not handled:
                events.record(session, "outcome_not_handled", message_id=parcel.id, outcome=verdict.outcome)
            _measure(parcel, verdict, message)
            if verdict.found is not None:
                received.put(session, _told(message, verdict.found))
            if verdict.outcome is not None:
                tell_outcome(wire, session, message, verdict.outcome, verdict.error_code or "")
        _note_health(wire, session, reports)


def _told(message: Message, found: Sent) -> Told:
    form = {"MessageSid": found.carrier_id, "MessageStatus": found.status, "ErrorCode": found.error_code, "To": message.phone}
    return Told(STATUS, form, clock.now(), message.id)


def _note_health(wire: Wire, session: Session, reports: Sequence[Report]) -> None:
    """Last of all, because the carriers' rows are everybody's."""
    tallies: dict[str, Tally] = {}
    for report in reports:
        if report.route is not None and report.tally != Tally():
            tallies[report.route.carrier] = tallies.get(report.route.carrier, Tally()) + report.tally
    health.note(wire, session, tallies, dict.fromkeys(route.carrier for route in routes_of(wire.services.settings)))


def in_one_order(rows: Iterable[T], about: Mapping[str, str | None], message_id: Callable[[T], str]) -> list[T]:
    """`rows` about messages, by what these are `about`: the order in which a transaction touches several. The rooms above lock
    their own things in the order of their ids too; so nobody waits for somebody who waits for them."""
    return sorted(rows, key=lambda row: (about.get(message_id(row)) or "", message_id(row)))


def _about(session: Session, reports: Sequence[Report]) -> dict[str, str | None]:
    """What the texts of several reports are about; one needs no order."""
    if len(reports) < 2:
        return {}
    wanted = select(Message.id, Message.about_id).where(Message.id.in_([report.parcel.id for report in reports]))
    return dict(session.execute(wanted).all())


def tell_outcome(wire: Wire, session: Session, message: Message, outcome: str, reason: str) -> None:
    """Let the room that a text is about hear what became of it."""
    handler = wire.outcome_handlers.get(message.about_kind or "")
    if handler is not None:
        handler(session, message, outcome, reason)


def _move(session: Session, parcel: Parcel, verdict: Verdict, route: Route | None) -> Message | None:
    """Write the verdict and return the text as it is then; None if the row is not ours any more: resolved by a callback, or
    claimed anew after our lease."""
    values: dict[str, object] = {
        "state": verdict.state,
        "error_code": verdict.error_code,
        "attempts": parcel.attempts - (0 if verdict.sent else 1),
        "retries": parcel.retries + (1 if verdict.retried else 0),
        "unknown_since": verdict.unknown_since,
        "claim": None,
        "claimed_until": None,
    }
    if route is not None and parcel.sent_by is not None:  # of all others it was written down when they were claimed
        values |= {"carrier": route.carrier, "sender": route.sender}
    if verdict.avoid is not None:
        values["avoid"] = " ".join(sorted(verdict.avoid))
    if verdict.send_at is not None:
        values["send_at"] = verdict.send_at
    if verdict.state == TAKEN:
        values |= {
            "carrier_id": verdict.carrier_id,
            "carrier_status": func.coalesce(Message.carrier_status, verdict.carrier_status),
            "taken_at": verdict.taken_at,
        }
    ours = (Message.id == parcel.id, Message.claim == parcel.claim, Message.state == CLAIMED)
    moved = session.scalars(
        update(Message)
        .where(*ours)
        .values(**values)
        .returning(Message)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).first()
    if moved is None:
        _log.info("a text was resolved by others", message_id=parcel.id, state=verdict.state)
    return moved


def _note(session: Session, parcel: Parcel, verdict: Verdict, message: Message) -> None:
    """Whatever did not simply work is an event: the first time a text's fate is unknown, and every end but `taken`."""
    what = "call" if message.channel == CALL else "text"
    if verdict.outcome == FAILED and verdict.state != UNKNOWN:
        kind = f"{what}_{verdict.state}"
        events.record(session, kind, message_id=parcel.id, reason=verdict.error_code, purpose=message.purpose)
    elif verdict.state == UNKNOWN and parcel.unknown_since is None:
        events.record(session, f"{what}_unknown", message_id=parcel.id, purpose=message.purpose)


def _measure(parcel: Parcel, verdict: Verdict, message: Message) -> None:
    if verdict.state == TAKEN:
        tried_before = parcel.retries > 0 or parcel.unknown_since is not None
        measures.taken(message, message.created_at if tried_before else message.send_at or message.created_at)
    elif verdict.outcome is not None and verdict.state != UNKNOWN:
        measures.ended(verdict.state, verdict.error_code)
