"""The ask, previewed: who, how many, which text, and whether it is open already."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.orm import Session

from core.access import requires
from core.services import Services
from core.settings import Settings
from core.words import _, translated
from dispatch import plans, previewing, writing
from dispatch.api import reading
from dispatch.desk import inputs, speech
from dispatch.desk.marks import WRITES
from dispatch.placing import Place
from dispatch.previewing import Foreseen, SameOne, Wanted
from geo.geocoding import Geocoder, Match
from sms.segments import count


def add(desk: Blueprint, services: Services, geocoder: Geocoder) -> None:
    """POST /preview."""

    @desk.post("/preview")
    @requires(WRITES)
    def preview() -> Response:
        given = reading.body(request, inputs.Preview)
        place, matches = _place(geocoder, given)
        with services.read() as session:
            return jsonify(shown(session, services.settings, given, place, matches))


def _place(geocoder: Geocoder, given: inputs.Preview) -> tuple[Place | None, tuple[Match, ...]]:
    """Where it is, and what an address could mean that fits no one place."""
    if given.location is not None:
        return Place(given.location.lat, given.location.lon, given.address or None, None), ()
    if not given.address:
        return None, ()
    found = geocoder.resolve(given.address)
    if found.match is None:
        return None, found.matches
    return Place(found.match.lat, found.match.lon, found.match.label, given.address), ()


def shown(
    session: Session, settings: Settings, given: inputs.Preview, place: Place | None, matches: tuple[Match, ...]
) -> dict[str, Any]:
    """The preview of an emergency at `place`, from reading alone. Raises a 422 for a type that is not on."""
    plan = plans.of(plans.current(session, given.type))
    wanted = Wanted(plan, tuple(given.hazards or ()), given.ambulance_eta_s, given.drill)
    problem = previewing.problem_with(session, place) if place else _no_place(given, matches)
    foreseen = previewing.foresee(session, settings, wanted, place) if place and problem is None else Foreseen([], 0, "")
    return {
        "place": {"lat": place.lat, "lon": place.lon, "address": place.address} if place else None,
        "matches": [{"label": one.label, "lat": one.lat, "lon": one.lon} for one in matches],
        "problem": translated(problem) if problem else None,
        "held": previewing.held_by(wanted),
        **_asked(foreseen),
        "same_one": [_same_one(one) for one in previewing.same_ones(session, place)] if place else [],
    }


def _no_place(given: inputs.Preview, matches: tuple[Match, ...]) -> str | None:
    if not given.address:
        return None
    if matches:
        return _("fits several places: choose one")
    return _("fits no place known here: give another address or a place on the map")


def _asked(foreseen: Foreseen) -> dict[str, Any]:
    chosen = foreseen.chosen
    return {
        "asked": len(chosen),
        "wanted": foreseen.wanted,
        "soonest_s": min((one.eta_s for one in chosen), default=None),
        "last_s": max((one.eta_s for one in chosen), default=None),
        "farthest_m": max((one.distance_m for one in chosen), default=None),
        "by_transport": foreseen.by_transport,
        "by_only_role": foreseen.by_only_role,
        "text": foreseen.text,
        "segments": count(foreseen.text).segments if foreseen.text else 0,
    }


def _same_one(one: SameOne) -> dict[str, Any]:
    return {
        "id": one.incident.id,
        "code": one.incident.code,
        "type_name": speech.type_name(one.incident.type),
        "address": writing.where(one.incident),
        "minutes": one.minutes,
        "distance_m": one.distance_m,
        "drill": one.incident.drill,
    }
