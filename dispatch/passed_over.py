"""Who was near and was not asked, and why: by name for the nearest 50, beyond that as a count per reason.

Worked out after the texts have left; no emergency waits for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import clock, events
from core.services import Services
from dispatch import candidates, near, plans
from dispatch.callouts import lock_incident
from dispatch.models import Callout, Incident, PassedOver
from geo import cells, zones
from geo.distance import Origin, box_around
from responder import rules

BY_NAME = 50
GOING_ELSEWHERE, TOO_FAR, AFTER_AMBULANCE = "going_elsewhere", "too_far", "after_ambulance"
NOT_YET = "others_sooner"
"""Fit to be asked, but others are sooner there."""
SPARED = "spared"
"""Fit to be asked, but has had many alerts or comes from an emergency, and others are there."""
OUTSIDE_ZONE = "outside_zone"


_FIT = (NOT_YET, SPARED)


@dataclass(frozen=True, order=True)
class Near:
    """One person near an incident, at their nearest place, and the reason why they were not asked."""

    distance_m: int
    responder_id: int
    eta_s: int
    reason: str


def explain_due(services: Services, limit: int = 20) -> int:
    """Write the reasons for the incidents that asked someone since they were last explained."""
    with services.read() as session:
        due = list(
            session.scalars(
                select(Incident.id).where(Incident.state == "open", Incident.explained_waves < Incident.waves).limit(limit)
            )
        )
    for incident_id in due:
        with services.write() as session:
            explain(session, services, incident_id)
    return len(due)


def explain(session: Session, services: Services, incident_id: str) -> None:
    """Work the reasons out as things stand now, in place of what was kept before."""
    incident = lock_incident(session, incident_id)
    assert incident is not None, "incidents are never deleted"
    if incident.explained_waves >= incident.waves:
        return  # another process has done it meanwhile
    asked = set(session.scalars(select(Callout.responder_id).where(Callout.incident_id == incident.id)))
    near = [one for one in nearby(session, services, incident) if one.responder_id not in asked]
    session.execute(delete(PassedOver).where(PassedOver.incident_id == incident.id))
    session.add_all(_rows(incident, near))
    incident.explained_waves = incident.waves
    # So that whoever follows the incident reads them: it may be all that happens when nobody could be asked.
    events.record(session, "passed_over_explained", incident_id=incident.id, people=len(near))


def nearby(session: Session, services: Services, incident: Incident) -> list[Near]:
    """Everyone with a place within the plan's ceiling, nearest first, with the reason against asking them."""
    plan = plans.of(incident.plan)
    settings, now = services.settings, clock.now()
    moment = rules.moment_of(settings, now)
    question = candidates.Question.of(incident, plan, moment, now)
    travel, area = candidates.surroundings(session, incident.agency_id)
    box = box_around(incident.lat, incident.lon, plan.reach.ceiling_m)
    origin = Origin(incident.lat, incident.lon)
    best: dict[int, Near] = {}
    for ring in (cells.disk_over(incident.lat, incident.lon, plan.reach.ceiling_m),):
        for row in near.places(session, ring, box, incident.agency_id, incident.id):
            distance_m = origin.distance_m(row.lat, row.lon)
            if distance_m > plan.reach.ceiling_m:
                continue
            eta_s = travel.estimate_s(distance_m, row.transport)
            reason = _reason(row, question, eta_s, area)
            one = Near(round(distance_m), row.responder_id, eta_s, reason)
            # Of two places the one where a person could be asked says more than the one where they cannot.
            known = best.get(one.responder_id)
            if known is None or (one.reason not in _FIT, one) < (known.reason not in _FIT, known):
                best[one.responder_id] = one
    return sorted(best.values())


def _reason(row: near.PlaceNear, question: candidates.Question, eta_s: int, area: zones.ServiceArea) -> str:
    plan = question.plan
    reasons = [
        rules.reason_against(row, plan.all_of, kinds, question.moment) for kinds in (plan.any_of, *plan.for_role.values())
    ]
    if None not in reasons:
        return str(reasons[0])
    if row.elsewhere == near.BOUND_ELSEWHERE:
        return GOING_ELSEWHERE
    if not area.inside([row.lat], [row.lon])[0]:
        return OUTSIDE_ZONE
    if eta_s > plan.reach.travel_s:
        return TOO_FAR
    if eta_s > question.reach_s:
        return AFTER_AMBULANCE
    return SPARED if row.spared_until > question.moment.now_s else NOT_YET


def _rows(incident: Incident, near: Sequence[Near]) -> list[PassedOver]:
    named = [
        PassedOver(
            incident_id=incident.id,
            wave=incident.waves,
            responder_id=one.responder_id,
            reason=one.reason,
            distance_m=one.distance_m,
            eta_s=one.eta_s,
        )
        for one in near[:BY_NAME]
    ]
    counts = Counter(one.reason for one in near[BY_NAME:])
    return named + [
        PassedOver(incident_id=incident.id, wave=incident.waves, reason=reason, count=count) for reason, count in counts.items()
    ]
