"""The carrier that speaks Twilio's API: Twilio itself, or the simulated carrier at another address."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from core import clock, ids, log
from core.carrier_settings import CarrierAccount
from core.database import storable
from core.settings import Settings
from sms import twilio_calls
from sms.addresses import answer_url, status_url
from sms.carriers.routes import Route
from sms.gateway import CONNECT_TIMEOUT_S, NO_VOICE, READ_TIMEOUT_S, Logged, Redacted, Refused, Sent, Unknown
from sms.lost_requests import without_answer

LOOK_BACK = 20
"""How many of a number's texts are looked through for one whose fate is unknown."""
RENEW_AFTER_S = 20.0
"""A connection that nobody has used for so long is opened anew."""
LOG_PAGE = 200
"""Texts to a page of the account's log; Twilio gives at most 1000."""
QUEUE_FULL = "21611"
_INBOUND, _OUR_REQUEST = "inbound", "outbound-api"
"""The other directions are answers that the carrier gives by itself, to STOP for example."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_log = log.get("gateway")


class _HttpClient(TwilioHttpClient):  # type: ignore[misc]  # the twilio package carries no types
    """Twilio's own HTTP client with time-outs (its default is none at all) and the carrier's address."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.base_url = base_url
        self._used_at_s = clock.monotonic_s()
        self.timeout = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)
        # A proxy of the surroundings is for the world outside; a carrier on this machine is not behind it.
        self.session.trust_env = urlsplit(base_url).hostname not in _LOOPBACK

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        parts = urlsplit(url)
        path = parts.path + ("?" + parts.query if parts.query else "")
        self._renew_when_idle()
        return super().request(method, self.base_url + path, *args, **kwargs)

    def open_connection(self) -> None:
        """Open this client's connection with the cheapest request there is; any answer will do."""
        self._renew_when_idle()
        self.session.head(self.base_url + "/", timeout=self.timeout, allow_redirects=False)

    def _renew_when_idle(self) -> None:
        """Close what has not been used for long. A load balancer may have forgotten it without a word; a text sent into such a
        connection is of unknown fate, and 3 s are lost before it is sent again."""
        now_s = clock.monotonic_s()
        if now_s - self._used_at_s > RENEW_AFTER_S:
            for adapter in self.session.adapters.values():
                cast(HTTPAdapter, adapter).poolmanager.clear()
        self._used_at_s = now_s


class TwilioGateway:
    """A `sms.gateway.Gateway` through Twilio's client. One client a thread: its maker does not claim that it may be shared."""

    def __init__(self, settings: Settings) -> None:
        self._account = settings.carrier
        self._public_url = settings.public_url
        self._local = threading.local()

    def warm(self) -> None:
        """Build this thread's client (the first `messages` alone costs 60 ms) and open its connection."""
        client = self._client()
        try:
            cast(_HttpClient, client.http_client).open_connection()
        except requests.RequestException as error:
            _log.warning("the carrier cannot be reached yet", error=type(error).__name__)

    def send(self, message_id: str, to: str, body: str, valid_s: int, route: Route) -> Sent | Refused | Unknown:
        """POST one text, from a number or a messaging service of ours."""
        fields = {
            "to": to,
            "body": body,
            "status_callback": status_url(self._public_url, message_id),
            "validity_period": max(1, min(36000, valid_s)),
            "risk_check": "disable",  # else it can hold an alert to a number back for half an hour (sms-facts 1.1)
        }
        is_service = route.sender == self._account.messaging_service_sid
        return self._post(message_id, fields | {"messaging_service_sid" if is_service else "from_": route.sender})

    def _post(self, message_id: str, fields: dict[str, Any]) -> Sent | Refused | Unknown:
        return self._ask(message_id, lambda: self._client().messages.create(**fields))

    def call(self, message_id: str, to: str) -> Sent | Refused | Unknown:
        """POST one call."""
        if self._account.voice_from is None:
            return Refused(NO_VOICE, 0)
        answer, callback = answer_url(self._public_url, message_id), status_url(self._public_url, message_id)
        fields = twilio_calls.fields(self._account.voice_from, to, answer, callback)
        return self._ask(message_id, lambda: self._client().calls.create(**fields))

    def find_calls(self, to: str, since: datetime) -> Sequence[Sent] | Unknown:
        """GET the newest calls to a number, for one whose fate is unknown."""
        try:
            return twilio_calls.begun_since(self._client().calls.list(to=to, limit=LOOK_BACK, page_size=LOOK_BACK), since)
        except Exception as error:  # whatever went wrong, the answer is the same: we do not know
            _log.warning("could not look for a call at the carrier", error=type(error).__name__)
            return Unknown(type(error).__name__)

    def _ask(self, message_id: str, create: Callable[[], Any]) -> Sent | Refused | Unknown:
        """What came of a request that creates something at the carrier."""
        try:
            created = create()
            return Sent(str(created.sid), str(created.status))
        except TwilioException as error:
            return _refusal(error)
        except requests.RequestException as error:
            return without_answer(error)
        except Exception as error:  # an answer that cannot be read says nothing about the text
            _log.exception("the carrier's answer could not be read", message_id=message_id)
            return Unknown(type(error).__name__)

    def find(self, message_id: str, to: str, body: str, _route: Route) -> Sequence[Sent] | Unknown:
        """GET the newest texts to a number, for one whose fate is unknown: none from before it was written."""
        try:
            listed = self._client().messages.list(to=to, limit=LOOK_BACK, page_size=LOOK_BACK)
            listed = twilio_calls.created_since(listed, ids.made_at(message_id))
            return [Sent(str(one.sid), str(one.status), str(one.error_code or "")) for one in listed if one.body == body]
        except Exception as error:  # whatever went wrong, the answer is the same: we do not know
            _log.warning("could not look for a text at the carrier", error=type(error).__name__)
            return Unknown(type(error).__name__)

    def log_pages(self) -> Iterator[Sequence[Logged] | Unknown]:
        """GET the account's log, a page at a time. Without a date filter: what was not sent yet has no date (sms-facts 1.2)."""
        try:
            page = self._client().messages.page(page_size=LOG_PAGE)
            while page is not None:
                yield [_logged(one) for one in page if one.direction in (_INBOUND, _OUR_REQUEST)]
                page = page.next_page()
        except Exception as error:  # whatever went wrong, the answer is the same: we do not know
            _log.warning("could not read the carrier's log", error=type(error).__name__)
            yield Unknown(type(error).__name__)

    def logged(self, carrier_id: str) -> Logged | Refused | Unknown:
        """GET one text."""
        try:
            return _logged(self._client().messages(carrier_id).fetch())
        except TwilioException as error:
            return _refusal(error)
        except Exception as error:
            _log.warning("could not look at a text at the carrier", carrier_id=carrier_id, error=type(error).__name__)
            return Unknown(type(error).__name__)

    def redact(self, carrier_id: str) -> Redacted | Refused | Unknown:
        """POST one text with an empty body: Twilio then keeps when, to whom and at what price, and no word of it."""
        try:
            self._client().messages(carrier_id).update(body="")
            return Redacted()
        except TwilioException as error:
            return Redacted() if getattr(error, "status", None) == 404 else _refusal(error)
        except Exception as error:  # whatever went wrong, it can be asked again
            _log.warning("the carrier could not be asked to forget", carrier_id=carrier_id, error=type(error).__name__)
            return Unknown(type(error).__name__)

    def _client(self) -> Client:
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = _new_client(self._account)
        return client


def _new_client(account: CarrierAccount) -> Client:
    user, password = account.api_key or (account.account_sid, account.auth_tokens[0])
    client = Client(user, password, account.account_sid, http_client=_HttpClient(account.base_url))
    _ = client.messages, client.calls  # builds the API tree now instead of with the first alert
    return client


def _logged(message: Any) -> Logged:
    incoming = message.direction == _INBOUND
    return Logged(
        carrier_id=str(message.sid),
        incoming=incoming,
        phone=str((message.from_ if incoming else message.to) or ""),
        body=storable(str(message.body or "")),
        status=str(message.status),
        error_code=str(message.error_code or ""),
        at=(message.date_sent if incoming else None) or message.date_created,
    )


def _refusal(error: TwilioException) -> Refused | Unknown:
    """What an error answer means (sms-facts 1.6): 429 was never processed, 5xx and 408 say nothing, the rest is a no."""
    status = getattr(error, "status", None)
    if not isinstance(status, int):
        return Unknown(type(error).__name__)
    if status >= 500 or status == 408:
        return Unknown(f"HTTP {status}")
    code = str(getattr(error, "code", None) or status)
    # A queue that is full holds ten hours of texts: trying that sender again would be no help within a text's life.
    return Refused(code, status, retry=status == 429 and code != QUEUE_FULL)
