"""The carrier that speaks Twilio's API: Twilio itself, or the simulated carrier at another address."""

from __future__ import annotations

import ssl
import threading
import zlib
from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NewConnectionError, SSLError

from core import log
from core.settings import CarrierAccount, Settings
from sms.gateway import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, UNREACHABLE, Refused, Sent, Unknown

LOOK_BACK = 20
"""How many of a number's texts are looked through for one whose fate is unknown."""
QUEUE_FULL = "21611"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_log = log.get("gateway")


class _HttpClient(TwilioHttpClient):  # type: ignore[misc]  # the twilio package carries no types
    """Twilio's own HTTP client with time-outs (its default is none at all) and the carrier's address."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.base_url = base_url
        self.timeout = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)
        # A proxy of the surroundings is for the world outside; a carrier on this machine is not behind it.
        self.session.trust_env = urlsplit(base_url).hostname not in _LOOPBACK

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        parts = urlsplit(url)
        path = parts.path + ("?" + parts.query if parts.query else "")
        return super().request(method, self.base_url + path, *args, **kwargs)

    def open_connection(self) -> None:
        """Open this client's connection with the cheapest request there is; any answer will do."""
        self.session.head(self.base_url + "/", timeout=self.timeout, allow_redirects=False)


class TwilioGateway:
    """A `sms.gateway.Gateway` through Twilio's client. One client a thread: its maker does not claim that it may be shared."""

    def __init__(self, settings: Settings) -> None:
        self._account = settings.carrier
        self._callback_url = settings.public_url + "/sms/status?m="
        self._local = threading.local()

    def warm(self) -> None:
        """Build this thread's client (the first `messages` alone costs 60 ms) and open its connection."""
        client = self._client()
        try:
            cast(_HttpClient, client.http_client).open_connection()
        except requests.RequestException as error:
            _log.warning("the carrier cannot be reached yet", error=type(error).__name__)

    def send(self, message_id: str, to: str, body: str, valid_s: int) -> Sent | Refused | Unknown:
        """POST one text, from the next of our senders where one has its queue full."""
        fields = {
            "to": to,
            "body": body,
            "status_callback": self._callback_url + message_id,
            "validity_period": max(1, min(36000, valid_s)),
            "risk_check": "disable",  # else it can hold an alert to a number back for half an hour (sms-facts 1.1)
        }
        for sender in self._senders(to):
            result = self._post(message_id, fields | sender)
            if not (isinstance(result, Refused) and result.code == QUEUE_FULL):
                break
        return result

    def _post(self, message_id: str, fields: dict[str, Any]) -> Sent | Refused | Unknown:
        try:
            message = self._client().messages.create(**fields)
            return Sent(str(message.sid), str(message.status))
        except TwilioException as error:
            return _refusal(error)
        except requests.RequestException as error:
            return _lost(error)
        except Exception as error:  # an answer that cannot be read says nothing about the text
            _log.exception("the carrier's answer could not be read", message_id=message_id)
            return Unknown(type(error).__name__)

    def find(self, to: str, body: str) -> Sequence[Sent] | Unknown:
        """GET the newest texts to a number, for one whose fate is unknown."""
        try:
            listed = self._client().messages.list(to=to, limit=LOOK_BACK, page_size=LOOK_BACK)
            return [Sent(str(one.sid), str(one.status)) for one in listed if one.body == body]
        except Exception as error:  # whatever went wrong, the answer is the same: we do not know
            _log.warning("could not look for a text at the carrier", error=type(error).__name__)
            return Unknown(type(error).__name__)

    def _client(self) -> Client:
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = _new_client(self._account)
        return client

    def _senders(self, to: str) -> list[dict[str, str]]:
        """Where a text to `to` may come from, best first. One number's texts come from the same sender, so that a phone shows
        one conversation; all senders together share the load."""
        if self._account.messaging_service_sid:
            return [{"messaging_service_sid": self._account.messaging_service_sid}]
        # A canary goes from one of them to another.
        senders = tuple(one for one in self._account.senders if one != to) or self._account.senders
        first = zlib.crc32(to.encode()) % len(senders)
        return [{"from_": sender} for sender in senders[first:] + senders[:first]]


def _new_client(account: CarrierAccount) -> Client:
    user, password = account.api_key or (account.account_sid, account.auth_tokens[0])
    client = Client(user, password, account.account_sid, http_client=_HttpClient(account.base_url))
    _ = client.messages  # builds the API tree now instead of with the first alert
    return client


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


def _lost(error: requests.RequestException) -> Refused | Unknown:
    """Whether a request that got no answer can have reached the carrier."""
    unreached = Refused(UNREACHABLE, 0, retry=True)
    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.ProxyError)):
        return unreached
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else None
    if isinstance(reason, NewConnectionError):
        return unreached
    # Other TLS errors can also come after the request has left.
    if isinstance(reason, SSLError) and isinstance(reason.args[0], ssl.SSLCertVerificationError):
        return unreached
    return Unknown(type(error).__name__)
