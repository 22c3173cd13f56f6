"""What the tests of the people's pages stand on: the whole application, a browserless visitor of each role, a street or two."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from console.accounts import csrf, sessions, users
from console.app import create_app
from console.models import User
from core import clock as clocks
from core.events import Event
from core.services import Services
from geo.geocoding import open_geocoder
from responder import people
from responder.certificates import kinds as certificate_kinds
from responder.fields import Context
from responder.input import ResponderInput
from responder.models import Responder
from tests.browser import town


@dataclass
class Visitor:
    """Somebody signed in, as their browser would ask."""

    app: Flask
    services: Services
    cookie: str

    def get(self, path: str, **query: str) -> TestResponse:
        """Open a page."""
        return self._client().get(path, query_string=query or None)

    def post(self, path: str, form: dict[str, Any] | None = None) -> TestResponse:
        """Send a form of ours."""
        token = csrf.token(self.services.settings.secret, self.cookie)
        return self._client().post(path, data={"csrf_token": token} | (form or {}))

    def _client(self) -> Any:
        client = self.app.test_client()
        client.set_cookie(sessions.COOKIE, self.cookie)
        return client


@pytest.fixture
def app(services: Services) -> Flask:
    """The application over a town with two streets and no people."""
    with services.write() as session:
        town.plans.ensure_shipped(session)
        town.osm.store_area(session, town._area())
    return create_app(services)


@pytest.fixture
def visitor(app: Flask, services: Services) -> Callable[[str], Visitor]:
    """Sign somebody of a role in."""

    def sign_in(role: str) -> Visitor:
        with services.write() as session:
            # Without a password: hashing one costs more than all the rest of a test.
            user = users.by_name(session, role) or User(name=role, role=role, password_hash="-", password_given=False)
            user.theme, user.created_at = "auto", clocks.now()
            session.add(user)
            session.flush()
            return Visitor(app, services, sessions.begin(session, user, "127.0.0.1", "tests"))

    return sign_in


@pytest.fixture
def admin(visitor: Callable[[str], Visitor]) -> Visitor:
    """An admin."""
    return visitor("admin")


@pytest.fixture
def person(services: Services) -> Callable[..., int]:
    """Write somebody down and return their row."""

    def add(name: str = "Aino Virtanen", **other: Any) -> int:
        with services.read() as session:
            number, there = session.scalar(select(func.count(Responder.id))), certificate_kinds.keys(session)
        manner = people.Manner(other.pop("by", "operator"), verified=other.pop("verified", True))
        said = {
            "external_id": f"p-{number:02d}",
            "name": name,
            "phone": f"+4477009{number:05d}",
            "places": [{"kind": "home", "lat": 60.1712345678, "lon": 24.9412345678, "address": "Torikatu 3"}],
            "certifications": [{"type": "cpr", "number": "C-1", "expires": "2030-12-31"}],
            "consent_at": "2026-01-15T10:11:12Z",
        }
        checked = ResponderInput.read(said | other, Context.of(services.settings, there))
        return people.upsert(services, open_geocoder(services), checked, manner).responder_id

    return add


@pytest.fixture
def kinds(services: Services) -> Callable[[int], list[str]]:
    """The kinds of the events about a person, oldest first."""

    def of(responder_id: int) -> list[str]:
        with services.read() as session:
            wanted = select(Event.kind).where(Event.responder_id == responder_id).order_by(Event.number)
            return list(session.scalars(wanted))

    return of


def words(page: TestResponse) -> str:
    """What a page says, without its markup."""
    inside = re.sub(r"<(script|style).*?</\1>", " ", page.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", inside)).split())


def error_at(page: TestResponse, field: str) -> str:
    """What stands as wrong at one field of a form; "" when nothing does."""
    found = re.search(rf'<p class="error" id="{re.escape(field)}-error">(.*?)</p>', page.text, re.DOTALL)
    if found is None:
        return ""
    assert f'{field}-error"' in page.text.replace(found[0], ""), "the field itself does not point at its error"
    return html.unescape(re.sub(r"<[^>]+>|Error:", "", found[1])).strip()
