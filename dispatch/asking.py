"""Asking people: from what the incident needs to callouts and first texts, with the reason for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core import clock, events, ids, log
from core.database import advisory_lock
from core.settings import Settings
from dispatch import alarms, callouts, candidates, following_up, letters, states, waves, writing
from dispatch.candidates import Candidate
from dispatch.models import Callout, Incident
from dispatch.plans import Plan
from responder import rules
from responder.models import Responder
from sms import outbox

CHOOSING_LOCK = 4002
"""Held from choosing people until the commit. Two emergencies that choose at the same moment would not see each other: they
would take the same people while others are free, and give one person the same letter twice."""
_log = log.get("asking")


def ask_next(session: Session, settings: Settings, incident: Incident, plan: Plan, rows: Sequence[Callout]) -> bool:
    """Ask as many people as the incident needs now. Returns whether fewer were found than wanted."""
    now = clock.now()
    need = waves.need(plan.waves, rows, now, starting=incident.starting)
    if need.people == 0 and not incident.starting:
        return False
    advisory_lock(session, CHOOSING_LOCK)
    question = candidates.Question.of(incident, plan, rules.moment(now, settings.zone_info, settings.default_region), now)
    found = candidates.find(
        session, question, waves.look_for(need, plan.waves), {row.responder_id: row.state for row in rows}, need.newcomers
    )
    playing = waves.in_play(rows, plan.waves, now)
    count = waves.ask(need, plan.waves, len(found), playing)
    if need.fill:
        count = max(count, waves.sooner(plan.waves, rows, [one.eta_s for one in found if not one.asked_elsewhere], now))
    chosen = found[:count]
    if chosen:
        _call_out(session, settings, incident, plan, rows, chosen, need.fill)
    _settle_replacements(rows, plan, need, len(chosen))
    short = len(chosen) < need.people
    # A wave that could not be filled goes on filling: someone may come home, or text ON.
    incident.starting = need.fill and short
    _note_shortfall(session, incident, need, len(chosen), anyone=bool(rows or chosen))
    return short


def _call_out(
    session: Session,
    settings: Settings,
    incident: Incident,
    plan: Plan,
    rows: Sequence[Callout],
    chosen: Sequence[Candidate],
    starting: bool,
) -> None:
    incident.waves += 1
    known = {row.responder_id: row for row in rows}
    people = {person.id: person for person in session.scalars(_people([one.responder_id for one in chosen]))}
    given = letters.for_people(session, [one.responder_id for one in chosen if one.responder_id not in known])
    texts = []
    for rank, candidate in enumerate(chosen):
        reason = _reason(candidate, rank, starting)
        callout = known.get(candidate.responder_id)
        if callout is None:
            person = people[candidate.responder_id]
            callout = _new_callout(session, incident, plan, candidate, person, given[candidate.responder_id], reason)
        elif not _ask_again(session, incident, plan, callout, candidate, reason):
            continue
        texts.append(writing.first_text(settings, callout, plan.first_text, rank))
    outbox.put(session, texts)
    events.record(session, "wave_asked", incident_id=incident.id, wave=incident.waves, people=len(chosen))


def _people(responder_ids: Sequence[int]) -> Select[Responder]:
    return select(Responder).where(Responder.id.in_(responder_ids))


def _new_callout(
    session: Session, incident: Incident, plan: Plan, candidate: Candidate, person: Responder, letter: str, reason: str
) -> Callout:
    now = clock.now()
    callout = Callout(
        id=ids.new_id(),
        incident_id=incident.id,
        responder_id=person.id,
        letter=letter,
        state=states.QUEUED,
        wave=incident.waves,
        distance_m=candidate.distance_m,
        eta_s=candidate.eta_s,
        transport=candidate.transport,
        reason=reason,
        queued_at=now,
        expires_at=now + timedelta(seconds=plan.answer_within_s),
        incident=incident,
        responder=person,
    )
    session.add(callout)
    _note_asked(session, callout)
    return callout


def _ask_again(session: Session, incident: Incident, plan: Plan, callout: Callout, candidate: Candidate, reason: str) -> bool:
    now = clock.now()
    return callouts.move(
        session,
        callout,
        "ask_again",
        wave=incident.waves,
        role=None,
        distance_m=candidate.distance_m,
        eta_s=candidate.eta_s,
        transport=candidate.transport,
        reason=reason,
        queued_at=now,
        expires_at=now + timedelta(seconds=plan.answer_within_s),
        alerted_at=None,
        answered_at=None,
        replaced_at=None,
        stood_down_as=None,
        # Nobody is asked to come and told to keep away in one minute; the red row stands until they or a dispatcher clear it.
        unsafe_told=following_up.UNSAFE_TIMES + 1,
    )


def _note_asked(session: Session, callout: Callout) -> None:
    events.record(
        session,
        "callout_queued",
        incident_id=callout.incident_id,
        callout_id=callout.id,
        responder_id=callout.responder_id,
        wave=callout.wave,
        distance_m=callout.distance_m,
        eta_s=callout.eta_s,
        reason=callout.reason,
    )


def _reason(candidate: Candidate, rank: int, starting: bool) -> str:
    """Why this person, in one line a dispatcher can read."""
    how = "on foot" if candidate.transport == "foot" else f"by {candidate.transport}"
    why = f"number {rank + 1} by travel time" if starting else "next by travel time"
    elsewhere = ", asked elsewhere and silent: nobody else is left" if candidate.asked_elsewhere else ""
    return f"{why}: {candidate.distance_m} m from {candidate.kind}, {candidate.eta_s} s {how}{elsewhere}"


def _settle_replacements(rows: Sequence[Callout], plan: Plan, need: waves.Need, asked: int) -> None:
    """Mark whom a new person stands in for, so that each callout brings one and no more. A debt that nobody could be found
    for stays open: someone may come home yet."""
    now = clock.now()
    owing = [row for row in rows if waves.owes_a_replacement(row, plan.waves, now)]
    for row in owing if need.fill else owing[:asked]:
        row.replaced_at = now


def _note_shortfall(session: Session, incident: Incident, need: waves.Need, asked: int, *, anyone: bool) -> None:
    """Say why fewer were asked than wanted; loudly when nobody could be asked at all. A later look that finds nobody either
    leaves standing what was said."""
    if asked < need.people and asked == 0 and incident.shortfall is not None:
        return
    limit = "the most that one incident may ask is reached" if need.newcomers <= asked else "nobody else certified within reach"
    incident.shortfall = f"{asked} of {need.people}: {limit}" if asked < need.people else None
    if incident.shortfall is not None:
        events.record(session, "shortfall", incident_id=incident.id, asked=asked, wanted=need.people, reason=incident.shortfall)
    if not anyone:
        _log.error("nobody could be asked", incident_id=incident.id)
        events.record(session, "nobody_asked", incident_id=incident.id)
        alarms.raise_once(session, alarms.NOBODY_ASKED, incident_id=incident.id)
