"""A correction comes in. A new place chooses again: those coming get the new address, those now too far are let go, nearer ones
are asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, events
from core.problems import not_found
from core.services import Services
from core.settings import Settings
from dispatch import advance, callouts, candidates, coverage, placing, plans, refusals, standing_down, states, writing
from dispatch.intake import phone_of
from dispatch.lifecycle import locked
from dispatch.models import OPEN, Callout, Incident
from dispatch.placing import Place
from dispatch.plans import Plan
from dispatch.reports import Correction
from geo.distance import Origin
from geo.geocoding import Geocoder
from geo.travel import TravelTime
from responder import hours, rules
from responder.models import ReachablePlace
from sms import outbox, purposes
from sms.models import CANCELLED, EXPIRED, REFUSED, Message

SAME_PLACE_DEG = 1e-6
"""Coordinates this close, about 10 cm, are one place."""


def correct_incident(
    services: Services,
    geocoder: Geocoder,
    incident_id: str,
    correction: Correction,
    actor: str,
    place: Place | None = None,
) -> None:
    """Correct an open incident; `place` is the right one, for a caller who has found it already. Raises 404, 409 when it is
    closed, 422 with the field at fault."""
    check_open(services, incident_id)
    if place is None:
        place = placing.place_of(services, geocoder, correction, correction.type, actor, incident_id)
    with locked(services, incident_id, state=OPEN) as (session, incident):
        apply(session, services, incident, correction, place, actor)


def apply(
    session: Session, services: Services, incident: Incident, correction: Correction, place: Place | None, actor: str
) -> None:
    """Correct `incident`, which the caller has locked and which is open, with everything that follows from it."""
    known = set(incident.hazards)
    changed = sorted(_apply_facts(session, services, incident, correction))
    if place is not None and not _is_there(incident, place):
        placing.check_inside(session, incident.agency_id, place)
        changed.append("place")
        _move_to(session, services.settings, incident, place, actor)
    elif "access_notes" in changed or _new_warnings(incident, known):
        _send_address_again(session, services.settings, callouts.of_incident(session, incident.id))
    events.record(session, "incident_corrected", actor, incident_id=incident.id, fields=changed)
    if {"hazards", "type"} & set(changed):
        advance.settle_asking(session, incident, actor, corrected=True)
    advance.advance(session, services.settings, incident, actor)


def _new_warnings(incident: Incident, known: set[str]) -> set[str]:
    """The dangers just added that are a warning in the second text. An excluded one is for a dispatcher to decide about: it
    stands red, and no text may sound like a go."""
    return set(incident.hazards) - known - set(plans.of(incident.plan).excluded_hazards)


def check_open(services: Services, incident_id: str) -> None:
    """Refuse a correction of nothing, or of what is closed, before its address is looked up or stands red anywhere."""
    with services.read() as session:
        state = session.scalar(select(Incident.state).where(Incident.id == incident_id))
    if state is None:
        raise not_found("incident")
    if state != OPEN:
        raise refusals.stands_otherwise(state)


def _apply_facts(session: Session, services: Services, incident: Incident, correction: Correction) -> set[str]:
    """Write down what is given; returns the names of what differs from before (a new estimate always counts from now)."""
    given = correction.model_fields_set
    before = {name: getattr(incident, name) for name in ("type", "access_notes", "caller_phone", "hazards")}
    if correction.type is not None and correction.type != incident.type:
        incident.plan = plans.current(session, correction.type, incident.agency_id)
        incident.type = correction.type
    if "access_notes" in given:
        incident.access_notes = correction.access_notes
    if "caller_phone" in given:
        incident.caller_phone = phone_of(services, correction.caller_phone)
    if "hazards" in given:
        incident.hazards = list(correction.hazards or ())
        added = set(incident.hazards) - set(before["hazards"])
        if added & set(plans.of(incident.plan).excluded_hazards):
            incident.hazards_overridden = None  # a dispatcher's go was for the dangers known then
    changed = {name for name, value in before.items() if getattr(incident, name) != value}
    if "ambulance_eta_s" in given:
        eta_s = correction.ambulance_eta_s
        incident.ambulance_at = None if eta_s is None else clock.now() + timedelta(seconds=eta_s)
        changed.add("ambulance_eta_s")
    session.flush()
    return changed


def _is_there(incident: Incident, place: Place) -> bool:
    """Whether the incident is known to be at `place` already; then nobody who goes there needs to hear of it."""
    near = abs(place.lat - incident.lat) <= SAME_PLACE_DEG and abs(place.lon - incident.lon) <= SAME_PLACE_DEG
    same = near and place.address in (None, incident.address)
    if same and place.address_given is not None:
        incident.address_given = place.address_given
    return same


def _move_to(session: Session, settings: Settings, incident: Incident, place: Place, actor: str) -> None:
    before = writing.where(incident)
    incident.lat, incident.lon, incident.address = place.lat, place.lon, place.address
    incident.address_given = place.address_given
    incident.district, incident.placed_at = placing.district_of(session, place), clock.now()
    session.flush()
    plan = plans.of(incident.plan)
    limit_s = candidates.reach_s(plan, incident.ambulance_at, clock.now())
    # Also of those who were let go or declined: a late 1 of theirs is weighed by how soon they are at the right place.
    everybody = [row for row in callouts.of_incident(session, incident.id) if row.state != states.FINISHED]
    minute = rules.moment_of(settings, clock.now()).minute_of_week
    reached = {row.id for row in everybody if _measure_again(session, incident, plan, row, limit_s, minute)}
    rows = [row for row in everybody if row.state in (*states.LIVE, states.EXPIRED)]
    # What the gate finds outdated it holds back too; but nothing with the old place need even come that far.
    taken_back = outbox.cancel(session, writing.ABOUT, [row.id for row in rows], [purposes.ADDRESS])
    outbox.cancel(session, writing.ABOUT, [row.id for row in rows], [purposes.CORRECTION])
    never_told = taken_back - _were_told(session, taken_back)
    let_go = False
    for row in rows:
        in_reach = row.id in reached
        if row.state in states.BOUND:
            let_go |= not in_reach
            if row.state == states.ON_SCENE:
                row.asked_where_at = None  # they are on their way again (`Callout.at_old_address`)
            if in_reach and row.id in never_told:
                writing.send_address(session, settings, row)  # they never had the wrong address
            else:
                _tell_who_goes(session, settings, incident, row, before, in_reach, actor)
        elif not in_reach:
            _let_go_unanswered(session, settings, row, actor)
    advance.notice_coverage(session, settings, incident, plan, callouts.of_incident(session, incident.id), actor)
    if incident.asking == coverage.ASKING:
        incident.starting = True
    elif incident.asking == coverage.FILLED and let_go and not incident.covered:
        advance.resume_asking(session, incident, actor)


def _were_told(session: Session, callout_ids: Collection[str]) -> set[str]:
    """Of these callouts, those whose person may have an address already: a text or a call with one has left before."""
    left = select(Message.about_id).where(
        Message.about_kind == writing.ABOUT,
        Message.about_id.in_(callout_ids),
        Message.purpose.in_((purposes.ADDRESS, purposes.CORRECTION)),
        Message.state.not_in((CANCELLED, REFUSED, EXPIRED)),
    )
    return {about_id for about_id in session.scalars(left) if about_id is not None}


def _measure_again(session: Session, incident: Incident, plan: Plan, row: Callout, limit_s: int, minute: int) -> bool:
    """Reckon distance and travel time to the new place, from the nearest place where the person is `minute` of the week by
    their hours, or set out from; return whether it is in reach."""
    travel, _ = candidates.surroundings(session, incident.agency_id)
    reckoned = _soonest(session, incident, row, travel, minute)
    if reckoned is None:
        return False
    row.distance_m, row.eta_s, row.kind = reckoned
    return row.eta_s <= limit_s and row.distance_m <= plan.reach.ceiling_m


def _soonest(
    session: Session, incident: Incident, row: Callout, travel: TravelTime, minute: int
) -> tuple[int, int, str] | None:
    origin = Origin(incident.lat, incident.lon)
    columns = select(ReachablePlace.lat, ReachablePlace.lon, ReachablePlace.kind, ReachablePlace.hours)
    places = session.execute(columns.where(ReachablePlace.responder_id == row.responder_id))
    distances = [
        (origin.distance_m(lat, lon), kind)
        for lat, lon, kind, packed in places
        if kind == row.kind or packed is None or hours.unpack(packed).contains(minute)
    ]
    if not distances:
        return None
    nearest_m, kind = min(distances)
    return round(nearest_m), travel.estimate_s(nearest_m, row.transport), kind


def _tell_who_goes(
    session: Session, settings: Settings, incident: Incident, row: Callout, before: str, in_reach: bool, actor: str
) -> None:
    if in_reach:
        message = writing.send(
            session,
            settings,
            "T6",
            purposes.CORRECTION,
            row,
            address=writing.where(incident),
            old_address=before,
            notes=incident.access_notes,
        )
        writing.watch_address(row, message)
    elif callouts.move(session, row, "stand_down", actor, stood_down_as=standing_down.TOO_FAR):
        writing.send(session, settings, "T7", purposes.SAFETY, row)


def _let_go_unanswered(session: Session, settings: Settings, row: Callout, actor: str) -> None:
    """Whoever was asked and has not answered is told only where the first text may have left."""
    never_left = outbox.cancel(session, writing.ABOUT, [row.id], [purposes.FIRST]) if row.state == states.QUEUED else set()
    if callouts.move(session, row, "stand_down", actor, stood_down_as=standing_down.TOO_FAR) and row.id not in never_left:
        writing.send(session, settings, "T2b", purposes.STAND_DOWN, row)


def _send_address_again(session: Session, settings: Settings, rows: Sequence[Callout]) -> None:
    """A changed door code, or a new danger, reaches those who are on their way."""
    for row in rows:
        if row.state in states.BOUND:
            writing.send_address(session, settings, row)
