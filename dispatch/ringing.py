"""Ringing people whom a text may not have reached: those who were asked, those who go without the address, those in danger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from core import clock, events
from core.settings import Settings
from dispatch import alarms, callouts, coverage, speaking, states, writing
from dispatch.models import OPEN, Callout, Incident
from dispatch.plans import Plan
from sms import outbox, purposes
from sms.models import CALL, Message
from sms.speech import Speech

ADDRESS_CALL_LIVES = timedelta(minutes=2)
"""A call with the address that leaves later than this finds somebody who has asked for it, or is there."""
TALKS_FOR = timedelta(seconds=60)
"""Whoever has just pressed a key is still listening, to the address perhaps: a call now would find them engaged."""


def is_on(settings: Settings) -> bool:
    """Whether this installation can ring anybody."""
    return settings.carrier.voice_from is not None


def ring(session: Session, settings: Settings, incident: Incident, plan: Plan, rows: Sequence[Callout]) -> None:
    """Ring whoever is to be rung now, and keep the red rows of missing addresses true."""
    now = clock.now()
    if is_on(settings):
        _ring_the_silent(session, settings, incident, plan, rows, now)
    for row in rows:
        missing = misses_address(row, incident)
        if missing and row.address_due_at is not None and _is_unrung(row) and _address_call_at(row) <= now:
            _chase_address(session, settings, row, now)
        elif not missing and row.address_rung_at is not None:
            row.address_rung_at = None
            alarms.clear(session, alarms.ADDRESS_NOT_DELIVERED, incident_id=incident.id, callout_id=row.id, actor="system")
            if row.state in states.BOUND and incident.state == OPEN:  # the row stood red, also when its alarm had been seen to
                events.record(session, "address_arrived", incident_id=incident.id, callout_id=row.id)


def deadlines(settings: Settings, incident: Incident, plan: Plan, rows: Sequence[Callout]) -> Iterator[datetime]:
    """The moments at which `ring` will have something to do."""
    speaks = is_on(settings)
    for row in rows:
        if speaks and may_still_answer(row, incident) and (asks_at := rings_at(row, plan)) is not None:
            yield asks_at
        if misses_address(row, incident) and _is_unrung(row):
            yield _address_call_at(row)


def may_still_answer(row: Callout, incident: Incident) -> bool:
    """Whether somebody who was asked is wanted still."""
    return incident.state == OPEN and coverage.may_be_asked(incident.asking, row.extra) and row.expires_at > clock.now()


def rings_at(row: Callout, plan: Plan) -> datetime | None:
    """When somebody who was asked is rung: the plan's time after the carrier took the text, or once a failure of the text says
    that only a call can reach them. Once an asking, and never who has not agreed to it."""
    if not _text_is_out(row) or row.rung_at is not None or not row.may_be_rung:
        return None
    if row.state == states.FAILED:
        return row.ring_at
    return (row.alerted_at or row.queued_at) + timedelta(seconds=plan.ring_after_s)


def _text_is_out(row: Callout) -> bool:
    """Whether the carrier took the first text, or refused it, and nothing that moved the callout has come since."""
    return row.state in (states.FAILED, states.ALERTED, states.UNCLEAR)


def misses_address(row: Callout, incident: Incident) -> bool:
    """Whether this person goes to a place that we do not know to have reached them."""
    return row.address_due_at is not None and incident.state == OPEN and row.state in states.BOUND


def is_on_the_phone(row: Callout) -> None:
    """A key was pressed: they hear us, and need no text to have arrived."""
    row.address_due_at, row.on_the_phone_until, row.look_at = None, clock.now() + TALKS_FOR, clock.now()


def ring_out_of_danger(session: Session, settings: Settings, row: Callout, lives: timedelta) -> None:
    """Ring somebody who was told to get away and has not said that they are; worth nothing once the next call is due."""
    words = speaking.danger_words(settings, row)
    _put(session, row, words, purposes.SAFETY, clock.now() + lives)
    _note(session, "rung_danger", row)


def _ring_the_silent(
    session: Session, settings: Settings, incident: Incident, plan: Plan, rows: Sequence[Callout], now: datetime
) -> None:
    silent = [row for row in rows if may_still_answer(row, incident) and _is_due(rings_at(row, plan), now)]
    callouts.read_people(session, silent)
    calls = []
    for row in silent:
        row.rung_at = now
        # By travel time, so that of all who wait for their turn to be rung the soonest there goes first.
        words = speaking.first_words(settings, row, plan.first_text_for(row.only_role))
        calls.append(_call(row, words, purposes.FIRST, row.expires_at, rank=row.eta_s))
        _note(session, "rung_asked", row)
    outbox.put(session, calls)


def _is_due(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now


def _chase_address(session: Session, settings: Settings, row: Callout, now: datetime) -> None:
    row.address_rung_at = now
    alarms.raise_once(session, alarms.ADDRESS_NOT_DELIVERED, incident_id=row.incident_id, callout_id=row.id)
    if is_on(settings):
        text = session.get(Message, row.address_text)
        purpose = text.purpose if text is not None else purposes.ADDRESS
        _put(session, row, speaking.address_words(settings, row, purpose), purpose, now + ADDRESS_CALL_LIVES)
        _note(session, "rung_address", row)


def _is_unrung(row: Callout) -> bool:
    """Whether they were not rung for this address yet: a corrected one is due later than the call for the one before."""
    assert row.address_due_at is not None, "only asked of someone who misses it"
    return row.address_rung_at is None or row.address_rung_at < row.address_due_at


def _address_call_at(row: Callout) -> datetime:
    assert row.address_due_at is not None, "only asked of someone who misses it"
    return max(row.address_due_at, row.on_the_phone_until or row.address_due_at)


def _put(session: Session, row: Callout, words: Speech, purpose: str, until: datetime) -> None:
    outbox.put(session, [_call(row, words, purpose, until)])


def _call(row: Callout, words: Speech, purpose: str, until: datetime, rank: int = 0) -> outbox.Draft:
    return outbox.Draft(
        contact=row.responder.contact,
        body=words.words,
        purpose=purpose,
        about_kind=writing.ABOUT,
        about_id=row.id,
        expires_at=until,
        rank=rank,
        channel=CALL,
    )


def _note(session: Session, kind: str, row: Callout) -> None:
    events.record(session, kind, incident_id=row.incident_id, callout_id=row.id, responder_id=row.responder_id)
