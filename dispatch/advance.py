"""The heart: brings one incident up to date. Whatever happens to an incident ends here, and so does the mere passing of time.

Given the locked incident it looks at the facts in the database and does what they call for: lets unanswered callouts expire,
notices that the roles are filled or no longer are, asks the next people, follows up on those who are out there, and notes when
to look again. Calling it once more changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from core import clock, events
from core.settings import Settings
from dispatch import alarms, asking, callouts, coverage, following_up, ringing, standing_down, states, waves
from dispatch.models import OPEN, Callout, Incident
from dispatch.plans import Plan, of

TRY_AGAIN = timedelta(seconds=10)
"""How soon to look again for people when fewer were found than wanted: someone may come home, or text ON."""


def advance(session: Session, settings: Settings, incident: Incident, actor: str = "system") -> None:
    """Bring `incident`, locked by the caller, up to date."""
    plan = of(incident.plan)
    now = clock.now()
    rows = callouts.of_incident(session, incident.id)
    for callout in rows:
        if callout.look_at is not None:
            callout.look_at = None
        if callout.state in states.WAITING and callout.expires_at <= now:
            # Whose time runs out while a danger holds it has not been wanted in that time (`asking.states_by_person`).
            held = {"stood_down_as": coverage.HELD} if incident.asking == coverage.HELD else {}
            callouts.move(session, callout, "expire", actor, **held)
    notice_coverage(session, settings, incident, plan, rows, actor)
    short = False
    if incident.state == OPEN and incident.asking == coverage.ASKING:
        asked = asking.ask_next(session, settings, incident, plan, rows)
        rows, short = rows + asked.newcomers, asked.short
    following_up.follow_up(session, settings, incident, rows)
    ringing.ring(session, settings, incident, plan, rows)
    incident.next_look_at = _next_look(settings, incident, plan, rows, short)


def notice_coverage(
    session: Session, settings: Settings, incident: Incident, plan: Plan, rows: list[Callout], actor: str
) -> None:
    """Compare the roles with who holds them; stop asking when all are filled, begin again when one falls free."""
    covered, was_covered = not coverage.unfilled(plan.roles, rows), incident.covered
    if covered != was_covered:
        incident.covered = covered
        events.record(session, "incident_covered" if covered else "incident_uncovered", actor, incident_id=incident.id)
    if incident.state != OPEN:
        return
    if covered and incident.asking == coverage.ASKING:
        incident.asking = coverage.FILLED
        # Whom a dispatcher wanted beyond the roles is still wanted.
        standing_down.tell(session, settings, [row for row in rows if not row.extra], standing_down.COVERED, actor)
    elif not covered and incident.asking == coverage.FILLED and (was_covered or _someone_dropped_out(plan, rows)):
        resume_asking(session, incident, actor)


def _someone_dropped_out(plan: Plan, rows: list[Callout]) -> bool:
    """Whether one who was coming is not any more and nobody stands in for them. A dispatcher may have said "covered" with
    fewer people than the plan's roles; then this, and not an unfilled role, is what starts the asking again."""
    now = clock.now()
    return any(row.role is not None and waves.owes_a_replacement(row, plan.waves, now) for row in rows)


def resume_asking(session: Session, incident: Incident, actor: str) -> None:
    """Let the incident ask again, as if for the first time: the next wave is a starting one, and no stand-down holds."""
    incident.asking, incident.stood_down_as = coverage.ASKING, None
    incident.starting = True
    if incident.waves:
        events.record(session, "asking_resumed", actor, incident_id=incident.id)


def settle_asking(session: Session, incident: Incident, actor: str, *, corrected: bool = False) -> None:
    """Decide whether an open incident asks at all: not while a hazard that its plan excludes waits for a dispatcher's go, and
    not while all roles are filled. Called when it opens, reopens, or its type or hazards are `corrected`; a correction never
    brings back an asking that a dispatcher has ended."""
    plan = of(incident.plan)
    rows = callouts.of_incident(session, incident.id)
    excluded = sorted(set(incident.hazards) & set(plan.excluded_hazards))
    if excluded and not incident.hazards_overridden:
        _hold(session, incident, rows, excluded, actor, is_over=corrected and incident.asking == coverage.ENDED)
        return
    for kind in (alarms.HAZARD_HELD, alarms.HAZARD_WHILE_COMING):
        alarms.clear(session, kind, incident_id=incident.id, callout_id=None, actor=actor)
    enough = incident.asking == coverage.FILLED or incident.stood_down_as == standing_down.COVERED
    called_covered = enough and not incident.covered
    incident.covered = not coverage.unfilled(plan.roles, rows)
    if corrected and incident.asking == coverage.ENDED:
        return
    if incident.covered or (corrected and called_covered):
        incident.asking = coverage.FILLED
    elif incident.asking == coverage.ASKING:
        incident.starting = True
    else:
        resume_asking(session, incident, actor)


def _hold(session: Session, incident: Incident, rows: list[Callout], excluded: list[str], actor: str, *, is_over: bool) -> None:
    """Ask nobody until a dispatcher's go. A first text that has not left need not leave; its person is asked after the go."""
    events.record(session, "hazard_held", actor, incident_id=incident.id, hazards=excluded)
    out_there = any(row.state in states.BOUND for row in rows)
    if is_over and not out_there:
        return
    kind = alarms.HAZARD_WHILE_COMING if out_there else alarms.HAZARD_HELD
    alarms.raise_for_each(session, kind, incident_id=incident.id, facts={"hazards": excluded})
    if is_over:
        return
    incident.asking = coverage.HELD
    never_left = standing_down.cancel_unsent(session, rows)
    for row in rows:
        if row.id in never_left:
            callouts.move(session, row, "stand_down", actor, stood_down_as=coverage.HELD)


def _next_look(settings: Settings, incident: Incident, plan: Plan, rows: list[Callout], short: bool) -> datetime | None:
    now = clock.now()
    moments = [*following_up.deadlines(incident, rows), *ringing.deadlines(settings, incident, plan, rows)]
    moments = [moment for moment in moments if moment > now]
    if incident.state == OPEN:
        waiting = [row for row in rows if row.state in states.WAITING]
        moments += [row.expires_at for row in waiting]
        silence = timedelta(seconds=plan.waves.silence_s)
        moments += [row.alerted_at + silence for row in waiting if row.alerted_at and row.alerted_at + silence > now]
        if short:
            moments.append(now + TRY_AGAIN)
    return min(moments, default=None)
