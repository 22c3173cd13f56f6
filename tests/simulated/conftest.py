"""A carrier in a thread, the real twilio client aimed at it, and a loopback customer that checks every signature."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from core.settings import SIMULATED_SENDER, Settings, load
from sms.simulated.thread import CarrierThread
from tests.loopback import Handler, Loopback

PHONE = "+447700900001"
OTHER = "+447700900002"
OURS = SIMULATED_SENDER


@dataclass(frozen=True)
class Called:
    """One webhook call as it came in."""

    path: str
    form: dict[str, str]
    headers: dict[str, str]


@dataclass
class Customer:
    """Our side of the wire: answers webhooks as told and keeps what came."""

    token: str
    calls: list[Called] = field(default_factory=list)
    answer: Callable[[Called], tuple[int, str, str]] = lambda _: (200, "text/xml", "<Response/>")
    url: str = ""

    def statuses(self, sid: str) -> list[str]:
        return [call.form["MessageStatus"] for call in self.calls if call.form.get("MessageSid") == sid]

    def inbound(self) -> list[Called]:
        return [call for call in self.calls if call.path == "/sms/inbound"]


@pytest.fixture
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    return load(_env_file=None, data_dir=tmp_path, secret_key="for tests only")


@pytest.fixture
def customer(own_settings: Settings) -> Iterator[Customer]:
    customer = Customer(own_settings.carrier.auth_tokens[0])

    class Answers(Handler):
        def do_POST(self) -> None:
            form = dict(parse_qsl(self.body().decode(), keep_blank_values=True))
            signature = self.headers.get("X-Twilio-Signature", "")
            assert RequestValidator(customer.token).validate(customer.url + self.path, form, signature), "bad signature"
            call = Called(self.path, form, dict(self.headers))
            customer.calls.append(call)
            status, kind, words = customer.answer(call)
            self.reply(status, words, kind)

    with Loopback(Answers) as server:
        customer.url = server.url
        yield customer


@pytest.fixture
def carrier(own_settings: Settings, customer: Customer) -> Iterator[CarrierThread]:
    with CarrierThread(own_settings, inbound_url=f"{customer.url}/sms/inbound") as carrier:
        yield carrier


def client_for(carrier: CarrierThread, token: str | None = None, timeout_s: float = 5.0) -> Client:
    http = TwilioHttpClient(timeout=timeout_s)
    client = Client(carrier.account.sid, token or carrier.account.token, http_client=http)
    client.api.base_url = carrier.base_url
    return client


@pytest.fixture
def client(carrier: CarrierThread) -> Iterator[Client]:
    client = client_for(carrier)
    yield client
    client.http_client.session.close()


@pytest.fixture
def send(client: Client, customer: Customer) -> Callable[..., object]:
    def send(body: str = "A: hello", to: str = PHONE, **more: object) -> object:
        return client.messages.create(to=to, from_=OURS, body=body, status_callback=f"{customer.url}/sms/status?m=0a1b", **more)

    return send
