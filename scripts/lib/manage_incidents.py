"""Incidents from the command line, through the same functions as the API."""

from __future__ import annotations

import argparse
import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import or_, select

from core.problems import from_validation
from core.services import Services
from dispatch import correcting, intake, lifecycle, plans, view
from dispatch.models import Incident
from dispatch.reports import Correction, NewIncident
from geo.geocoding import open_geocoder
from scripts.lib.terminal import Refusal, say

ACTOR = "operator"
SHOWN_AT_ONCE = 50
_FACTS = ("type", "external_id", "address", "access_notes", "caller_phone", "ambulance_eta_s")
Input = TypeVar("Input", bound=BaseModel)


def open_incident(services: Services, given: argparse.Namespace) -> int:
    """Report an emergency."""
    with services.write() as session:
        plans.ensure_shipped(session)
    wanted = _read(NewIncident, given)
    opened = intake.open_incident(services, open_geocoder(services), wanted, ACTOR)
    return _show(services, opened.incident_id)


def correct_incident(services: Services, given: argparse.Namespace) -> int:
    """Correct an open incident; only what is given changes."""
    incident_id = _find(services, given.incident)
    correction = _read(Correction, given)
    if not correction.model_fields_set:
        raise Refusal("correct-incident: nothing to correct was given (see scripts/manage correct-incident --help)")
    correcting.correct_incident(services, open_geocoder(services), incident_id, correction, ACTOR)
    return _show(services, incident_id)


def show_incident(services: Services, given: argparse.Namespace) -> int:
    """Print an incident as the API does."""
    return _show(services, _find(services, given.incident))


def list_incidents(services: Services, given: argparse.Namespace) -> int:
    """One line an incident."""
    with services.read() as session:
        items, more = view.list_incidents(session, given.state, None, SHOWN_AT_ONCE)
    for one in items:
        where = one["location"]["address"] or f"{one['location']['lat']:.5f},{one['location']['lon']:.5f}"
        covered = "covered" if one["covered"] else "not covered"
        say(f"{one['code']}  {one['opened_at']}  {one['state']:6}  {covered:11}  {one['type']}  {where}")
    if not items:
        say("No incidents.")
    if more:
        say(f"Only the newest {SHOWN_AT_ONCE} are shown; GET /api/v1/incidents has all of them.")
    return 0


def stand_down(services: Services, given: argparse.Namespace) -> int:
    """Tell volunteers that they are not needed."""
    incident_id = _find(services, given.incident)
    lifecycle.stand_down(services, incident_id, given.reason, ACTOR)
    return _show(services, incident_id)


def close_incident(services: Services, given: argparse.Namespace) -> int:
    """Close an incident."""
    incident_id = _find(services, given.incident)
    lifecycle.close_incident(services, incident_id, given.outcome, ACTOR)
    return _show(services, incident_id)


def reopen_incident(services: Services, given: argparse.Namespace) -> int:
    """Open a closed incident again."""
    incident_id = _find(services, given.incident)
    lifecycle.reopen(services, incident_id, ACTOR)
    return _show(services, incident_id)


def _find(services: Services, id_or_code: str) -> str:
    with services.read() as session:
        named = or_(Incident.id == id_or_code, Incident.code == id_or_code.upper())
        found = session.scalar(select(Incident.id).where(named))
    if found is None:
        raise Refusal(f"INCIDENT {id_or_code}: there is none with this id or code (scripts/manage list-incidents)")
    return found


def _read(model: type[Input], given: argparse.Namespace) -> Input:
    if (given.lat is None) != (given.lon is None):
        raise Refusal("--lat and --lon go together")
    data: dict[str, Any] = {name: value for name in _FACTS if (value := getattr(given, name, None)) is not None}
    if given.lat is not None:
        data["location"] = {"lat": given.lat, "lon": given.lon}
    if given.hazard:
        data["hazards"] = given.hazard
    if getattr(given, "drill", False):
        data["drill"] = True
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise from_validation(error) from error


def _show(services: Services, incident_id: str) -> int:
    with services.read() as session:
        say(json.dumps(view.incident_json(session, incident_id), ensure_ascii=False, indent=2))
    return 0
