"""An incident as the desk shows it: what the API tells, and what a dispatcher needs beside it to act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core import clock
from core.clock import rfc3339
from core.words import translated
from dispatch import coverage, plans, states, view, waves
from dispatch.desk import speech
from dispatch.desk.reading import Read, is_shown, read
from dispatch.models import Callout, Incident
from dispatch.plans import Plan


def incidents_json(session: Session, incidents: Sequence[Incident]) -> list[dict[str, Any]]:
    """These incidents, in their order."""
    if not incidents:
        return []
    known, now = read(session, incidents), clock.now()
    parsed = {incident.plan_id: plans.of(incident.plan) for incident in incidents}
    return [_incident(incident, parsed[incident.plan_id], known, now) for incident in incidents]


def _incident(incident: Incident, plan: Plan, known: Read, now: datetime) -> dict[str, Any]:
    rows = known.callouts.get(incident.id, [])
    facts = view.facts(incident)
    return facts | {
        "shortfall": translated(facts["shortfall"]) if facts["shortfall"] else None,
        "type_name": speech.type_name(incident.type),
        "district": incident.district,
        "held": incident.asking == coverage.HELD,
        "hazards_overridden": incident.hazards_overridden,
        "stood_down_as": incident.stood_down_as,
        "opened_by": incident.opened_by,
        "roles": _roles(plan, rows),
        "going": sum(map(coverage.is_coming, rows)),
        "on_scene": sum(map(coverage.is_there, rows)),
        "asked": len(rows),
        "silence_s": plan.waves.silence_s,
        "silent": sum(row.state == states.EXPIRED or waves.is_silent(row, plan.waves, now) for row in rows),
        "passed_over": known.passed_over.get(incident.id, []),
        "notes": known.notes.get(incident.id, []),
        "number": known.numbers.get(incident.id, 0),
        "callouts": [_callout(row, known) for row in rows],
    }


def _roles(plan: Plan, rows: Sequence[Callout]) -> list[dict[str, Any]]:
    """The plan's roles, each with the callout that fills it: who came first keeps it."""
    filling = sorted((row for row in rows if row.state in states.FILLING), key=lambda row: row.answered_at or row.queued_at)
    filled = []
    for role in plan.roles:
        holder = next((row for row in filling if row.role == role), None)
        if holder is not None:
            filling.remove(holder)
        filled.append({"role": role, "filled_by": holder.id if holder else None})
    return filled


def _callout(row: Callout, known: Read) -> dict[str, Any]:
    shown = is_shown(row)
    spot = known.places.get((row.responder_id, row.kind)) if shown and row.state in states.LIVE else None
    said = known.words.get(row.id, []) if shown else []
    ended_at = row.state_at if row.state not in states.LIVE else None
    return view.callout_facts(row) | {
        "name": row.responder.name if shown else None,
        "phone": row.responder.contact.phone if shown else None,
        "letter": row.letter,
        "only_role": row.only_role,
        "transport": row.transport,
        "kind": row.kind,
        "place": {"lat": spot.lat, "lon": spot.lon} if spot else None,
        "since": rfc3339(row.state_at),
        "queued_at": rfc3339(row.queued_at),
        "set_out_at": rfc3339(row.set_out_at),
        "on_scene_at": rfc3339(row.on_scene_at),
        "at_old_address": row.at_old_address,
        "ended_at": rfc3339(row.ended_at or ended_at),
        "stood_down_as": row.stood_down_as,
        "unsafe": row.unsafe_since is not None,
        "no_address": shown and row.address_rung_at is not None,
        "rung": row.rung_at is not None and row.state in states.LIVE,
        "words": [{"at": one["at"], "text": one["text"]} for one in said],
        "delivered": known.delivered.get(row.id),
    }
