"""Everything that the desk shows of several incidents, read in a number of queries that does not grow with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from core.clock import rfc3339
from core.events import Event
from dispatch import states, writing
from dispatch.models import Callout, Incident, IncidentNote, PassedOver
from responder.models import ReachablePlace
from sms import purposes
from sms.models import EXPIRED, IN, OUT, REFUSED, SMS, Message

WITH_PERSON = joinedload(Callout.responder, innerjoin=True)
"""Loads a callout's person and phone with it, in the same query."""
_ARRIVED = ("delivered", "read")
_LOST = ("failed", "undelivered", "canceled")


class Spot(NamedTuple):
    """Degrees."""

    lat: float
    lon: float


@dataclass(frozen=True)
class Read:
    """What was read, by incident or by callout."""

    callouts: dict[str, list[Callout]]
    words: dict[str, list[dict[str, Any]]]
    delivered: dict[str, bool]
    places: dict[tuple[int, str], Spot]
    passed_over: dict[str, list[dict[str, Any]]]
    numbers: dict[str, int]
    notes: dict[str, list[dict[str, Any]]]


def read(session: Session, incidents: Sequence[Incident]) -> Read:
    """All of it, for `incidents`."""
    ids = [incident.id for incident in incidents]
    return Read(
        callouts=_callouts(session, ids),
        words=words(session, select(Callout.id).where(Callout.incident_id.in_(ids))),
        delivered=_delivered(session, ids),
        places=_places(session, ids),
        passed_over=_passed_over(session, ids),
        numbers=_numbers(session, ids),
        notes=_notes(session, ids),
    )


def is_shown(callout: Callout) -> bool:
    """Whether the desk may show who this is, what they wrote and where they set out from: only while they are on an open
    callout, or stand red because they may still be in danger."""
    on_it = callout.state in states.LIVE or callout.unsafe_since is not None
    return on_it and callout.responder.erased_at is None


def words(session: Session, callout_ids: Select[str]) -> dict[str, list[dict[str, Any]]]:
    """What people wrote about these callouts, oldest first, by callout; each with its message's id and moment."""
    wanted = (
        select(Message.about_id, Message.id, Message.created_at, Message.body)
        .where(Message.direction == IN, Message.about_kind == writing.ABOUT, Message.about_id.in_(callout_ids))
        .order_by(Message.created_at, Message.id)
    )
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for callout_id, message_id, at, body in session.execute(wanted):
        found[callout_id or ""].append({"id": message_id, "at": rfc3339(at), "text": body})
    return found


def bodies(session: Session, message_ids: Collection[str]) -> dict[str, str]:
    """The words of these incoming texts, by id."""
    if not message_ids:
        return {}
    wanted = select(Message.id, Message.body).where(Message.direction == IN, Message.id.in_(message_ids))
    found: dict[str, str] = dict(session.execute(wanted).all())
    return found


def _callouts(session: Session, ids: Sequence[str]) -> dict[str, list[Callout]]:
    wanted = (
        select(Callout)
        .where(Callout.incident_id.in_(ids))
        .options(WITH_PERSON)
        .order_by(Callout.wave, Callout.eta_s, Callout.id)
        .execution_options(populate_existing=True)
    )
    found: dict[str, list[Callout]] = defaultdict(list)
    for callout in session.scalars(wanted):
        found[callout.incident_id].append(callout)
    return found


def _delivered(session: Session, ids: Sequence[str]) -> dict[str, bool]:
    """Of each callout's newest first text, whether the carrier says that it arrived; not there while nobody knows."""
    wanted = (
        select(Message.about_id, Message.carrier_status, Message.state)
        .join(Callout, Callout.id == Message.about_id)
        .where(
            Message.direction == OUT,
            Message.about_kind == writing.ABOUT,
            Message.purpose == purposes.FIRST,
            Message.channel == SMS,
            Callout.incident_id.in_(ids),
        )
        .order_by(Message.created_at, Message.id)
    )
    found: dict[str, bool | None] = {}
    for callout_id, status, state in session.execute(wanted):
        lost = status in _LOST or state in (REFUSED, EXPIRED)
        found[callout_id or ""] = True if status in _ARRIVED else False if lost else None
    return {callout_id: arrived for callout_id, arrived in found.items() if arrived is not None}


def _places(session: Session, ids: Sequence[str]) -> dict[tuple[int, str], Spot]:
    people = select(Callout.responder_id).where(Callout.incident_id.in_(ids), Callout.state.in_(states.LIVE))
    columns = select(ReachablePlace.responder_id, ReachablePlace.kind, ReachablePlace.lat, ReachablePlace.lon)
    rows = session.execute(columns.where(ReachablePlace.responder_id.in_(people)))
    return {(row.responder_id, row.kind): Spot(row.lat, row.lon) for row in rows}


def _passed_over(session: Session, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """How many were near and not asked, for each reason; never who."""
    counted = (
        select(PassedOver.incident_id, PassedOver.reason, func.sum(PassedOver.count))
        .where(PassedOver.incident_id.in_(ids))
        .group_by(PassedOver.incident_id, PassedOver.reason)
        .order_by(func.sum(PassedOver.count).desc(), PassedOver.reason)
    )
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for incident_id, reason, count in session.execute(counted):
        found[incident_id].append({"reason": reason, "count": int(count)})
    return found


def _numbers(session: Session, ids: Sequence[str]) -> dict[str, int]:
    last = select(Event.incident_id, func.max(Event.number)).where(Event.incident_id.in_(ids)).group_by(Event.incident_id)
    return {incident_id or "": number for incident_id, number in session.execute(last)}


def _notes(session: Session, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    wanted = select(IncidentNote).where(IncidentNote.incident_id.in_(ids)).order_by(IncidentNote.id)
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for note in session.scalars(wanted):
        found[note.incident_id].append({"id": note.id, "at": rfc3339(note.at), "actor": note.actor, "text": note.text})
    return found
