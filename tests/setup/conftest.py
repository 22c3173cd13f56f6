"""What the tests of set-up and go-live stand on: the whole application as it is served, and forms sent as a browser does."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from console.accounts import sessions, users
from console.app import create_app
from console.setup import links
from core.services import Services
from dispatch import plans

PASSWORD = "correct horse battery"
Send = Callable[..., TestResponse]
_TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]+)"')


@pytest.fixture
def app(services: Services) -> Flask:
    """The application over an empty database."""
    with services.write() as session:
        plans.ensure_shipped(session)
    return create_app(services)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A browser that nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def token(services: Services) -> str:
    """A set-up link's token."""
    with services.write() as session:
        return links.make(session)


def sign_in(app: Flask, services: Services, role: str, name: str | None = None) -> FlaskClient:
    """A browser signed in with that role."""
    with services.write() as session:
        user = users.add(session, name or role, role, PASSWORD, "operator", given=False)
        cookie = sessions.begin(session, user, "127.0.0.1", "a test")
    client = app.test_client()
    client.set_cookie(sessions.COOKIE, cookie)
    return client


def send(client: FlaskClient, page: str, to: str, fields: dict[str, object]) -> TestResponse:
    """Fill in the form on `page` and send it, as a browser would."""
    return client.post(to, data={"csrf_token": csrf_of(client, page), **fields})


def csrf_of(client: FlaskClient, page: str) -> str:
    """The token of the form on `page`."""
    found = _TOKEN.search(client.get(page).text)
    assert found, f"no form on {page}"
    return found[1]
