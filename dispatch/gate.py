"""The gates: what made a text right is checked once more in the moment it leaves.

For a first text that is everything that made the person right to ask. A text that waited, or is sent once more because nobody
knows whether it left, may have been overtaken: nobody gets an address that was corrected since, or a stand-down after they were
asked again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from core import clock
from core.settings import Settings
from dispatch import coverage, plans, states
from dispatch.models import OPEN, Callout, Incident
from dispatch.plans import Plan
from responder import rules
from responder.models import ReachablePlace
from sms.models import CALL, Message

NOT_GOING = "not_going"
OUTDATED = "outdated"
NOT_ASKING = "not_asking"
NOT_QUEUED = "not_queued"
NO_PLACE = "no_place"
GOING_ELSEWHERE = "going_elsewhere"
NO_CALLS = "no_calls"
ARRIVED = "arrived"
NOT_IN_DANGER = "not_in_danger"


def first_text(session: Session, messages: Sequence[Message], *, settings: Settings) -> Mapping[str, str]:
    """Of these first texts, and the calls that follow them, the ids of those that may not leave any more, with the reasons."""
    callouts = _callouts(session, messages)
    incidents = _incidents(session, {row.incident_id for row in callouts.values()})
    parsed = {incident.plan_id: plans.of(incident.plan) for incident in incidents.values()}
    people = {row.responder_id for row in callouts.values()}
    places, bound = _places(session, people), _bound(session, people)
    moment = rules.moment_of(settings, clock.now())
    refused = {}
    for message in messages:
        callout = callouts[message.about_id or ""]
        incident = incidents[callout.incident_id]
        plan = parsed[incident.plan_id]
        reason = _reason_against(message, callout, incident, plan, places[callout.responder_id], moment)
        if reason is None and bound.get(callout.responder_id, incident.id) != incident.id:
            reason = GOING_ELSEWHERE
        if reason:
            refused[message.id] = reason
    return refused


def address(session: Session, messages: Sequence[Message]) -> Mapping[str, str]:
    """Of these addresses, the ids of those whose reader is not going any more, or that were corrected since."""
    callouts = _callouts(session, messages)
    incidents = _incidents(session, {row.incident_id for row in callouts.values()})
    refused = {}
    for message in messages:
        callout = callouts[message.about_id or ""]
        if callout.state not in states.BOUND:
            refused[message.id] = NOT_GOING
        elif message.created_at < incidents[callout.incident_id].placed_at:
            refused[message.id] = OUTDATED
        elif message.channel == CALL and callout.address_due_at is None:
            refused[message.id] = ARRIVED
    return refused


def danger(session: Session, messages: Sequence[Message]) -> Mapping[str, str]:
    """Of these safety texts and calls, the ids of the calls to people who are known to be away by now."""
    calls = [message for message in messages if message.channel == CALL]
    callouts = _callouts(session, calls)
    return {one.id: NOT_IN_DANGER for one in calls if callouts[one.about_id or ""].unsafe_since is None}


def stand_down(session: Session, messages: Sequence[Message]) -> Mapping[str, str]:
    """Of these stand-downs, the ids of those whose reader has been asked again, or has set out, since."""
    callouts = _callouts(session, messages)
    overtaken = (*states.WAITING, states.ACCEPTED)
    return {
        message.id: OUTDATED
        for message in messages
        if message.about_id in callouts and callouts[message.about_id].state in overtaken
    }


def _callouts(session: Session, messages: Sequence[Message]) -> dict[str, Callout]:
    wanted = select(Callout).where(Callout.id.in_([message.about_id for message in messages]))
    return {row.id: row for row in session.scalars(wanted)}


def _incidents(session: Session, ids: set[str]) -> dict[str, Incident]:
    return {row.id: row for row in session.scalars(select(Incident).where(Incident.id.in_(ids)))}


def _places(session: Session, responder_ids: set[int]) -> dict[int, list[Row[Any]]]:
    table = ReachablePlace.__table__
    columns = [table.c[name] for name in ("responder_id", *rules.COLUMNS)]
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in session.execute(select(*columns).where(table.c.responder_id.in_(responder_ids))):
        found[row.responder_id].append(row)
    return found


def _bound(session: Session, responder_ids: set[int]) -> dict[int, str]:
    """Of these people, those who go to an incident, with its id: they may have set out since they were chosen."""
    wanted = select(Callout.responder_id, Callout.incident_id)
    going = wanted.where(Callout.responder_id.in_(responder_ids), Callout.state.in_(states.BOUND))
    return dict(session.execute(going).all())


def _may_be_asked(message: Message) -> tuple[str, ...]:
    """Whom a first text may still reach (they count as failed while nobody knows whether it has left), whom a copy of one that
    failed, and whom the call that follows it."""
    if message.channel == CALL:
        return (states.ALERTED, states.UNCLEAR, states.FAILED)
    return (states.FAILED,) if message.again_of else (states.QUEUED, states.FAILED)


def _reason_against(
    message: Message, callout: Callout, incident: Incident, plan: Plan, places: list[Row[Any]], moment: rules.Moment
) -> str | None:
    if callout.state not in _may_be_asked(message):
        return NOT_QUEUED
    if message.created_at < callout.queued_at:
        return OUTDATED  # they were asked anew since, by a text of its own
    if message.channel == CALL and not callout.responder.calls:
        return NO_CALLS
    if incident.state != OPEN or not coverage.may_be_asked(incident.asking, callout.extra):
        return NOT_ASKING
    any_of = plan.any_of_for(callout.only_role)
    if any_of is None:
        return NOT_ASKING  # another plan since, in which nobody has that role alone
    against = [rules.reason_against(place, plan.all_of, any_of, moment) for place in places]
    if not against:
        return NO_PLACE
    return None if None in against else str(against[0])
