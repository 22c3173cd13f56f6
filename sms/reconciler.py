"""What the carrier has and we never heard of: webhooks, spool and callbacks are only faster than asking it.

Every minute its log is read back to before the last time that this was done. Texts to us are stored as if they had come now,
texts of ours whose answer was lost are found, and statuses that were never told are taken over.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, text
from sqlalchemy.orm import Session

from core import clock, events, log, milestones
from core.services import Services
from sms import received, statuses
from sms.carriers.routes import TWILIO
from sms.gateway import CarrierLog, Logged, Refused, Unknown
from sms.models import AWAITED, SMS, Message
from sms.received import INBOUND, STATUS, Told
from sms.results import TRANSIENT
from sms.unheard import Ours, find_ours, said_at
from sms.wire import Wire

EVERY_S = 60.0
AGAIN_AFTER_S = 5.0
"""When something broke, whatever was said there must not wait for the next minute."""
OVERLAP = timedelta(minutes=10)
"""How far each reading reaches back over the one before: the log is not exactly in order, and clocks differ."""
LONGEST_BACK = timedelta(days=2)
MOST_PAGES = 100
MOST_ASKED = 50
"""Texts whose status is asked for one by one in a round, beside those that the log shows."""
ASKED_AFTER = timedelta(minutes=1)
ASKED_FOR = timedelta(hours=4)
"""A text is asked about this long: some networks never tell more than `sent`."""
READ = "carrier_log_read"
_TAKEN_HERE = and_(or_(Message.carrier == TWILIO, Message.carrier.is_(None)), Message.channel == SMS)
"""Another carrier's texts are no business of this one's log, and calls stand in another."""
_log = log.get("reconciler")


class Reconciler:
    """Asks one carrier. What it remembers between rounds only saves work."""

    def __init__(self, wire: Wire, log_of_carrier: CarrierLog) -> None:
        self._services: Services = wire.services
        self._carrier = log_of_carrier
        self._strangers: set[str] = set()
        self._asked: dict[str, tuple[int, datetime]] = {}
        self._in_vain = 0
        self._unstored: set[str] = set()

    def run(self, stopping: threading.Event) -> None:
        """A round at once and then every minute, or sooner after one that broke, until `stopping` is set."""
        while not stopping.is_set():
            try:
                self.round()
                broke = self._in_vain > 0
            except Exception:
                _log.exception("the carrier's log was not compared")
                broke = True
            stopping.wait(AGAIN_AFTER_S if broke else EVERY_S)

    def round(self) -> int:
        """Compare once. Returns how many things we had not heard of."""
        logged, whole = self._read()
        if not logged and not whole:
            return 0
        found = self._take_over(logged, whole=whole)
        found += self._ask_about({one.carrier_id for one in logged})
        if found:
            _log.warning("found at the carrier", things=found)
        return found

    def _read(self) -> tuple[list[Logged], bool]:
        """The log since the last reading, oldest first, and whether it could be read to the end; if not, it is the newest part
        of it."""
        since = self._since()
        found: list[Logged] = []
        for number, page in enumerate(self._carrier.log_pages(), 1):
            if isinstance(page, Unknown):
                self._failed(page.why)
                return found[::-1], False
            found += [one for one in page if one.at >= since]
            if page and all(one.at < since for one in page):
                break
            if number >= MOST_PAGES:
                self._cut_short(since, len(found))
                break
        return found[::-1], True

    def _since(self) -> datetime:
        with self._services.read() as session:
            last = milestones.reached(session).get(READ)
        now = clock.now()
        return max(now - LONGEST_BACK, min(last.at if last else now, now) - OVERLAP)

    def _take_over(self, logged: Sequence[Logged], *, whole: bool) -> int:
        with self._services.read() as session:
            ours = find_ours(session, logged)
            told = _missed_statuses(session, ours)
            moments = said_at(session, logged) if any(one.incoming for one in ours.unheard) else {}
            texts = [one for one in ours.unheard if one.carrier_id in moments]  # without what came in while we looked
        strangers = [one.carrier_id for one in ours.unheard if not one.incoming]
        said = [Told(INBOUND, _text_form(one), moments[one.carrier_id], recovered=True) for one in texts]
        stored = sum(self._store(one) for one in said + told)
        with self._services.write() as session:
            self._note_strangers(session, strangers, {one.carrier_id for one in logged})
            if whole:
                milestones.note(session, READ, texts=len(logged))
            if whole and self._in_vain:
                events.record(session, "carrier_log_read_again", rounds=self._in_vain)
        self._in_vain = 0 if whole else self._in_vain
        return stored

    def _store(self, told: Told) -> bool:
        """Store one thing. One that cannot be stored keeps no other back, and is tried again while the log still shows it."""
        try:
            received.store(self._services, told)
        except TRANSIENT:
            raise
        except Exception as error:
            self._not_stored(told, error)
            return False
        return True

    def _not_stored(self, told: Told, error: Exception) -> None:
        carrier_id = told.form["MessageSid"]
        _log.exception("something on the carrier's log was not stored", kind=told.kind, carrier_id=carrier_id)
        if carrier_id not in self._unstored:
            self._unstored.add(carrier_id)
            with self._services.write() as session:
                events.record(session, "carrier_log_not_stored", error=type(error).__name__, carrier_id=carrier_id)

    def _note_strangers(self, session: Session, carrier_ids: Sequence[str], seen: set[str]) -> None:
        """Texts that our account sent and no row of ours knows: somebody else uses it, or rows were lost with a database."""
        new = [carrier_id for carrier_id in carrier_ids if carrier_id not in self._strangers]
        self._strangers = (self._strangers & seen) | set(new)
        if new:
            _log.warning("texts of our account that are not ours", texts=len(new))
            events.record(session, "texts_not_ours", "carrier", texts=len(new), carrier_ids=new[:20])

    def _ask_about(self, seen: set[str]) -> int:
        """Texts without a last word that the log did not show: ask for each, the oldest first, until the carrier has enough."""
        found = 0
        for message_id, carrier_id, status in self._due(seen):
            answer = self._carrier.logged(carrier_id)
            if isinstance(answer, Unknown) or (isinstance(answer, Refused) and answer.retry):
                _log.warning("the carrier has had enough questions", asked_in_vain=carrier_id)
                break
            times = self._asked[carrier_id][0] if carrier_id in self._asked else 0
            self._asked[carrier_id] = (times + 1, clock.now())
            if isinstance(answer, Logged) and status in statuses.below(answer.status):
                found += self._store(_status(message_id, answer))
        return found

    def _due(self, seen: set[str]) -> list[tuple[str, str, str]]:
        now = clock.now()
        wanted = (
            select(Message.id, Message.carrier_id, Message.carrier_status, Message.taken_at)
            .where(text(AWAITED), Message.taken_at <= now - ASKED_AFTER, Message.taken_at > now - ASKED_FOR, _TAKEN_HERE)
            .order_by(Message.taken_at)
        )
        with self._services.read() as session:
            rows = session.execute(wanted).all()
        self._asked = {row.carrier_id: self._asked[row.carrier_id] for row in rows if row.carrier_id in self._asked}
        due = [row for row in rows if row.carrier_id not in seen and self._is_due(row.carrier_id, now)]
        return [(row.id, row.carrier_id, row.carrier_status) for row in due[:MOST_ASKED]]

    def _is_due(self, carrier_id: str, now: datetime) -> bool:
        """Each text is asked about after 1, 2, 4 … minutes more."""
        if carrier_id not in self._asked:
            return True
        times, last = self._asked[carrier_id]
        return now >= last + ASKED_AFTER * (1 << times)

    def _failed(self, why: str) -> None:
        self._in_vain += 1
        if self._in_vain == 1:
            with self._services.write() as session:
                events.record(session, "carrier_log_not_read", error=why)

    def _cut_short(self, since: datetime, texts: int) -> None:
        _log.error("the carrier's log is too long to be read whole", since=since.isoformat(), texts=texts)
        with self._services.write() as session:
            events.record(session, "carrier_log_cut_short", texts=texts)


def _missed_statuses(session: Session, ours: Ours) -> list[Told]:
    """What the log says of our texts and no callback has: of those we hold, of those that were lost."""
    known = ours.known
    wanted = select(Message.id, Message.carrier_id, Message.carrier_status).where(
        text(AWAITED), Message.taken_at > clock.now() - LONGEST_BACK
    )
    missed = [
        _status(row.id, known[row.carrier_id])
        for row in session.execute(wanted)
        if row.carrier_id in known and row.carrier_status in statuses.below(known[row.carrier_id].status)
    ]
    return missed + [_status(message_id, one) for message_id, one in ours.lost]


def _status(message_id: str, one: Logged) -> Told:
    form = {"MessageSid": one.carrier_id, "MessageStatus": one.status, "ErrorCode": one.error_code, "To": one.phone}
    return Told(STATUS, form, clock.now(), message_id)


def _text_form(one: Logged) -> dict[str, str]:
    return {"MessageSid": one.carrier_id, "From": one.phone, "Body": one.body}
