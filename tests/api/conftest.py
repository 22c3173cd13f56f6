"""What the tests of the API stand on: the whole application, as it is served, over an empty town with the shipped plans."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from console import keys
from console.app import create_app
from core.access import SCOPES
from core.services import Services
from dispatch import plans

Headers = dict[str, str]


@pytest.fixture
def app(services: Services) -> Flask:
    """The application over `services`."""
    with services.write() as session:
        plans.ensure_shipped(session)
    return create_app(services)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A caller without a key."""
    return app.test_client()


@pytest.fixture
def secrets(services: Services) -> dict[str, str]:
    """One key of each scope."""
    with services.write() as session:
        return {scope: keys.create(session, f"only-{scope}", [scope]) for scope in SCOPES}


@pytest.fixture
def cad(client: FlaskClient, secrets: dict[str, str]) -> Callable[..., tuple[int, dict[str, object]]]:
    """Call the API as a CAD system does: cad("post", "/incidents", {...}) -> status and body."""

    def call(method: str, path: str, body: object = None, scope: str = "incidents") -> tuple[int, dict[str, object]]:
        headers = {"Authorization": f"Bearer {secrets[scope]}"}
        sent = {"json": body} if body is not None else {}
        answer = client.open(f"/api/v1{path}", method=method.upper(), headers=headers, **sent)
        return answer.status_code, answer.get_json()

    return call
