"""The people's pages: admins look after volunteers here, auditors read."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

from core.access import PUBLIC, requires
from core.services import Services
from geo.geocoding import Geocoder
from responder.api import IsBound
from responder.care.ledger import LedgerOf
from responder.filters import AlertsSince
from responder.pages import actions, bulk, calls, coverage, membership, people, person, proofs, verifying
from responder.pages import forms as forms
from responder.pages import imports as imports
from responder.pages import kinds as kinds
from responder.pages import waiting as waiting
from responder.pages.room import AskProof, PlansOn, Room, SetOpens, Suspend, TellRejected

_STATIC = Path(__file__).parent.parent / "static" / "people"


def blueprint(
    services: Services,
    geocoder: Geocoder,
    is_bound: IsBound,
    plans_on: PlansOn,
    set_opens: SetOpens,
    tell_rejected: TellRejected,
    suspend: Suspend,
    alerts_since: AlertsSince,
    ask_proof: AskProof,
    ledger_of: LedgerOf,
) -> Blueprint:
    """Everything below /people. The last eight are asked of the room above, which alone knows."""
    routes = Blueprint("people", __name__, template_folder="../templates")
    room = Room(services, geocoder, is_bound, plans_on, set_opens, tell_rejected, suspend, alerts_since, ask_proof, ledger_of)
    parts = (people, kinds, imports, forms, person, proofs, verifying, waiting, calls, coverage, actions, membership, bulk)
    for part in parts:
        part.add(routes, room)

    @routes.get("/static/people/<path:filename>")
    @requires(PUBLIC)
    def style(filename: str) -> Response:
        return send_from_directory(_STATIC, filename, conditional=True)

    return routes
