"""The health of the carriers, one row each, shared by every process that sends: written down, decided anew, told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core import clock, events, faults, log
from sms.carriers.judging import FIRST_SHARE, Health, Tally, judge
from sms.carriers.models import DOWN, UP, Carrier, CarrierWindow
from sms.carriers.routes import Standing
from sms.once import insert_once
from sms.wire import Wire

WINDOW = timedelta(seconds=30)
PIECE_S = 5
"""The window is made of pieces this long, so that what happened is counted, not kept."""
FAULT = "carrier_failing"
_log = log.get("carriers")


def standings(session: Session, names: Collection[str]) -> dict[str, Standing]:
    """How far each carrier is trusted now. One whose rest is over goes on trial with that."""
    now = clock.now()
    rows = {row.name: row for row in session.scalars(select(Carrier).where(Carrier.name.in_(names)))}
    for row in rows.values():
        if row.state == DOWN:
            _write(session, row, judge(_health(row), Tally(), now))
    return {name: Standing(row.state, row.share) for name, row in rows.items()}


def failing(session: Session, names: Collection[str]) -> list[str]:
    """Which of the carriers of these names are down. One that the settings have no more stays as it was for ever."""
    return sorted(session.scalars(select(Carrier.name).where(Carrier.state == DOWN, Carrier.name.in_(names))))


def failing_still(session: Session, names: Collection[str]) -> list[str]:
    """Which of them are down, or on trial and no request since went well: in a quiet night a trial takes until morning."""
    ill = session.scalars(select(Carrier).where(Carrier.state != UP, Carrier.name.in_(names)).order_by(Carrier.name))
    return [row.name for row in ill if row.state == DOWN or not _goes_well(session, row)]


def _goes_well(session: Session, row: Carrier) -> bool:
    since = _sum(session, row.name, row.since - timedelta(seconds=PIECE_S))
    return row.share > FIRST_SHARE or (since.good > 0 and not since.ill)


def note(wire: Wire, session: Session, tallies: Mapping[str, Tally], others: Iterable[str]) -> None:
    """Write down what came of requests, by carrier, and decide how each carrier is now. `others` are the names of all carriers
    that there are: whether one of them takes over is part of what is told."""
    now = clock.now()
    for name, tally in sorted(tallies.items()):
        _count(session, name, tally, now)
        row = _carrier(session, name, now)
        if row.state == UP and not tally.ill:
            continue
        before = _health(row)
        after = judge(before, _window(session, name, before.since, now), now)
        if after != before and _write(session, row, after):
            _tell(wire, session, name, before, after, [other for other in others if other != name])


def _tell(wire: Wire, session: Session, name: str, before: Health, after: Health, others: Collection[str]) -> None:
    _log.warning("a carrier is judged anew", carrier=name, state=after.state, share=after.share, failures=after.failures)
    if before.state == UP and after.state == DOWN:
        down = failing(session, others)
        instead = next((other for other in others if other not in down), None)
        _event(wire, session, "carrier_failed_over" if instead else "carrier_failing", carrier=name, instead=instead)
        faults.stand(session, FAULT, name, instead=instead)
    elif after.state == DOWN:  # its trial had begun well, and the fault was over
        faults.stand(session, FAULT, name, instead=next(iter(others), None))
    if after.state == UP:
        _event(wire, session, "carrier_returned", carrier=name)
        faults.end(session, FAULT, name)


def _event(wire: Wire, session: Session, kind: str, **facts: str | None) -> None:
    events.record(session, kind, carrier=facts["carrier"], instead=facts.get("instead"))
    for handler in wire.carrier_handlers:
        handler(session, kind, facts)


def _write(session: Session, row: Carrier, after: Health) -> bool:
    """Of two processes that decide at once, one does. The row is brought up to date."""
    if after == _health(row):
        return False
    wrote = session.execute(
        update(Carrier)
        .where(Carrier.name == row.name, Carrier.revision == row.revision)
        .values(state=after.state, share=after.share, since=after.since, failures=after.failures, revision=row.revision + 1)
        .returning(Carrier.name)
        .execution_options(synchronize_session=False)
    ).first()
    session.refresh(row)
    return wrote is not None


def _health(row: Carrier) -> Health:
    return Health(row.state, row.share, row.since, row.failures)


def _carrier(session: Session, name: str, now: datetime) -> Carrier:
    row = session.get(Carrier, name)
    if row is None:
        insert_once(session, Carrier, name=name, state=UP, share=1.0, since=now, failures=0, revision=0)
        row = session.get_one(Carrier, name)
    return row


def _count(session: Session, name: str, tally: Tally, now: datetime) -> None:
    began_at = now.replace(second=now.second - now.second % PIECE_S, microsecond=0)
    if _add(session, name, tally, began_at):
        return
    fresh = {"good": tally.good, "bad": tally.bad, "slow": tally.slow}
    if not insert_once(session, CarrierWindow, carrier=name, began_at=began_at, **fresh):
        _add(session, name, tally, began_at)
    old = (CarrierWindow.carrier == name, CarrierWindow.began_at < now - WINDOW * 2)
    session.execute(delete(CarrierWindow).where(*old).execution_options(synchronize_session=False))


def _add(session: Session, name: str, tally: Tally, began_at: datetime) -> bool:
    columns = {"good": tally.good, "bad": tally.bad, "slow": tally.slow}
    added = session.execute(
        update(CarrierWindow)
        .where(CarrierWindow.carrier == name, CarrierWindow.began_at == began_at)
        .values({column: getattr(CarrierWindow, column) + count for column, count in columns.items() if count})
        .returning(CarrierWindow.carrier)
        .execution_options(synchronize_session=False)
    ).first()
    return added is not None


def _window(session: Session, name: str, since: datetime, now: datetime) -> Tally:
    return _sum(session, name, max(now - WINDOW, since - timedelta(seconds=PIECE_S)))


def _sum(session: Session, name: str, began: datetime) -> Tally:
    sums = [func.coalesce(func.sum(column), 0) for column in (CarrierWindow.good, CarrierWindow.bad, CarrierWindow.slow)]
    row = session.execute(select(*sums).where(CarrierWindow.carrier == name, CarrierWindow.began_at > began)).one()
    return Tally(*(int(value) for value in row))
