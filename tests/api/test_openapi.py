"""The description of the API: it is valid, it describes every call, and what is served keeps to it under generated input."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from core.access import declared
from dispatch.api import calls, openapi
from tests.api.test_access_table import own_methods


def test_the_description_is_public_and_names_only_what_it_defines(client: FlaskClient) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    description = answer.get_json()
    assert description["openapi"].startswith("3.1")
    defined = {f"#/components/schemas/{name}" for name in description["components"]["schemas"]}
    assert set(_references(description)) == defined


def test_every_call_is_described_with_the_scopes_that_open_it(app: Flask) -> None:
    described = {(call.method, call.path): "key:" + "|".join(call.scopes) for call in calls.CALLS}
    served = {
        (method.lower(), rule.rule.replace("<path:", "<").replace("<", "{").replace(">", "}")): mark
        for rule in app.url_map.iter_rules()
        for method in own_methods(rule)
        if (mark := declared(app.view_functions[rule.endpoint]) or "").startswith("key:")
    }
    assert described == served


def test_every_status_of_a_refusal_is_described_as_a_problem() -> None:
    for path, operations in openapi.description()["paths"].items():
        for method, operation in operations.items():
            refusals = {status: one for status, one in operation["responses"].items() if int(status) >= 400}
            assert {"400", "401", "403", "500", "503"} <= set(refusals), (method, path)
            for response in refusals.values():
                assert list(response["content"]) == ["application/problem+json"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # what is looked for is in the description and in our own code
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfitting"])
def test_generated_input_finds_no_fault_and_every_answer_is_as_described(
    app: Flask, secrets: dict[str, str], mode: GenerationMode, subtests: pytest.Subtests
) -> None:
    known = {"incident_id": _an_incident(app, secrets), "external_id": "P-1"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for call in calls.CALLS:
        with subtests.test(call=call.name):
            operation = schema[call.path][call.method.upper()]
            names = {name: value for name, value in known.items() if f"{{{name}}}" in call.path}
            cases = operation.as_strategy(generation_mode=mode, path_parameters=names or None)
            _try(cases.map(_plausible) if mode == GenerationMode.POSITIVE else cases, _bearer(secrets, call.scopes[0]))


def test_a_volunteer_comes_changes_and_goes_as_described(app: Flask, secrets: dict[str, str]) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    person = {
        "name": "Aino Esimerkki",
        "phone": "+447700900123",
        "places": [{"kind": "home", "lat": 60.17, "lon": 24.94}],
        "certifications": [{"type": "cpr", "expires": "2027-05-01"}],
        "consent_at": "2026-01-01T00:00:00Z",
    }
    for method, status in [("PUT", 201), ("PUT", 200), ("GET", 200), ("DELETE", 204), ("GET", 404), ("DELETE", 404)]:
        operation = schema["/api/v1/responders/{external_id}"][method]
        body = {"body": person, "media_type": "application/json"} if method == "PUT" else {}
        case = operation.Case(path_parameters={"external_id": "P-1"}, headers=_bearer(secrets, "people"), **body)
        response = case.call()
        assert response.status_code == status, (method, response.text)
        case.validate_response(response, excluded_checks=[ignored_auth])


def _plausible(case: schemathesis.Case) -> schemathesis.Case:
    """With values that no schema describes (plans are data, numbers have rules of their own), so that the call goes through."""
    if isinstance(case.body, dict):
        plausible = {"type": "cardiac_arrest", "phone": "+358401234567", "caller_phone": "+358401234567"}
        case.body |= {name: value for name, value in plausible.items() if name in case.body}
    return case


def _bearer(secrets: dict[str, str], scope: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secrets[scope]}"}


def _try(cases: SearchStrategy[schemathesis.Case], headers: dict[str, str]) -> None:
    @seed(112)
    @settings(max_examples=20, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def holds(case: schemathesis.Case) -> None:
        # What a plan is named is data, so input that fits the description may still be refused with 422.
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

    holds()


def _an_incident(app: Flask, secrets: dict[str, str]) -> str:
    body = {"type": "cardiac_arrest", "location": {"lat": 60.1699, "lon": 24.9384}}
    answer = app.test_client().post("/api/v1/incidents", json=body, headers=_bearer(secrets, "incidents"))
    return str(answer.get_json()["id"])


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        here = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return here + [found for member in part.values() for found in _references(member)]
    if isinstance(part, list):
        return [found for member in part for found in _references(member)]
    return []
