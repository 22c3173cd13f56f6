"""The rules of the house, tried on a small room of the test's own: who may call, what is readable, what answers carry."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from flask import Blueprint, Flask, jsonify, redirect, request
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from console import access, keys
from console.bodies import API_LIMIT_BYTES
from console.shell import shell
from core.access import CARRIER, METRICS, PUBLIC, SIMULATING, requires
from core.database import Database
from core.problems import FieldProblem, Problem
from core.services import Services

NUMBER = "+358401234567"


@pytest.fixture
def database(empty_sqlite: Database) -> Database:
    """The rules of the house are the same over every database."""
    return empty_sqlite


def room() -> Blueprint:
    """One route of each kind of access, and one of each kind of failure."""
    views = Blueprint("room", __name__)

    @views.post("/api/v1/echo")
    @requires("key:incidents|people")
    def echo() -> object:
        return jsonify(request.get_json() if request.get_data() else None)

    @views.get("/api/v1/broken")
    @requires(PUBLIC)
    def broken() -> object:
        raise RuntimeError("the caller is " + NUMBER)

    @views.get("/api/v1/outage")
    @requires(PUBLIC)
    def outage() -> object:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    @views.get("/api/v1/refused")
    @requires(PUBLIC)
    def refused() -> object:
        raise Problem(422, "Some fields cannot be used", [FieldProblem("/a", "no")], matches=[{"label": "x"}])

    @views.get("/page-broken")
    @requires(PUBLIC)
    def page_broken() -> object:
        raise RuntimeError(NUMBER)

    @views.get("/elsewhere")
    @requires(PUBLIC)
    def elsewhere() -> object:
        return redirect("/")

    @views.post("/sms/inbound")
    @requires(CARRIER)
    def inbound() -> object:
        raise Problem(403, "The signature is wrong")

    @views.post("/numbers")
    @requires(METRICS)
    def numbers() -> object:
        return "ok"

    @views.post("/play")
    @requires(SIMULATING)
    def play() -> object:
        return "ok"

    return views


def with_room(services: Services) -> Flask:
    app = shell(services)
    app.register_blueprint(room())
    access.check_marks(app)
    return app


def key(services: Services, *scopes: str) -> dict[str, str]:
    with services.write() as session:
        secret = keys.create(session, "-".join(("k", *scopes)), scopes)
    return {"Authorization": f"Bearer {secret}"}


def problem(response: TestResponse, status: int) -> dict[str, object]:
    """The body of a refusal, checked to be a whole RFC 9457 problem."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    body: dict[str, object] = json.loads(response.text)
    assert body["status"] == status
    assert body["title"]
    assert isinstance(body["errors"], list)
    return body


def test_a_route_without_a_mark_keeps_the_console_from_starting(services: Services) -> None:
    app = shell(services)
    app.add_url_rule("/open", "open", lambda: "anybody")
    with pytest.raises(access.UnmarkedRoute, match="/open"):
        access.check_marks(app)


@pytest.mark.parametrize("mark", ["everybody", "key:", "key:root", "key:incidents|root"])
def test_a_mark_that_nothing_enforces_keeps_the_console_from_starting(services: Services, mark: str) -> None:
    app = shell(services)
    app.add_url_rule("/open", "open", requires(mark)(lambda: "anybody"))
    with pytest.raises(access.UnmarkedRoute, match="/open"):
        access.check_marks(app)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": "Bearer doorstep_nobody"},
        {"Authorization": "Bearer doorstep_" + "é" * 40},
        {"Authorization": "Bearer " + "x" * 5000},
    ],
)
def test_without_a_known_key_the_answer_is_401_and_says_how(services: Services, headers: dict[str, str]) -> None:
    response = with_room(services).test_client().post("/api/v1/echo", json={}, headers=headers)
    problem(response, 401)
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_key_outside_its_scope_is_403_naming_what_it_needs(services: Services) -> None:
    response = with_room(services).test_client().post("/api/v1/echo", json={}, headers=key(services, "read"))
    assert "incidents or people" in str(problem(response, 403)["title"])
    assert "insufficient_scope" in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize("scope", ["incidents", "people"])
def test_each_scope_that_is_declared_opens_the_route(services: Services, scope: str) -> None:
    response = with_room(services).test_client().post("/api/v1/echo", json={"a": 1}, headers=key(services, scope))
    assert response.get_json() == {"a": 1}


UNREADABLE = {
    "cut off": b'{"a": ',
    "words": b"hello",
    "nan": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "too large a number": b'{"a": 1e400}',
    "too many digits": b'{"a": ' + b"9" * 5000 + b"}",
    "a name twice": b'{"lat": 1, "lat": 2}',
    "a name twice further in": b'{"location": [{"lat": 1, "lat": 2}]}',
    "not utf-8": b'{"a": "\xff"}',
    "utf-16": '{"a": 1}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "half a surrogate pair": b'{"a": "\\ud800"}',
    "half a surrogate pair as a name": b'{"\\udfff": 1}',
    "too deep": b"[" * 100_000 + b"]" * 100_000,
    "two values": b"{}{}",
}


@pytest.mark.parametrize("raw", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_two_readers_could_read_differently_is_400(services: Services, raw: bytes) -> None:
    client = with_room(services).test_client()
    headers = key(services, "people") | {"Content-Type": "application/json"}
    problem(client.post("/api/v1/echo", data=raw, headers=headers), 400)


def test_a_nul_is_refused_where_it_stands(services: Services) -> None:
    client = with_room(services).test_client()
    headers = key(services, "people")
    refused = problem(client.post("/api/v1/echo", json={"a/b": [{"c": "x\0y"}]}, headers=headers), 422)
    assert refused["errors"] == [{"pointer": "/a~1b/0/c", "detail": "a text may not contain a NUL character"}]
    problem(client.get("/api/v1/echo%00"), 400)
    problem(client.get("/api/v1/echo?a=%00"), 400)


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", "application/json5", ""])
def test_a_body_that_is_not_sent_as_json_is_415(services: Services, content_type: str) -> None:
    client = with_room(services).test_client()
    headers = key(services, "people") | ({"Content-Type": content_type} if content_type else {})
    problem(client.post("/api/v1/echo", data=b'{"a": 1}', headers=headers), 415)


def test_a_compressed_body_is_415_and_a_charset_is_fine(services: Services) -> None:
    client = with_room(services).test_client()
    headers = key(services, "people") | {"Content-Type": "application/json; charset=utf-8"}
    problem(client.post("/api/v1/echo", data=b"{}", headers=headers | {"Content-Encoding": "gzip"}), 415)
    assert client.post("/api/v1/echo", data=b'{"a": 1}', headers=headers).get_json() == {"a": 1}


def test_a_body_over_the_limit_is_413_and_one_of_just_the_limit_is_read(services: Services) -> None:
    client = with_room(services).test_client()
    headers = key(services, "people") | {"Content-Type": "application/json"}
    fits = b'"' + b"x" * (API_LIMIT_BYTES - 2) + b'"'
    assert client.post("/api/v1/echo", data=fits, headers=headers).status_code == 200
    for extra in (b" ", b" " * 1000):
        problem(client.post("/api/v1/echo", data=fits + extra, headers=headers), 413)


def test_a_body_that_does_not_say_how_long_it_is_has_the_same_limit(services: Services) -> None:
    client = with_room(services).test_client()
    headers = key(services, "people") | {"Content-Type": "application/json"}
    for size, status in [(API_LIMIT_BYTES, 200), (API_LIMIT_BYTES + 1, 413), (2 * API_LIMIT_BYTES, 413)]:
        stream = io.BytesIO(b"{}".ljust(size))
        answer = client.post("/api/v1/echo", input_stream=stream, environ_base={"wsgi.input_terminated": True}, headers=headers)
        assert answer.status_code == status, size


def test_unknown_addresses_and_methods_are_problems_for_programs_and_pages_for_people(services: Services) -> None:
    client = with_room(services).test_client()
    problem(client.get("/api/v1/nothing"), 404)
    refused = client.delete("/api/v1/echo")
    problem(refused, 405)
    assert "POST" in refused.headers["Allow"]
    page = client.get("/nothing")
    assert (page.status_code, page.mimetype) == (404, "text/html")


def test_extra_members_of_a_problem_are_told(services: Services) -> None:
    body = problem(with_room(services).test_client().get("/api/v1/refused"), 422)
    assert body["errors"] == [{"pointer": "/a", "detail": "no"}]
    assert body["matches"] == [{"label": "x"}]


def test_a_fault_is_logged_with_an_id_and_nobody_reads_what_it_said(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    client = with_room(services).test_client()
    answer = client.get("/api/v1/broken")
    fault = str(problem(answer, 500)["fault"])
    page = client.get("/page-broken")
    assert (page.status_code, page.mimetype) == (500, "text/html")
    logged = capsys.readouterr()
    said = logged.out + logged.err
    assert fault in said
    for text in (said, answer.text, page.text):
        assert NUMBER not in text
    for text in (answer.text, page.text):
        assert "Traceback" not in text
        assert "RuntimeError" not in text


def test_a_database_that_cannot_be_used_is_503_with_retry_after(services: Services) -> None:
    response = with_room(services).test_client().get("/api/v1/outage")
    problem(response, 503)
    assert int(response.headers["Retry-After"]) > 0


def test_the_carrier_gets_refusals_without_detail(services: Services) -> None:
    response = with_room(services).test_client().post("/sms/inbound")
    assert (response.status_code, response.data) == (403, b"")


ADDRESSES = ["/", "/nothing", "/api/v1/nothing", "/api/v1/broken", "/api/v1/refused", "/elsewhere", "/sms/inbound"]


@pytest.mark.parametrize("address", [*ADDRESSES, "/static/console.css", "/static/nothing", "/metrics"])
def test_every_answer_carries_the_protecting_headers(services: Services, address: str) -> None:
    headers = with_room(services).test_client().get(address, buffered=True).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "unsafe-" not in headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in headers


def test_over_https_browsers_are_told_to_stay_there(services: Services) -> None:
    settings = services.settings.model_copy(update={"public_url": "https://doorstep.example", "live_url": "https://l.example"})
    response = with_room(replace(services, settings=settings)).test_client().get("/nothing")
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "connect-src 'self' https://l.example;" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 200),
        ("http://localhost", 200),
        ("http://127.0.0.1:8000", 200),
        ("https://elsewhere.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_pages_elsewhere_cannot_press_our_buttons(services: Services, origin: str | None, status: int) -> None:
    headers = {} if origin is None else {"Origin": origin}
    assert with_room(services).test_client().post("/play", headers=headers).status_code == status


def test_what_exists_only_while_simulating_is_404_on_a_real_carrier(services: Services) -> None:
    real = {"twilio_account_sid": "AC" + "0" * 32, "twilio_auth_token": ("t",), "twilio_from": ("+358400000000",)}
    settings = services.settings.model_copy(update=real)
    client = with_room(replace(services, settings=settings)).test_client()
    assert client.post("/play").status_code == 404


@pytest.mark.parametrize(
    ("remote", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, 401),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.1"}, 401),
        ("127.0.0.1", {"X-Real-Ip": "192.0.2.1"}, 401),
        ("192.0.2.1", {}, 401),
        ("", {}, 401),
        ("192.0.2.1", {"Authorization": "Bearer wrong"}, 401),
        ("192.0.2.1", {"Authorization": "Bearer right"}, 200),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.1", "Authorization": "Bearer right"}, 200),
    ],
)
def test_metrics_are_for_the_token_or_a_direct_loopback_connection(
    services: Services, remote: str, headers: dict[str, str], status: int
) -> None:
    settings = services.settings.model_copy(update={"metrics_token": "right"})
    client = with_room(replace(services, settings=settings)).test_client()
    answered = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": remote})
    assert answered.status_code == status


def test_without_a_metrics_token_no_token_opens_the_metrics(services: Services) -> None:
    client = with_room(services).test_client()
    remote = {"REMOTE_ADDR": "192.0.2.1"}
    for offered in ("", "Bearer ", "Bearer None", "Bearer x"):
        assert client.get("/metrics", headers={"Authorization": offered}, environ_base=remote).status_code == 401
