"""What failed on a volunteer's own pages is said there in the volunteer's language, and never as the console says it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from console.app import create_app
from core.access import FORM, requires
from core.clock import HandClock
from core.database import Database
from core.problems import Problem
from core.services import Services
from responder.links import making, visits
from responder.models import Responder
from tests.responder import helpers

OLD = {
    "sv": "Den här sidan har blivit för gammal Inget sparades. Öppna sidan på nytt och skicka en gång till.",
    "fi": "Tämä sivu on vanhentunut Mitään ei tallennettu. Avaa sivu uudelleen ja lähetä vielä kerran.",
    "en": "This page has grown old Nothing was saved. Open the page again and send it once more.",
}
BROKEN = {
    "sv": "Något gick sönder hos oss Det är inte ditt fel. Vänta några minuter och försök igen.",
    "fi": "Jokin meni rikki täällä Vika ei ole sinun. Odota muutama minuutti ja yritä uudelleen.",
    "en": "Something broke here It is not your fault. Wait a few minutes and try again.",
}
TOO_MUCH = {
    "sv": "För mycket skickades på en gång Vänta en minut och försök igen.",
    "fi": "Liian paljon tuli kerralla Odota minuutti ja yritä uudelleen.",
    "en": "Too much was sent at once Wait a minute and try again.",
}
NOWHERE = {"sv": "Här finns ingen sida", "fi": "Tässä ei ole sivua", "en": "There is no page here"}
LANGUAGES = ("sv", "fi", "en")


@pytest.fixture
def database(empty_sqlite: Database) -> Database:
    """What is said is the same over every database."""
    return empty_sqlite


@pytest.fixture
def app(services: Services) -> Flask:
    """The whole console."""
    return create_app(services)


def visit(services: Services, app: Flask, language: str) -> FlaskClient:
    """A browser in which somebody of this language has opened their own page; it asks for pages in another."""
    helpers.put(services, language=language)
    with services.write() as session:
        link = making.make_link(session, services.settings, session.scalars(select(Responder)).one())
        cookie = making.open_link(session, link.rpartition("/")[2])
    assert cookie
    client = app.test_client()
    client.set_cookie(visits.COOKIE, cookie, path="/me")
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fi" if language == "sv" else "sv"
    return client


def stranger(app: Flask, language: str) -> FlaskClient:
    """A browser of somebody whom nobody knows."""
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    return client


def fails(app: Flask, view: str, error: Exception) -> None:
    """Let a view fail."""

    def failing(**_: object) -> str:
        raise error

    app.view_functions[view] = requires(FORM)(failing)


def said(answer: TestResponse, status: int, language: str) -> str:
    """The words of a page that is a volunteer's own and in this language, without its markup."""
    assert answer.status_code == status, answer.text
    assert f'<html lang="{language}">' in answer.text
    for of_the_console in ("<nav", "/sign-in", "/phones", "Back to the start", 'id="degraded"'):
        assert of_the_console not in answer.text
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_that_has_grown_old(services: Services, app: Flask, language: str) -> None:
    client = visit(services, app, language)
    told = said(client.post("/me/on", data={"csrf_token": "of another day"}), 403, language)
    assert OLD[language] in told
    assert "LINK" in told
    assert "0400 123456" in told
    assert OLD[language] in said(stranger(app, language).post("/join", data={}), 403, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_much_at_once(services: Services, app: Flask, language: str) -> None:
    fails(app, "me.me", Problem(429, "Too many attempts. Try again a little later", retry_after_s=60))
    answer = visit(services, app, language).get("/me")
    assert TOO_MUCH[language] in said(answer, 429, language)
    assert answer.headers["Retry-After"] == "60"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fault_of_ours(services: Services, app: Flask, language: str) -> None:
    fails(app, "me.me", RuntimeError("+358401234567"))
    fails(app, "me.join", RuntimeError("+358401234567"))
    for answer in (visit(services, app, language).get("/me"), stranger(app, language).get("/join")):
        told = said(answer, 500, language)
        assert BROKEN[language] in told
        assert re.search(r": [0-9a-f]{26}\b", told), "whoever rings can say which fault it was"
        assert "358401234567" not in told


def test_the_page_of_a_link_is_in_the_language_of_whoever_it_was_made_for(services: Services, app: Flask) -> None:
    helpers.put(services, language="sv")
    with services.write() as session:
        link = making.make_link(session, services.settings, session.scalars(select(Responder)).one())
    path = link.removeprefix(services.settings.public_url)
    answer = stranger(app, "fi").post(path, data={})
    assert OLD["sv"] in said(answer, 403, "sv")
    assert f'href="{path}"' in answer.text, "the link still opens"


@pytest.mark.parametrize("path", ["/me/nothing", "/m/a/b", "/join/nothing"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_address_of_nothing(app: Flask, path: str, language: str) -> None:
    assert NOWHERE[language] in said(stranger(app, language).get(path), 404, language)


def test_without_a_database_it_is_said_in_the_language_of_the_browser(
    app: Flask, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    client = visit(services, app, "fi")
    for asked in ("visitor", "is_visit", "language_of"):
        monkeypatch.setattr(visits, asked, gone)
    answer = client.get("/me")
    assert "Det fungerar inte just nu Vänta en minut" in said(answer, 503, "sv")
    assert answer.headers["Retry-After"] == "2"


def _an_old_form(client: FlaskClient) -> TestResponse:
    return client.post("/me/on", data={"csrf_token": "of another day"})


def _a_picture(client: FlaskClient, size: int = 1_000_000) -> TestResponse:
    return client.post("/me/certificates", data=b"x" * size, content_type="multipart/form-data; boundary=x")


@pytest.mark.parametrize(("send", "status"), [(_an_old_form, 403), (_a_picture, 413)])
def test_after_a_visit_it_is_the_visit_that_is_over(
    services: Services, app: Flask, clock: HandClock, send: Callable[[FlaskClient], TestResponse], status: int
) -> None:
    client = visit(services, app, "sv")
    clock.turn(31 * 60)
    assert "Den här länken" in said(send(client), status, "sv")


def test_a_picture_that_is_too_large(services: Services, app: Flask) -> None:
    answer = _a_picture(visit(services, app, "sv"), 11_000_000)
    assert "Det är för stort att skicka Inget sparades. Skicka en mindre fil." in said(answer, 413, "sv")


def test_elsewhere_the_console_says_it(app: Flask) -> None:
    answer = stranger(app, "sv").get("/meeting")
    assert "There is nothing at this address" in answer.text
    assert "<nav" in answer.text
