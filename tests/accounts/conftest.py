"""What the tests of accounts stand on: the whole application over an empty database, and browsers that speak forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from console.accounts import users
from console.app import create_app
from core.events import Event
from core.services import Services
from dispatch import plans

PASSWORD = "four words of mine"
_TOKEN = re.compile(r'name="csrf_token" value="(\w+)"')


@dataclass
class Browser:
    """One browser with its cookies; it sends forms as pages do, with the token that the page carried."""

    client: FlaskClient
    address: str = "192.0.2.1"
    agent: str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

    def get(self, path: str, **more: object) -> TestResponse:
        """Look at a page."""
        return self.client.get(path, environ_base=self._environ(), buffered=True, **more)

    def post(self, path: str, page: str = "/sign-in", **fields: str) -> TestResponse:
        """Send a form of `page`."""
        found = _TOKEN.search(self.get(page).text)
        token = {"csrf_token": found[1]} if found else {}
        return self.client.post(path, data={**token, **fields}, environ_base=self._environ(), buffered=True)

    def sign_in(self, name: str = "anna", password: str = PASSWORD, **fields: str) -> TestResponse:
        """An attempt on the form."""
        return self.post("/sign-in", name=name, password=password, **fields)

    def cookie(self, name: str) -> str | None:
        """The value of a cookie it has."""
        found = self.client.get_cookie(name)
        return found.value if found else None

    def _environ(self) -> dict[str, str]:
        return {"REMOTE_ADDR": self.address, "HTTP_USER_AGENT": self.agent}


@pytest.fixture
def app(services: Services) -> Flask:
    """The application over `services`, with anna (admin), dora (dispatcher) and alma (auditor), who all use PASSWORD."""
    with services.write() as session:
        plans.ensure_shipped(session)
        for name, role in (("anna", "admin"), ("dora", "dispatcher"), ("alma", "auditor")):
            users.add(session, name, role, PASSWORD, "operator", given=False)
    return create_app(services)


@pytest.fixture
def browser(app: Flask) -> Callable[..., Browser]:
    """Opens a browser: browser(address="192.0.2.7")."""
    return lambda **more: Browser(app.test_client(), **more)


@pytest.fixture
def said(services: Services) -> Callable[..., list[Event]]:
    """The events of these kinds, oldest first."""

    def look(*kinds: str) -> list[Event]:
        with services.read() as session:
            return [event for event in session.query(Event).order_by(Event.number) if not kinds or event.kind in kinds]

    return look
