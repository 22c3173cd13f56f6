"""The desk over HTTP: everything a dispatcher's page reads and does, under /desk/api."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, g, jsonify, request

from core.access import requires
from core.services import Services
from dispatch.api import reading
from dispatch.desk import board, doing, inputs, opened, preview, settling
from dispatch.desk.marks import READS
from geo import suggesting
from geo.geocoding import Geocoder


def blueprint(services: Services, geocoder: Geocoder) -> Blueprint:
    """Every call under /desk/api."""
    desk = Blueprint("desk", __name__, url_prefix="/desk/api")
    _add_board(desk, services)
    _add_incidents(desk, services)
    _add_addresses(desk, services)
    preview.add(desk, services, geocoder)
    doing.add(desk, services, geocoder)
    settling.add(desk, services, geocoder)
    return desk


def _add_board(desk: Blueprint, services: Services) -> None:
    @desk.get("/board")
    @requires(READS)
    def show_board() -> Response:
        with services.read() as session:
            return jsonify(board.board(session, writable=g.user.role == "dispatcher"))

    @desk.get("/changes")
    @requires(READS)
    def show_changes() -> Response:
        asked = reading.query(request, inputs.After)
        with services.read() as session:
            return jsonify(board.changes(session, asked.after))


def _add_incidents(desk: Blueprint, services: Services) -> None:
    @desk.get("/incidents")
    @requires(READS)
    def list_closed() -> Response:
        asked = reading.query(request, inputs.Closed)
        with services.read() as session:
            return jsonify(opened.closed_ones(session, asked.after))

    @desk.get("/incidents/<incident_id>")
    @requires(READS)
    def show_incident(incident_id: str) -> Response:
        return jsonify(opened.open_one(services, incident_id, g.actor))


def _add_addresses(desk: Blueprint, services: Services) -> None:
    @desk.get("/addresses")
    @requires(READS)
    def suggest_addresses() -> Response:
        asked = reading.query(request, inputs.Typed)
        with services.read() as session:
            found = suggesting.suggest(session, asked.q)
        return jsonify(matches=[asdict(one) for one in found])
