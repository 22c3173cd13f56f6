"""The HTTP API of the people, behind a shell that says who calls and writes problems down."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, Response, g, jsonify
from flask.testing import FlaskClient
from sqlalchemy import select

from core import access
from core.events import Event
from core.problems import Problem
from core.services import Services
from responder import api
from responder.models import Certification, Responder
from tests.responder.helpers import KnownAddresses, everything_stored, plain

URL = "/api/v1/responders/v1"
BOUND: set[int] = set()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    BOUND.clear()
    app = Flask("test")
    app.register_blueprint(api.blueprint(services, KnownAddresses(), lambda _session, number: number in BOUND))

    @app.before_request
    def _somebody_calls() -> None:
        g.actor = "key:cad"

    @app.errorhandler(Problem)
    def _problem(problem: Problem) -> tuple[Response, int]:
        errors = [{"pointer": one.pointer, "detail": one.detail} for one in problem.errors]
        return jsonify(title=problem.title, errors=errors, **problem.extra), problem.status

    return app.test_client()


def body(**changes: Any) -> dict[str, Any]:
    data = plain(**changes)
    del data["external_id"]
    return data


def test_put_get_and_put_back(client: FlaskClient) -> None:
    created = client.put(URL, json=body(night_alerts=True))
    assert created.status_code == 201
    assert created.json == {
        "external_id": "v1",
        "name": "Aino Ahonlampi",
        "phone": "+358401234567",
        "language": "fi",
        "places": [{"kind": "home", "lat": 60.1699, "lon": 24.9384, "address": None, "hours": None}],
        "certifications": [{"type": "cpr", "number": "C1", "issuer": None, "issued": None, "expires": "2027-06-30"}],
        "consent_at": "2026-01-14T22:00:00Z",
        "night_alerts": True,
        "calls": False,
        "transport": "foot",
        "available": True,
    }
    shown = client.get(URL)
    assert (shown.status_code, shown.json) == (200, created.json)
    again = client.put(URL, json=shown.json)
    assert (again.status_code, again.json) == (200, created.json)


def test_certificates_count_as_verified_by_the_key(client: FlaskClient, services: Services) -> None:
    client.put(URL, json=body())
    with services.read() as session:
        assert session.scalars(select(Certification.verified_by)).all() == ["key:cad"]


def test_opening_a_person_leaves_a_trace(client: FlaskClient, services: Services) -> None:
    client.put(URL, json=body())
    client.get(URL)
    with services.read() as session:
        kinds = session.scalars(select(Event.kind).order_by(Event.number)).all()
    assert kinds == ["responder_added", "responder_opened"]


def test_the_same_person_in_fhir(client: FlaskClient, services: Services) -> None:
    client.put(URL, json=body())
    answer = client.get("/api/v1/practitioners/v1")
    assert answer.content_type == "application/fhir+json"
    assert answer.json["resourceType"] == "Practitioner"
    assert answer.json["qualification"][0]["period"] == {"end": "2027-06-30"}
    assert client.get("/api/v1/practitioners/nobody").status_code == 404


def test_available_is_off_and_on(client: FlaskClient) -> None:
    assert client.put(URL, json=body(available=False)).json["available"] is False
    assert client.put(URL, json=body()).json["available"] is False
    assert client.put(URL, json=body(available=True)).json["available"] is True


def test_delete_erases(client: FlaskClient, services: Services) -> None:
    client.put(URL, json=body())
    assert client.delete(URL).status_code == 204
    assert client.get(URL).status_code == 404
    assert client.delete(URL).status_code == 404
    with services.read() as session:
        assert "Ahonlampi" not in everything_stored(session)


def test_delete_waits_while_somebody_is_on_a_callout(client: FlaskClient, services: Services) -> None:
    client.put(URL, json=body())
    with services.read() as session:
        BOUND.add(session.scalars(select(Responder.id)).one())
    answer = client.delete(URL)
    assert (answer.status_code, answer.json["erased"]) == (202, False)
    assert client.get(URL).status_code == 200
    assert client.put(URL, json=body()).status_code == 409


def test_unknown_people_are_404(client: FlaskClient) -> None:
    assert client.get(URL).status_code == 404
    assert client.delete(URL).status_code == 404


def test_ids_may_have_any_character(client: FlaskClient) -> None:
    url = "/api/v1/responders/A%2F12%20%C3%A4"
    assert client.put(url, json=body()).json["external_id"] == "A/12 ä"
    assert client.get(url).status_code == 200


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        (body(external_id="v2"), "/external_id"),
        (body(phone="hello"), "/phone"),
        (body(places=[{"kind": "home", "address": "Kirkkokatu"}]), "/places/0/address"),
        ([], ""),
        ("text", ""),
    ],
)  # fmt: skip
def test_bad_bodies_are_422_and_nothing_is_written(client: FlaskClient, services: Services, data: Any, pointer: str) -> None:
    if isinstance(data, dict) and pointer == "/external_id":
        data["external_id"] = "v2"
    answer = client.put(URL, json=data)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == [pointer]
    with services.read() as session:
        assert session.scalars(select(Responder)).all() == []
        assert session.scalars(select(Event)).all() == []


def test_unreadable_json_is_400(client: FlaskClient) -> None:
    assert client.put(URL, data=b"{", content_type="application/json").status_code == 400


def test_every_view_says_who_may_call_it(services: Services) -> None:
    app = Flask("test")
    app.register_blueprint(api.blueprint(services, KnownAddresses(), lambda _session, _number: False))
    marks = {name: access.declared(view) for name, view in app.view_functions.items() if name != "static"}
    assert marks == {
        "responder_api.put": "key:people",
        "responder_api.get": "key:people|read",
        "responder_api.delete": "key:people",
        "responder_api.practitioner": "key:people",
    }
