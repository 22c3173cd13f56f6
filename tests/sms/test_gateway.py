"""The gateway through the real twilio client: what each answer of a carrier means, and where texts come from."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from typing import Any

import pytest
from fake_carrier import DROPPED_AFTER, Answer, FakeCarrier

from core.ids import new_id
from core.settings import Settings
from sms import twilio_gateway
from sms.carriers.routes import Route
from sms.gateway import Refused, Sent, Unknown
from sms.twilio_gateway import TwilioGateway

A, B = "+358401234567", "+358407654321"
ACCOUNT = "AC" + "0" * 32

BY = Route("twilio", "+1", 10)

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def gateway(settings: Settings, url: str, **more: Any) -> TwilioGateway:
    real = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": ("t",), "twilio_from": ("+1",), "twilio_base_url": url}
    return TwilioGateway(settings.model_copy(update=real | more))


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (Answer(429, 20429, keep=False), Refused("20429", 429, retry=True)),
        (Answer(429, 21611, keep=False), Refused("21611", 429)),
        (Answer(400, 21610, keep=False), Refused("21610", 400)),
        (Answer(400, None, keep=False), Refused("400", 400)),
        (Answer(401, 20003, keep=False), Refused("20003", 401)),
        (Answer(302, None, keep=False), Refused("302", 302)),
        (Answer(408, None), Unknown("HTTP 408")),
        (Answer(500, 20500), Unknown("HTTP 500")),
        (Answer(503, None), Unknown("HTTP 503")),
        (DROPPED_AFTER, Unknown("ConnectionError")),
    ],
)
def test_what_an_answer_means(settings: Settings, carrier: FakeCarrier, answer: Answer, result: object) -> None:
    carrier.answer(A, answer)
    assert gateway(settings, carrier.url).send("m", A, "hello", 60, BY) == result


def test_nobody_there(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = gateway(settings, f"http://127.0.0.1:{taken.getsockname()[1]}")
        assert nobody.send("m", A, "hello", 60, BY) == Refused("unreachable", 0, retry=True)
        assert isinstance(nobody.find("m", A, "hello", BY), Unknown)
        nobody.warm()  # complains, and leaves it at that


def test_an_answer_is_waited_for_no_longer_than_agreed(
    settings: Settings, carrier: FakeCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_gateway, "READ_TIMEOUT_S", 0.1)
    released = threading.Event()
    carrier.answer(A, Answer(hang=released))
    started = time.monotonic()
    assert isinstance(gateway(settings, carrier.url).send("m1", A, "hello", 60, BY), Unknown), "the carrier may have it"
    assert time.monotonic() - started < 5
    released.set()


def test_a_text_leaves_from_the_sender_of_its_route(settings: Settings, carrier: FakeCarrier) -> None:
    gateway(settings, carrier.url, twilio_from=("+1", "+2")).send("m", A, "hello", 60, Route("twilio", "+2", 10))
    assert carrier.taken[0]["From"] == "+2"


def test_a_messaging_service_chooses_the_sender_itself(settings: Settings, carrier: FakeCarrier) -> None:
    one = gateway(settings, carrier.url, twilio_messaging_service_sid="MG1")
    one.send("m", A, "hello", 60, Route("twilio", "MG1", 10))
    assert carrier.taken[0]["MessagingServiceSid"] == "MG1"
    assert "From" not in carrier.taken[0]


def test_only_the_exact_words_are_found(settings: Settings, carrier: FakeCarrier) -> None:
    one = gateway(settings, carrier.url)
    first = one.send("m1", A, "hello", 60, BY)
    one.send("m2", A, "hello!", 60, BY)
    one.send("m3", B, "hello", 60, BY)
    assert one.find(new_id(), A, "hello", BY) == [first]
    assert one.find(new_id(), A, "hell", BY) == []


def test_a_connection_that_was_closed_without_a_word_does_not_make_a_text_unknown(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load balancer between us and the carrier forgets what is idle, and answers what then comes with a reset."""
    with _Forgetful() as forgetful:
        one = gateway(settings, forgetful.url)
        one.warm()
        assert isinstance(one.send("m1", A, "hello", 60, BY), Sent), "in use, it is kept"
        assert forgetful.connections == 1
        forgetful.forget()
        assert isinstance(one.send("m2", A, "hello", 60, BY), Unknown), "the very fault"
        one.warm()
        forgetful.forget()
        monkeypatch.setattr(twilio_gateway, "RENEW_AFTER_S", 0.0)
        assert isinstance(one.send("m3", A, "hello", 60, BY), Sent)
        forgetful.forget()
        one.warm()
        assert isinstance(one.send("m4", A, "hello", 60, BY), Sent), "warming renews it too"


class _Forgetful:
    """A carrier that takes everything, behind something that forgets connections."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections = 0
        self._forgotten: set[int] = set()

    def __enter__(self) -> _Forgetful:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def forget(self) -> None:
        """Every connection there is now is forgotten; nobody is told."""
        self._forgotten = set(range(1, self.connections + 1))

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with connection, connection.makefile("rb") as asked:
            while first := asked.readline():
                length = 0
                while (line := asked.readline()) not in (b"\r\n", b""):
                    name, _, value = line.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                asked.read(length)
                if number in self._forgotten:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                body = b"" if first.startswith(b"HEAD") else b'{"sid": "SM1", "status": "queued"}'
                head = f"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                connection.sendall(head.encode() + body)
