"""What the carrier asks during a call. As with texts, these views check the signature before they look at anything."""

from __future__ import annotations

from flask import Blueprint, Response, request

from core.access import CARRIER, requires
from sms import conversation
from sms.addresses import gather_url
from sms.signatures import Rejected, signed_form
from sms.speech import Speech, twiml
from sms.wire import Wire


def blueprint(wire: Wire) -> Blueprint:
    """POST /voice/answer and POST /voice/gather."""
    settings = wire.services.settings  # kept, as in `sms.webhooks`
    routes = Blueprint("voice", __name__)

    @routes.post("/voice/answer")
    @requires(CARRIER)
    def answer() -> Response:
        """Somebody picked up the call that the address names."""
        form = signed_form(request, settings)
        return _spoken(conversation.picked_up(wire, _message_id(), form))

    @routes.post("/voice/gather")
    @requires(CARRIER)
    def gather() -> Response:
        """A key was pressed, or none within the time."""
        form = signed_form(request, settings)
        again = "again" in request.args
        return _spoken(conversation.pressed(wire, _message_id(), form, again=again), again=True)

    @routes.errorhandler(Rejected)
    def rejected(error: Rejected) -> Response:
        return Response(status=error.status)

    def _message_id() -> str:
        return request.args.get("m", "")

    def _spoken(speech: Speech | None, *, again: bool = False) -> Response:
        # After a slip of the finger everything is said once more, and not for ever.
        action = gather_url(settings.public_url, _message_id(), again=again)
        return Response(twiml(speech, action), mimetype="text/xml")

    return routes
