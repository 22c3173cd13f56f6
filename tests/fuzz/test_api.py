"""Whatever a program sends to the API: no fault, no traceback, and nobody is asked and nothing changed by what is refused."""

from __future__ import annotations

import itertools
import json
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from sqlalchemy import func, select

from core.clock import HandClock
from core.services import Services
from dispatch.api import calls
from dispatch.models import Callout, Incident
from responder.models import Certification, Place, Responder
from sms.models import Contact, Message
from tests.fuzz.budget import Budget, try_for
from tests.fuzz.people import raise_one, settle_somebody

TABLES = (Incident, Callout, Message, Contact, Responder, Place, Certification)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


def rows(services: Services) -> list[int]:
    with services.read() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


def test_what_the_description_leads_to(
    app: Flask, services: Services, secrets: dict[str, str], clock: HandClock, budget: Budget
) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    settle_somebody(services)
    known = {"external_id": "V1", "incident_id": raise_one(services)}
    pairs = list(itertools.product(calls.CALLS, GenerationMode))
    for call, mode in pairs:
        headers = {"Authorization": f"Bearer {secrets[call.scopes[0]]}"}

        def holds(case: schemathesis.Case, headers: dict[str, str] = headers) -> None:
            clock.turn(1)  # an API key opens only so many emergencies a minute
            before = rows(services)
            response = case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])
            assert response.status_code < 400 or rows(services) == before, response.text

        named = {name: value for name, value in known.items() if f"{{{name}}}" in call.path}
        operation = schema[call.path][call.method.upper()]
        cases = operation.as_strategy(generation_mode=mode, path_parameters=named or None)
        try_for(budget.part(1) / len(pairs), cases.filter(all_of_it_arrives), holds)


def all_of_it_arrives(case: schemathesis.Case) -> bool:
    """Not one with a superfluous parameter of which nothing is left in the address: that one is refused for nothing."""
    return all(value not in (None, [], {}) for value in (case.query or {}).values())


def test_bodies_that_no_description_knows(
    app: Flask, services: Services, secrets: dict[str, str], clock: HandClock, budget: Budget
) -> None:
    settle_somebody(services)
    client = app.test_client()
    changing = [call for call in calls.CALLS if call.method in ("post", "put", "patch")]
    bodies = st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode())
    types = st.sampled_from(["application/json", "application/json; charset=utf-16", "text/plain", "", "application/xml"])
    requests = st.tuples(st.sampled_from(changing), bodies, types, st.booleans())

    def refused(request: tuple[Any, bytes, str, bool]) -> None:
        call, body, content_type, with_key = request
        clock.turn(1)
        before = rows(services)
        path = call.path.replace("{external_id}", "V1").replace("{incident_id}", "0" * 26)
        headers = {"Authorization": f"Bearer {secrets[call.scopes[0]] if with_key else 'nobody'}", "Content-Type": content_type}
        answer = client.open(path, method=call.method.upper(), headers=headers, data=body)
        assert 400 <= answer.status_code < 500, (answer.status_code, answer.text, request)
        assert answer.content_type == "application/problem+json"
        assert rows(services) == before

    try_for(budget.part(1), requests, refused)
