"""What the carrier calls: nothing unsigned gets in, everything signed is stored once."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from core.access import CARRIER, declared
from core.services import Services
from sms.models import Message, MessageStatus
from sms.signatures import LONGEST_BODY, addresses
from sms.spool import Spool
from sms.webhooks import blueprint
from sms.wire import Wire

TEXT = {"MessageSid": "SM1", "From": "+358401234567", "To": "+441632960112", "Body": "1 4", "FromCity": "", "NumMedia": "0"}
ON_MY_WAY = TEXT | {"Body": "tulen heti, åäö ✓ & 100 % = joo+"}


class Caller:
    """The carrier's side: signs as Twilio does and calls."""

    def __init__(self, wire: Wire, **settings: Any) -> None:
        services = wire.services
        self.settings = services.settings.model_copy(update=settings)
        self.wire = Wire(Services(self.settings, services.database, services.wake_ups))
        self.app = Flask(__name__)
        self.app.register_blueprint(blueprint(self.wire))
        self.client: FlaskClient = self.app.test_client()
        self.token = self.settings.carrier.auth_tokens[-1]

    def call(
        self,
        path: str,
        form: dict[str, str],
        *,
        url: str | None = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
        algorithm: str = "HMAC_SHA1",
        base: str | None = None,
    ) -> int:
        signed = url if url is not None else self.settings.public_url + path
        signature = RequestValidator(token or self.token).compute_signature(signed, form, algorithm)
        given = {"X-Twilio-Signature": signature} | (headers or {})
        body = raw if raw is not None else urlencode(form).encode()
        answer = self.client.post(
            path, data=body, content_type="application/x-www-form-urlencoded", headers=given, base_url=base
        )
        self.answer = answer
        return answer.status_code

    def stored(self, table: Any = Message) -> int:
        with self.wire.services.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def caller(wire: Wire) -> Iterator[Caller]:
    return Caller(wire)


def test_a_text_is_stored_once_and_answered_with_no_text(caller: Caller) -> None:
    assert caller.call("/sms/inbound", ON_MY_WAY) == 200
    assert caller.answer.data == b"<Response/>"
    assert caller.answer.mimetype == "text/xml"
    assert caller.call("/sms/inbound", ON_MY_WAY) == 200
    assert caller.call("/sms/inbound", TEXT | {"MessageSid": "SM2"}) == 200
    with caller.wire.services.read() as session:
        first, second = session.scalars(select(Message).order_by(Message.created_at)).all()
    assert (first.direction, first.phone, first.body) == ("in", "+358401234567", ON_MY_WAY["Body"])
    assert (first.carrier_id, first.handled_at) == ("SM1", None)
    assert first.created_at < second.created_at  # the order they came in, even within one tick of the clock


def test_every_view_says_who_may_call_it(caller: Caller) -> None:
    views = [view for name, view in caller.app.view_functions.items() if name.startswith("sms.")]
    assert len(views) == 2
    assert {declared(view) for view in views} == {CARRIER}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("public_url", "path", "base"),
    [
        ("https://help.example.org", "/sms/inbound", "http://10.0.0.7:8000"),  # behind a TLS proxy
        ("https://help.example.org:8443", "/sms/inbound", "http://10.0.0.7:8000"),
        ("https://help.example.org", "/sms/inbound", "http://evil.example"),  # the Host header counts for nothing
        ("http://127.0.0.1:8000", "/sms/inbound", "http://127.0.0.1:8000"),
        ("https://user:pass@help.example.org", "/sms/inbound", None),  # signed with it
        ("https://help.example.org", "/sms/inbound?b=2&a=1&x=", None),  # the query's order and blanks
        ("https://help.example.org", "/sms/inbound?note=caf%C3%A9%3A%2Fx+y%20z", None),  # the query's escapes
    ],
)
def test_the_signature_covers_the_address_as_the_carrier_wrote_it(
    wire: Wire, public_url: str, path: str, base: str | None
) -> None:
    caller = Caller(wire, public_url=public_url)
    assert caller.call(path, ON_MY_WAY, base=base) == 200
    assert caller.stored() == 1


def test_a_port_that_the_carrier_adds_or_drops(wire: Wire) -> None:
    caller = Caller(wire, public_url="https://help.example.org")
    assert caller.call("/sms/inbound", TEXT, url="https://help.example.org:443/sms/inbound") == 200


def test_a_path_in_front_of_ours(wire: Wire) -> None:
    url = "https://example.org/help"
    assert addresses(url, {"RAW_URI": "/sms/inbound?a=1"}) == [url + "/sms/inbound?a=1"]
    kept = addresses(url, {"REQUEST_URI": "/help/sms/inbound"})
    assert "https://example.org/help/sms/inbound" in kept
    assert addresses("https://example.org", {"REQUEST_URI": "http://proxy:80/sms/inbound?a=%20"}) == [
        "https://example.org/sms/inbound?a=%20"
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"headers": {"X-Twilio-Signature": ""}},
        {"headers": {"X-Twilio-Signature": "bm9wZQ=="}},
        {"headers": {"X-Twilio-Signature": "å" * 28}},
        {"token": "somebody else's"},
        {"url": "https://elsewhere.example/sms/inbound"},
        {"raw": urlencode(TEXT | {"Body": "0"}).encode()},
        {"raw": urlencode(TEXT | {"Extra": "1"}).encode()},
        {"raw": b""},
        {"raw": b"\xff\xfe%%%&&&==="},
        {"headers": {"X-Twilio-Webhooks-Signature-Settings": "key=1,algorithm=HMAC_MD5"}},
        {"headers": {"X-Twilio-Webhooks-Signature-Settings": "key=1,algorithm=none"}},
        {"headers": {"X-Twilio-Webhooks-Signature-Settings": "algorithm=HMAC_SHA256"}},  # signed with SHA-1
    ],
)
@pytest.mark.parametrize("path", ["/sms/inbound", "/sms/status?m=1"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_unsigned_gets_in(caller: Caller, change: dict[str, Any], path: str) -> None:
    assert caller.call(path, TEXT, **change) == 403
    assert caller.answer.data == b""
    assert caller.stored() == 0


def test_no_signature_at_all(caller: Caller) -> None:
    assert caller.client.post("/sms/inbound", data=TEXT).status_code == 403


def test_sha_256(caller: Caller) -> None:
    settings = {"X-Twilio-Webhooks-Signature-Settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}
    assert caller.call("/sms/inbound", TEXT, algorithm="HMAC_SHA256", headers=settings) == 200


def test_both_tokens_count_while_they_rotate(wire: Wire) -> None:
    account = {"twilio_account_sid": "AC" + "0" * 32, "twilio_auth_token": ("old", "new"), "twilio_from": ("+358451",)}
    caller = Caller(wire, **account)
    assert caller.call("/sms/inbound", TEXT, token="old") == 200
    assert caller.call("/sms/inbound", TEXT, token="new") == 200
    assert caller.call("/sms/inbound", TEXT, token="older") == 403


def test_a_field_that_comes_twice_is_signed_sorted_and_once(caller: Caller) -> None:
    url = caller.settings.public_url + "/sms/inbound"
    raw = urlencode([*TEXT.items(), ("Tag", "b"), ("Tag", "a"), ("Tag", "b")]).encode()
    parts = url + "".join(key + TEXT[key] for key in sorted(TEXT) if key < "Tag") + "TagaTagb"
    parts += "".join(key + TEXT[key] for key in sorted(TEXT) if key > "Tag")
    signature = base64.b64encode(hmac.new(caller.token.encode(), parts.encode(), hashlib.sha1).digest()).decode()
    assert caller.call("/sms/inbound", TEXT, raw=raw, headers={"X-Twilio-Signature": signature}) == 200


def test_too_large(caller: Caller) -> None:
    large = TEXT | {"Body": "x" * LONGEST_BODY}
    assert caller.call("/sms/inbound", large) == 413
    assert caller.stored() == 0
    fits = TEXT | {"Body": "x" * (LONGEST_BODY - 200)}
    assert caller.call("/sms/inbound", fits) == 200


def test_what_a_database_cannot_hold(caller: Caller) -> None:
    strange = TEXT | {"Body": "1\x00 \U0001f691", "From": "whatsapp:+3584012345678901", "OptOutType": "stop"}
    assert caller.call("/sms/inbound", strange) == 200
    with caller.wire.services.read() as session:
        [text] = session.scalars(select(Message))
    assert (text.body, text.phone, text.opt_out_type) == ("1 \U0001f691", "whatsapp:+3584012345", "STOP")


def test_a_text_without_an_id_is_answered_and_not_stored(caller: Caller) -> None:
    assert caller.call("/sms/inbound", {"From": "+358401234567", "Body": "1"}) == 200
    assert caller.stored() == 0


def test_a_status_is_stored_once(caller: Caller, desk: Any) -> None:
    message_id = desk.put("+358401234567")
    told = {"MessageSid": "SM9", "MessageStatus": "undelivered", "ErrorCode": "30003"}
    for form in (told, told, told | {"MessageStatus": "delivered", "ErrorCode": ""}):
        assert caller.call(f"/sms/status?m={message_id}", form) == 204
    with caller.wire.services.read() as session:
        rows = session.scalars(select(MessageStatus).order_by(MessageStatus.id)).all()
    assert [(one.status, one.error_code) for one in rows] == [("undelivered", "30003"), ("delivered", "")]
    assert desk.message(message_id).state == "due"  # the view sets nothing


@pytest.mark.parametrize("query", ["", "?m=", "?m=0123456789", "?x=1", "?m=%00"])
def test_a_status_of_nothing_of_ours(caller: Caller, query: str) -> None:
    assert caller.call("/sms/status" + query, {"MessageSid": "SM9", "MessageStatus": "sent"}) == 204
    assert caller.stored(MessageStatus) == 0
    assert Spool(caller.settings.data_dir).is_empty(), "nor does it wait to be stored"
