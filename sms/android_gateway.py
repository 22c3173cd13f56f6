"""The carrier that is a phone: the Android SMS gateway (github.com/capcom6/android-sms-gateway), on the phone itself or behind
its server. It takes our own ids and answers 409 to one it has, so that sending twice is harmless: what Twilio lacks."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import requests

from core import log
from core.carrier_settings import AndroidAccount
from sms.carriers.routes import Route
from sms.gateway import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, Refused, Sent, Unknown
from sms.lost_requests import without_answer

ID_PREFIX = "android:"
"""What stands before our own id where a carrier's id is kept."""
QUEUE_LIMITS = "QUEUE_LIMITS"
PRIORITY = 100
"""From here on the app neither waits nor counts between texts. Ours wait for their turn before they get there."""
STATUSES = {"Pending": "queued", "Processed": "sending", "Sent": "sent", "Delivered": "delivered", "Failed": "failed"}
_TIMEOUT_S = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)
_log = log.get("gateway")


class AndroidGateway:
    """A `sms.gateway.Gateway` over the gateway's own HTTP API. One session a thread keeps its connection warm."""

    def __init__(self, account: AndroidAccount) -> None:
        self._account = account
        self._local = threading.local()

    def warm(self) -> None:
        """Open this thread's connection with a look that costs the phone nothing."""
        try:
            self._session().head(self._account.base_url + "/", timeout=_TIMEOUT_S, allow_redirects=False)
        except requests.RequestException as error:
            _log.warning("the gateway phone cannot be reached yet", error=type(error).__name__)

    def send(self, message_id: str, to: str, body: str, valid_s: int, _route: Route) -> Sent | Refused | Unknown:
        """POST one text under our own id."""
        text = {
            "id": message_id,
            "textMessage": {"text": body},
            "phoneNumbers": [to],
            "ttl": valid_s,
            "priority": PRIORITY,
            "withDeliveryReport": True,
        }
        try:
            answer = self._session().post(self._account.base_url + "/messages", json=text, timeout=_TIMEOUT_S)
        except requests.RequestException as error:
            return without_answer(error)
        return _meaning(message_id, answer)

    def find(self, message_id: str, _to: str, _body: str, _route: Route) -> Sequence[Sent] | Unknown:
        """GET the text by our own id."""
        try:
            answer = self._session().get(f"{self._account.base_url}/messages/{message_id}", timeout=_TIMEOUT_S)
        except requests.RequestException as error:
            return Unknown(type(error).__name__)
        if answer.status_code == 404:
            return []
        if answer.status_code != 200:
            return Unknown(f"HTTP {answer.status_code}")
        return [Sent(ID_PREFIX + message_id, STATUSES.get(str(_json(answer).get("state")), "queued"))]

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.auth = (self._account.user, self._account.password)
            session.trust_env = False  # the phone is on our own network, or named by its own address; netrc has no say either
        return session


def _meaning(message_id: str, answer: requests.Response) -> Sent | Refused | Unknown:
    """202: queued; 409: it has this id already, by an earlier request of ours; 503: the phone is away and its queue full."""
    if answer.status_code in (200, 201, 202, 409):
        return Sent(ID_PREFIX + message_id, "queued")
    if answer.status_code == 503 and "queue limits" in answer.text[:500].lower():
        return Refused(QUEUE_LIMITS, 503)
    if answer.status_code >= 500 or answer.status_code == 408:
        return Unknown(f"HTTP {answer.status_code}")
    return Refused(str(answer.status_code), answer.status_code, retry=answer.status_code == 429)


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except requests.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}
