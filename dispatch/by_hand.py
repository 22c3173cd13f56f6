"""A dispatcher steps into the asking: the next ones, this person, not this person any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from core import clock, events
from core.database import advisory_lock
from core.problems import Problem, not_found
from core.services import Services
from core.settings import Settings
from core.words import fill
from dispatch import (
    advance,
    asking,
    callouts,
    candidates,
    coverage,
    one_person,
    one_role,
    plans,
    refusals,
    standing_down,
    states,
    taking_off,
)
from dispatch.asking import Ask
from dispatch.candidates import Candidate, Question
from dispatch.lifecycle import locked
from dispatch.models import OPEN, Callout, Incident
from dispatch.plans import LesserRole, Reach
from responder import rules

MOST_ASKED = 60
"""How many different people one incident may ask in all, those that a dispatcher asks beyond the plan included."""
MOST_SHOWN, MOST_ALONE = 20, 5
"""How many a dispatcher sees to choose from: who may do everything, and who may have one role alone, for each such role."""
FARTHEST_M, LONGEST_S = 5000, 3600
"""How far away somebody may live whom a dispatcher sees to choose from; the plan's own reach is for choosing alone."""
_PART_OF_IT = (*states.LIVE, states.FINISHED)


def ask_more(services: Services, incident_id: str, people: int, actor: str) -> int:
    """Ask the next `people` soonest beyond those whom the plan has asked. Returns how many could be asked. Raises 404, and 409
    when the incident is closed, held, called unsafe, or has asked as many as one incident may."""
    with locked(services, incident_id, state=OPEN) as (session, incident):
        rows = callouts.of_incident(session, incident.id)
        _check_asks(incident)
        newcomers = MOST_ASKED - len(rows)
        if newcomers <= 0:
            raise refusals.most_asked(MOST_ASKED)
        advisory_lock(session, asking.CHOOSING_LOCK)
        question = _question(services.settings, incident)
        found = candidates.find(session, question, people, asking.states_by_person(rows), newcomers)
        asks = [(one, None) for one in found]
        asked = _ask(session, services.settings, incident, rows, asks, "asked for by a dispatcher", actor)
        events.record(session, "asked_by_hand", actor, incident_id=incident.id, wanted=people, people=asked)
        advance.advance(session, services.settings, incident, actor)
        return asked


def ask_this_one(services: Services, incident_id: str, token: str, actor: str) -> None:
    """Ask one person, of `askable`. Raises 404 for nobody, and 409 with the plain reason when they cannot be asked."""
    with locked(services, incident_id, state=OPEN) as (session, incident):
        responder_id = one_person.of_token(services.settings, incident_id, token)
        if responder_id is None:
            raise not_found("volunteer here")
        rows = callouts.of_incident(session, incident.id)
        _check_asks(incident)
        known = {row.responder_id: row.state for row in rows}
        if known.get(responder_id) in _PART_OF_IT:
            raise Problem(409, "This volunteer is part of this emergency already")
        if responder_id not in known and len(rows) >= MOST_ASKED:
            raise refusals.most_asked(MOST_ASKED)
        advisory_lock(session, asking.CHOOSING_LOCK)
        question = _question(services.settings, incident)
        found = one_person.look_at(session, question, responder_id, one_role.free(question.plan, incident.asking, rows))
        if isinstance(found, str):
            raise Problem(409, fill("This volunteer cannot be asked: {why}", why=fill(found)))
        asked = _ask(session, services.settings, incident, rows, [found], "chosen by a dispatcher", actor)
        events.record(session, "asked_by_hand", actor, incident_id=incident.id, wanted=1, people=asked)
        advance.advance(session, services.settings, incident, actor)


@dataclass(frozen=True)
class Askable:
    """Somebody whom a dispatcher may ask now, the role if it can only be one, and whether they were part of this before."""

    candidate: Candidate
    only_role: LesserRole | None
    again: bool


def askable(session: Session, settings: Settings, incident: Incident) -> list[Askable]:
    """The nearest whom a dispatcher may ask now, soonest first; after them those who may have one role alone that is free."""
    rows = callouts.of_incident(session, incident.id)
    known = {row.responder_id for row in rows}
    question = _question(settings, incident)
    reach = Reach(travel_s=LONGEST_S, ceiling_m=max(FARTHEST_M, question.plan.reach.ceiling_m))
    wide = replace(question, reach_s=LONGEST_S, plan=question.plan.model_copy(update={"reach": reach}))
    taken = {row.responder_id: row.state for row in rows if row.state in _PART_OF_IT}
    found: list[tuple[Candidate, LesserRole | None]] = [
        (one, None) for one in candidates.find(session, wide, MOST_SHOWN, taken, everybody=True)
    ]
    beside = [one_role.Wanted(role, MOST_ALONE) for role in one_role.free(wide.plan, incident.asking, rows)]
    found += one_role.choose(session, wide, beside, taken, MOST_SHOWN)
    return [Askable(one, role, one.responder_id in known) for one, role in found]


def take_off(services: Services, incident_id: str, callout_id: str, actor: str) -> int:
    """Take one person off (`dispatch.taking_off`). Returns who it was. Raises 404, 409 when they are on it no more."""
    with locked(services, incident_id) as (session, incident):
        rows = callouts.of_incident(session, incident.id)
        row = next((one for one in rows if one.id == callout_id), None)
        if row is None:
            raise not_found("callout")
        if not taking_off.take_off(session, services.settings, incident, row, actor):
            raise Problem(409, "This volunteer is not on this emergency any more")
        return row.responder_id


def _check_asks(incident: Incident) -> None:
    if incident.asking == coverage.HELD:
        raise Problem(409, "A danger holds this emergency: say go first")
    if incident.stood_down_as == standing_down.UNSAFE and incident.asking == coverage.ENDED:
        raise Problem(409, "Everyone was told that it is not safe there. Close it and open it again to ask anyone")


def _question(settings: Settings, incident: Incident) -> Question:
    now, plan = clock.now(), plans.of(incident.plan)
    return Question.of(incident, plan, rules.moment_of(settings, now), now)


def _ask(
    session: Session,
    settings: Settings,
    incident: Incident,
    rows: Sequence[Callout],
    found: Sequence[tuple[Candidate, LesserRole | None]],
    why: str,
    actor: str,
) -> int:
    """Ask `found`, each with the role if it can only be one. While the roles are open they are as everybody; otherwise they are
    wanted beyond the roles."""
    if not found:
        return 0
    extra = incident.asking != coverage.ASKING
    if incident.asking == coverage.ENDED:
        # The dispatcher has thought better of it: these come, and nobody else is asked unless one of them drops out.
        incident.asking, incident.stood_down_as = coverage.FILLED, None
        for row in rows:
            row.replaced_at = row.replaced_at or clock.now()
    asks = [Ask(one, f"{why}: {asking.how_far(one)}", extra, role) for one, role in found]
    return len(asking.call_out(session, settings, incident, rows, asks, actor))
