"""What a dispatcher does with an incident: raise it, correct it, ask, let go, end it. Each answers with the incident as it
then stands."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access import requires
from core.problems import not_found
from core.services import Services
from dispatch import by_hand, correcting, intake, lifecycle, notes, one_person, placing
from dispatch.api import reading
from dispatch.api.shapes import Close, Nothing, StandDown
from dispatch.by_hand import Askable
from dispatch.desk import inputs, opened
from dispatch.desk.marks import READS, WRITES
from dispatch.desk.reading import WITH_PERSON, is_shown
from dispatch.models import Callout, Incident
from geo.geocoding import Geocoder


def add(desk: Blueprint, services: Services, geocoder: Geocoder) -> None:
    """Every call that changes an incident."""
    _add_reports(desk, services, geocoder)
    _add_asking(desk, services)
    _add_endings(desk, services)
    _add_words(desk, services)


def answer(services: Services, incident_id: str, **more: Any) -> Response:
    """The incident with its timeline, after something was done with it."""
    with services.read() as session:
        return jsonify(opened.with_events(session, incident_id) | more)


def _add_reports(desk: Blueprint, services: Services, geocoder: Geocoder) -> None:
    @desk.post("/incidents")
    @requires(WRITES)
    def raise_incident() -> tuple[Response, int]:
        wanted = reading.body(request, inputs.Raised)
        # A dispatcher reads the refusal on the form: it need not stand red as well.
        place = placing.find_called(geocoder, wanted)
        raised = intake.open_incident(services, geocoder, wanted, g.actor, place)
        return answer(services, raised.incident_id), 201 if raised.created else 200

    @desk.patch("/incidents/<incident_id>")
    @requires(WRITES)
    def correct_incident(incident_id: str) -> Response:
        correction = reading.body(request, inputs.Corrected)
        correcting.check_open(services, incident_id)
        names_place = correction.location is not None or correction.address is not None
        place = placing.find_called(geocoder, correction) if names_place else None
        correcting.correct_incident(services, geocoder, incident_id, correction, g.actor, place)
        return answer(services, incident_id)


def _add_asking(desk: Blueprint, services: Services) -> None:
    @desk.post("/incidents/<incident_id>/ask-next")
    @requires(WRITES)
    def ask_next(incident_id: str) -> Response:
        more = reading.body(request, inputs.MorePeople)
        asked = by_hand.ask_more(services, incident_id, more.people, g.actor)
        return answer(services, incident_id, asked=asked)

    @desk.get("/incidents/<incident_id>/askable")
    @requires(READS)
    def show_askable(incident_id: str) -> Response:
        with services.read() as session:
            return jsonify(people=_askable(session, services, incident_id))

    @desk.post("/incidents/<incident_id>/ask")
    @requires(WRITES)
    def ask_this_one(incident_id: str) -> Response:
        person = reading.body(request, inputs.Person)
        by_hand.ask_this_one(services, incident_id, person.responder, g.actor)
        return answer(services, incident_id)

    @desk.post("/incidents/<incident_id>/callouts/<callout_id>/take-off")
    @requires(WRITES)
    def take_off(incident_id: str, callout_id: str) -> Response:
        reading.body(request, Nothing, may_be_empty=True)
        taken_off = by_hand.take_off(services, incident_id, callout_id, g.actor)
        # Who it was, as `ask` takes it: a wrong press is taken back by asking this one again.
        return answer(services, incident_id, responder=one_person.token_of(services.settings, incident_id, taken_off))


def _askable(session: Session, services: Services, incident_id: str) -> list[dict[str, Any]]:
    incident = session.get(Incident, incident_id)
    if incident is None:
        raise not_found("incident")
    found = by_hand.askable(session, services.settings, incident)
    names = _names(session, incident_id)
    return [
        _person(one, one_person.token_of(services.settings, incident_id, one.candidate.responder_id), names) for one in found
    ]


def _person(offered: Askable, token: str, names: dict[int, str]) -> dict[str, Any]:
    one = offered.candidate
    return {
        "responder": token,
        "eta_s": one.eta_s,
        "distance_m": one.distance_m,
        "transport": one.transport,
        "kind": one.kind,
        "again": offered.again,
        "only_role": offered.only_role,
        "asked_elsewhere": one.asked_elsewhere,
        "name": names.get(one.responder_id),
    }


def _names(session: Session, incident_id: str) -> dict[int, str]:
    rows = session.scalars(select(Callout).where(Callout.incident_id == incident_id).options(WITH_PERSON))
    return {row.responder_id: row.responder.name for row in rows if is_shown(row)}


def _add_endings(desk: Blueprint, services: Services) -> None:
    @desk.post("/incidents/<incident_id>/stand-down")
    @requires(WRITES)
    def stand_down(incident_id: str) -> Response:
        lifecycle.stand_down(services, incident_id, reading.body(request, StandDown).reason, g.actor)
        return answer(services, incident_id)

    @desk.post("/incidents/<incident_id>/close")
    @requires(WRITES)
    def close_incident(incident_id: str) -> Response:
        lifecycle.close_incident(services, incident_id, reading.body(request, Close).outcome, g.actor)
        return answer(services, incident_id)

    @desk.post("/incidents/<incident_id>/reopen")
    @requires(WRITES)
    def reopen_incident(incident_id: str) -> Response:
        reading.body(request, Nothing, may_be_empty=True)
        lifecycle.reopen(services, incident_id, g.actor)
        return answer(services, incident_id)


def _add_words(desk: Blueprint, services: Services) -> None:
    @desk.post("/incidents/<incident_id>/go")
    @requires(WRITES)
    def go_in_spite(incident_id: str) -> Response:
        lifecycle.override_hazards(services, incident_id, reading.body(request, inputs.Go).reason, g.actor)
        return answer(services, incident_id)

    @desk.post("/incidents/<incident_id>/note")
    @requires(WRITES)
    def add_note(incident_id: str) -> Response:
        notes.add(services, incident_id, reading.body(request, inputs.Note).text, g.actor)
        return answer(services, incident_id)
