"""Who may call what, for every route there is: without a key, with an unknown one, and with a key of each scope."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from core.access import CARRIER, METRICS, PUBLIC, SCOPES, SIMULATING, declared

EXPECTED = {
    "GET /": PUBLIC,
    "GET /static/<path:filename>": PUBLIC,
    "GET /health/live": PUBLIC,
    "GET /health/ready": PUBLIC,
    "GET /metrics": METRICS,
    "GET /api/v1/openapi.json": PUBLIC,
    "POST /api/v1/incidents": "key:incidents",
    "GET /api/v1/incidents": "key:incidents|read",
    "GET /api/v1/incidents/<incident_id>": "key:incidents|read",
    "PATCH /api/v1/incidents/<incident_id>": "key:incidents",
    "POST /api/v1/incidents/<incident_id>/stand-down": "key:incidents",
    "POST /api/v1/incidents/<incident_id>/close": "key:incidents",
    "POST /api/v1/incidents/<incident_id>/reopen": "key:incidents",
    "PUT /api/v1/responders/<path:external_id>": "key:people",
    "GET /api/v1/responders/<path:external_id>": "key:people|read",
    "DELETE /api/v1/responders/<path:external_id>": "key:people",
    "POST /sms/inbound": CARRIER,
    "POST /sms/status": CARRIER,
    "GET /phones": SIMULATING,
    "GET /phones/state": SIMULATING,
    "POST /phones/texts": SIMULATING,
    "POST /phones/autopilot": SIMULATING,
    "GET /phones/static/<path:filename>": SIMULATING,
}
"""Written out by hand: a route that opens to somebody else, or a new one, is meant or is a mistake: a person says which."""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The rules of the house are the same over every database."""
    return sqlite_url


def routes(app: Flask) -> dict[str, str | None]:
    """Every route with what its view declares."""
    return {
        f"{method} {rule.rule}": declared(app.view_functions[rule.endpoint])
        for rule in app.url_map.iter_rules()
        for method in methods(rule)
    }


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def filled(rule: Rule) -> str:
    return "/".join("x" if part.startswith("<") else part for part in rule.rule.split("/"))


def test_every_route_is_open_to_exactly_whom_it_should_be(app: Flask) -> None:
    assert routes(app) == EXPECTED


def key_routes(app: Flask) -> list[tuple[str, str, set[str]]]:
    return [
        (method, filled(rule), set(mark.removeprefix("key:").split("|")))
        for rule in app.url_map.iter_rules()
        for method in methods(rule)
        if (mark := declared(app.view_functions[rule.endpoint]) or "").startswith("key:")
    ]


@pytest.mark.parametrize("given", ["", "Bearer doorstep_unknown", "Basic eDp4"])
def test_every_call_of_the_api_is_401_without_a_known_key(app: Flask, client: FlaskClient, given: str) -> None:
    headers = {"Authorization": given} if given else {}
    for method, path, _ in key_routes(app):
        answer = client.open(path, method=method, headers=headers)
        assert answer.status_code == 401, (method, path)
        assert answer.content_type == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert client.options(path, headers=headers).status_code == 401


@pytest.mark.parametrize("scope", SCOPES)
def test_every_call_of_the_api_is_403_outside_the_scope_and_goes_on_inside(
    app: Flask, client: FlaskClient, secrets: dict[str, str], scope: str
) -> None:
    for method, path, scopes in key_routes(app):
        answer = client.open(path, method=method, headers={"Authorization": f"Bearer {secrets[scope]}"})
        assert (answer.status_code == 403) == (scope not in scopes), (method, path, answer.status_code)
        assert answer.status_code not in (401, 500)


def test_the_carriers_routes_refuse_what_is_not_signed_without_a_word(client: FlaskClient) -> None:
    for path in ("/sms/inbound", "/sms/status?m=x"):
        answer = client.post(path, data={"From": "+447700900001", "Body": "1"})
        assert (answer.status_code, answer.data) == (403, b"")


def test_the_phones_are_there_while_simulating_and_the_start_page_leads_to_them(client: FlaskClient) -> None:
    assert 'href="/phones"' in client.get("/").text
    assert "SIMULATED" in client.get("/").text
    assert "SIMULATED" in client.get("/phones").text
