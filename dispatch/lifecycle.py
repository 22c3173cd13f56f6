"""What a dispatcher, or a CAD system, does with an open incident: stand people down, close it, open it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.orm import Session

from core import clock, events
from core.problems import Problem, field_problem, not_found
from core.services import Services
from core.words import fill
from dispatch import advance, alarms, callouts, coverage, refusals, standing_down, states
from dispatch.models import CLOSED, OPEN, Callout, Incident

OUTCOMES = ("helped", "ambulance_first", "not_needed", "not_found", "unsafe", "false_alarm", "mistaken", "other")
_TOLD_AT_CLOSE = {"ambulance_first": standing_down.AMBULANCE_ON_SCENE, "unsafe": standing_down.UNSAFE}


@contextmanager
def locked(services: Services, incident_id: str, *, state: str | None = None) -> Iterator[tuple[Session, Incident]]:
    """The incident, locked, in a write transaction. 404 when there is none, 409 when it is not in `state`."""
    with services.write() as session:
        incident = callouts.lock_incident(session, incident_id)
        if incident is None:
            raise not_found("incident")
        if state is not None and incident.state != state:
            raise refusals.stands_otherwise(incident.state)
        yield session, incident


def stand_down(services: Services, incident_id: str, reason: str, actor: str) -> None:
    """Tell everyone concerned that they are not needed, and stop asking. After `covered` asking begins again when one who is
    coming drops out; but it is no go where a danger holds the incident, and makes nothing of what is over already. Raises 404,
    409 on a closed incident, 422 for an unknown reason."""
    if reason not in standing_down.REASONS:
        raise field_problem("/reason", fill("one of {expected}", expected=", ".join(standing_down.REASONS)))
    with locked(services, incident_id, state=OPEN) as (session, incident):
        _stop_asking(incident, reason)
        events.record(session, "stood_down", actor, incident_id=incident.id, reason=reason)
        rows = callouts.of_incident(session, incident.id)
        standing_down.tell(session, services.settings, rows, reason, actor)
        if reason == standing_down.COVERED:
            _settle_debts(rows)
        advance.advance(session, services.settings, incident, actor)


def _stop_asking(incident: Incident, reason: str) -> None:
    if reason != standing_down.COVERED:
        incident.asking, incident.stood_down_as = coverage.ENDED, reason
    elif incident.asking != coverage.ENDED:
        incident.asking = coverage.HELD if incident.asking == coverage.HELD else coverage.FILLED
        incident.stood_down_as = reason


def _settle_debts(rows: Sequence[Callout]) -> None:
    """A dispatcher says that those who are coming are enough: whoever had dropped out before starts no asking any more."""
    for row in rows:
        if row.state not in states.BOUND:
            row.replaced_at = clock.now()


def close_incident(services: Services, incident_id: str, outcome: str, actor: str) -> None:
    """Close an open incident. Those asked, coming or on scene are told as by a stand-down; a 4 or 0 of theirs still counts.
    Raises 404, 409 when it is closed already, 422 for an unknown outcome."""
    if outcome not in OUTCOMES:
        raise field_problem("/outcome", fill("one of {expected}", expected=", ".join(OUTCOMES)))
    with locked(services, incident_id, state=OPEN) as (session, incident):
        reason = _TOLD_AT_CLOSE.get(outcome, standing_down.NOT_NEEDED)
        rows = callouts.of_incident(session, incident.id)
        standing_down.tell(session, services.settings, rows, reason, actor, asked_move="expire")
        incident.state, incident.closed_at, incident.outcome = CLOSED, clock.now(), outcome
        incident.asking, incident.stood_down_as = coverage.ENDED, reason
        events.record(session, "incident_closed", actor, incident_id=incident.id, outcome=outcome)
        advance.advance(session, services.settings, incident, actor)


def reopen(services: Services, incident_id: str, actor: str) -> None:
    """Open a closed incident again and ask for the roles that are not filled. Raises 404, 409 when it is open, or when where it
    was has been forgotten."""
    with locked(services, incident_id, state=CLOSED) as (session, incident):
        if incident.forgotten_at is not None:
            raise Problem(409, "Where this emergency was has been erased: open a new one")
        incident.state, incident.closed_at, incident.outcome, incident.stood_down_as = OPEN, None, None, None
        events.record(session, "incident_reopened", actor, incident_id=incident.id)
        advance.settle_asking(session, incident, actor)
        advance.advance(session, services.settings, incident, actor)


def override_hazards(services: Services, incident_id: str, reason: str, actor: str) -> None:
    """A dispatcher's go for an incident whose hazards its plan excludes; `reason` is kept with it. Raises 404, 409 when it is
    not waiting for a go, 422 without a reason."""
    if not reason.strip():
        raise field_problem("/reason", "say why volunteers may be asked in spite of the hazard")
    with locked(services, incident_id, state=OPEN) as (session, incident):
        if incident.asking != coverage.HELD:
            raise Problem(409, "The incident is not waiting for a go")
        incident.hazards_overridden = reason.strip()
        events.record(session, "hazards_overridden", actor, incident_id=incident.id, hazards=incident.hazards)
        for kind in (alarms.HAZARD_HELD, alarms.HAZARD_WHILE_COMING):
            alarms.clear(session, kind, incident_id=incident.id, callout_id=None, actor=actor, go=reason.strip())
        advance.settle_asking(session, incident, actor)
        advance.advance(session, services.settings, incident, actor)
