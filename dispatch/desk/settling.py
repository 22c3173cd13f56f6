"""Settling what stands red, over HTTP."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify, request

from core.access import requires
from core.problems import not_found
from core.services import Services
from dispatch import settling
from dispatch.api import reading
from dispatch.api.shapes import Nothing
from dispatch.desk import inputs, red
from dispatch.desk.marks import WRITES
from dispatch.desk.shown import incidents_json
from dispatch.models import Incident
from geo.geocoding import Geocoder


def add(desk: Blueprint, services: Services, geocoder: Geocoder) -> None:
    """The three ways in which an alarm ends by hand."""

    @desk.post("/alarms/<int:alarm_id>/acknowledge")
    @requires(WRITES)
    def acknowledge(alarm_id: int) -> Response:
        reading.body(request, Nothing, may_be_empty=True)
        settling.acknowledge(services, alarm_id, g.actor)
        return _answer(services, alarm_id)

    @desk.post("/alarms/<int:alarm_id>/dismiss")
    @requires(WRITES)
    def dismiss(alarm_id: int) -> Response:
        reading.body(request, Nothing, may_be_empty=True)
        settling.dismiss(services, alarm_id, g.actor)
        return _answer(services, alarm_id)

    @desk.post("/alarms/<int:alarm_id>/place")
    @requires(WRITES)
    def place(alarm_id: int) -> Response:
        where = reading.body(request, inputs.Placed)
        settling.place(services, geocoder, alarm_id, where, g.actor)
        return _answer(services, alarm_id)


def _answer(services: Services, alarm_id: int) -> Response:
    """The alarm as it ended, with its incident where it has one."""
    with services.read() as session:
        alarm = red.one(session, alarm_id)
        if alarm is None:
            raise not_found("alarm")
        incident = session.get(Incident, alarm["incident_id"]) if alarm["incident_id"] else None
        shown = incidents_json(session, [incident])[0] if incident else None
        return jsonify(alarm=alarm, incident=shown)
