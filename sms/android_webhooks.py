"""What the gateway phone calls: texts that came in and what became of ours, signed with a key of its own."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.wrappers import Request

from core import clock, log
from core.access import CARRIER, requires
from core.settings import Settings
from sms import contacts
from sms.android_gateway import ID_PREFIX
from sms.carriers.routes import ANDROID
from sms.error_table import ROWS
from sms.received import INBOUND, STATUS, Told
from sms.signatures import Rejected, raw_body
from sms.taking import CannotTake, take
from sms.wire import Wire

CLOCK_MAY_DIFFER = timedelta(minutes=5)
"""The app signs the moment of every try. An older one is a replay, or the phone's clock is wrong."""
STATUSES = {"sms:sent": "sent", "sms:delivered": "delivered", "sms:failed": "failed"}
GENERIC_FAILURE = "GENERIC_FAILURE"
_log = log.get("webhooks")


def blueprint(wire: Wire) -> Blueprint:
    """POST /sms/android."""
    services = wire.services
    settings = services.settings  # kept, as in `sms.webhooks`: looking them up anew would wait for a database that is away
    routes = Blueprint("sms_android", __name__)

    @routes.post("/sms/android")
    @requires(CARRIER)
    def event() -> Response:
        """One event of the gateway. What it tells of other things than texts is answered and left alone."""
        phone = settings.android_gateway
        raw = signed_body(request, phone.signing_keys if phone else ())
        told = _told(settings, _read(raw))
        if told is not None:
            take(services, settings.data_dir, told)
        return Response(status=204)

    @routes.errorhandler(CannotTake)
    def cannot_take(_error: CannotTake) -> Response:
        """The gateway tries again."""
        return Response(status=503)

    @routes.errorhandler(Rejected)
    def rejected(error: Rejected) -> Response:
        return Response(status=error.status)

    return routes


def signed_body(request: Request, keys: Sequence[str]) -> bytes:
    """The body of a POST that the gateway signed: HMAC-SHA256 over the raw body and the X-Timestamp behind it. Raises Rejected:
    413 too large, 403 not signed with one of `keys`, or not within five minutes of now."""
    raw = raw_body(request)
    signature, timestamp = request.headers.get("X-Signature", ""), request.headers.get("X-Timestamp", "")
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise Rejected(403)
    known = (hmac.new(key.encode(), raw + timestamp.encode(), hashlib.sha256).hexdigest() for key in keys)
    if not any(hmac.compare_digest(one.encode(), signature.lower().encode()) for one in known):
        raise Rejected(403)
    if abs(clock.now().timestamp() - int(timestamp)) > CLOCK_MAY_DIFFER.total_seconds():
        raise Rejected(403)
    return raw


def _read(raw: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(raw)
    except ValueError as error:
        raise Rejected(400) from error
    if not isinstance(told, dict) or not isinstance(told.get("payload"), dict):
        raise Rejected(400)
    return told


def _told(settings: Settings, event: Mapping[str, Any]) -> Told | None:
    kind, payload = event.get("event"), event["payload"]
    if kind == "sms:received":
        return Told(INBOUND, _text(settings, _word(event, "id"), payload), clock.now(), carrier=ANDROID)
    if kind in STATUSES:
        ours = _word(payload, "messageId")
        status = {"MessageSid": ID_PREFIX + ours, "MessageStatus": STATUSES[kind], "ErrorCode": _reason(payload)}
        return Told(STATUS, status, clock.now(), ours, carrier=ANDROID)
    _log.info("an event that is no text", kind=str(kind)[:30])
    return None


def _text(settings: Settings, event_id: str, payload: Mapping[str, Any]) -> dict[str, str]:
    """In the words of Twilio's webhook. The id is that of the event, which stays the same when it is told again: the text's own
    is made from its words, and a second "1" would be taken for the first."""
    sender = _word(payload, "sender") or _word(payload, "phoneNumber")
    with contextlib.suppress(ValueError):  # a short code or a name stays as it is, and is never answered
        sender = contacts.normalise(sender, settings.default_region)
    phone = settings.android_gateway
    return {
        "MessageSid": ID_PREFIX + event_id if event_id else "",
        "From": sender,
        "To": phone.number if phone else "",
        "Body": _word(payload, "message"),
    }


def _reason(payload: Mapping[str, Any]) -> str:
    """Why a text failed, as `sms.error_table` knows it: the last word of Android's own name for it."""
    said = _word(payload, "reason")
    return next((code for code in ROWS if code.isupper() and code in said), GENERIC_FAILURE) if said else ""


def _word(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
