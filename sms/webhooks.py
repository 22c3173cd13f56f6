"""What the carrier calls. These views only check the signature, store, wake and answer; no rule of the service is in here."""

from __future__ import annotations

from flask import Blueprint, Response, request

from core import clock
from core.access import CARRIER, requires
from sms import measures
from sms.received import INBOUND, STATUS, Told
from sms.refusals import OF_THIS_PROCESS as REFUSALS
from sms.signatures import Rejected, signed_form
from sms.taking import CannotTake, take
from sms.wire import Wire

_NO_REPLY = "<Response/>"


def blueprint(wire: Wire) -> Blueprint:
    """POST /sms/inbound and POST /sms/status."""
    services = wire.services
    # Kept, where everybody else asks anew: what is needed here comes from the environment and never changes, and looking the
    # agency's values up would wait for a database that is away.
    settings = services.settings
    routes = Blueprint("sms", __name__)

    @routes.post("/sms/inbound")
    @requires(CARRIER)
    def inbound() -> Response:
        """A text to us. Answered with no text of our own: a plain body would be sent to the person as one."""
        form = signed_form(request, settings)
        REFUSALS.accepted()
        take(services, settings.data_dir, Told(INBOUND, form, clock.now()))
        return Response(_NO_REPLY, mimetype="text/xml")

    @routes.post("/sms/status")
    @requires(CARRIER)
    def status() -> Response:
        """What became of the message that the address names."""
        form = signed_form(request, settings)
        REFUSALS.accepted()
        take(services, settings.data_dir, Told(STATUS, form, clock.now(), request.args.get("m", "")))
        return Response(status=204)

    @routes.errorhandler(CannotTake)
    def cannot_take(_error: CannotTake) -> Response:
        """The carrier tries again (`sms.addresses`), and what it then gives up the reconciler asks for."""
        return Response(status=503)

    @routes.errorhandler(Rejected)
    def rejected(error: Rejected) -> Response:
        measures.webhook_refused(error.status)
        if error.status == 403:
            REFUSALS.turned_away(request)
        return Response(status=error.status)

    return routes
