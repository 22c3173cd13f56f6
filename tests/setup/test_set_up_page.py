"""The set-up link: one page, one use, one admin."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from console.accounts import users
from console.app import create_app
from console.models import User
from console.setup import links
from core import agency, words
from core.clock import HandClock
from core.events import Event
from core.problems import Problem
from core.services import Services
from tests.setup.conftest import PASSWORD, csrf_of, send, sign_in

MONACO: dict[str, object] = {
    "organisation": "Premiers secours de Monaco",
    "emergency_number": "18",
    "contact_phone": "+377 93 15 00 00",
    "default_region": "MC",
    "time_zone": "Europe/Monaco",
    "languages": ["en", "fi"],
    "default_language": "en",
    "name": "Ada",
    "password": PASSWORD,
    "password_again": PASSWORD,
}


def _fill_in(client: FlaskClient, token: str, **changed: object) -> tuple[int, str, str]:
    answer = send(client, f"/set-up?token={token}", "/set-up", MONACO | {"token": token} | changed)
    return answer.status_code, answer.text, answer.headers.get("Location", "")


def test_the_link_sets_everything_up_and_signs_the_first_admin_in(browser: FlaskClient, services: Services, token: str) -> None:
    assert _fill_in(browser, token)[0::2] == (303, "/admin/area")
    assert services.settings.organisation == "Premiers secours de Monaco"
    assert services.settings.languages == ("en", "fi")
    with services.read() as session:
        assert agency.is_set_up(session)
        user = session.scalars(select(User)).one()
        assert (user.name, user.role, user.password_given) == ("ada", "admin", False)
        assert session.scalar(select(func.count()).where(Event.kind == "set_up")) == 1
    page = browser.get("/admin")
    assert page.status_code == 200
    assert "Before the first real emergency" in page.text
    assert "Premiers secours de Monaco" in page.text


def test_the_link_is_good_once(app: Flask, browser: FlaskClient, token: str) -> None:
    other = app.test_client()
    assert other.get(f"/set-up?token={token}").status_code == 200
    assert _fill_in(browser, token)[0] == 303
    used = other.get(f"/set-up?token={token}")
    assert used.status_code == 410
    assert "set up already" in used.text


def test_a_link_ends_after_seven_days_and_by_a_newer_one(browser: FlaskClient, services: Services, clock: HandClock) -> None:
    with services.write() as session:
        old = links.make(session)
    with services.write() as session:
        new = links.make(session)
    assert browser.get(f"/set-up?token={old}").status_code == 410
    clock.turn(7 * 86400 - 1)
    assert browser.get(f"/set-up?token={new}").status_code == 200
    clock.turn(2)
    late = browser.get(f"/set-up?token={new}")
    assert late.status_code == 410
    assert "scripts/manage set-up-link" in late.text


@pytest.mark.parametrize("given", ["", "x", "x" * 5000, "é"])
def test_a_wrong_token_opens_nothing(browser: FlaskClient, given: str, token: str) -> None:
    assert browser.get("/set-up", query_string={"token": given}).status_code == 410


def test_only_a_hash_of_the_token_is_kept(services: Services, token: str) -> None:
    with services.read() as session:
        kept = session.scalars(select(links.SetUpLink.token_hash)).one()
        told = " ".join(str(event.data) + event.kind for event in session.scalars(select(Event)))
    assert token not in kept
    assert token not in told


def test_no_link_is_made_once_somebody_can_sign_in(app: Flask, services: Services, token: str) -> None:
    sign_in(app, services, "admin")
    with services.write() as session:
        assert not links.is_good(session, token)
        with pytest.raises(Problem, match="set up already"):
            links.make(session)


def test_what_is_wrong_is_said_in_the_readers_language(
    browser: FlaskClient, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    finnish = {"a name of 1 to {most} characters on one line": "nimi, 1–{most} merkkiä yhdellä rivillä"}
    monkeypatch.setattr(words, "gettext", lambda sentence: finnish.get(sentence, sentence))
    _, page, _ = _fill_in(browser, token, organisation="")
    assert "Nimi, 1–60 merkkiä yhdellä rivillä" in page


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("organisation", "", "1 to 60 characters"),
        ("emergency_number", "one", "2 to 6 digits"),
        ("contact_phone", "1" * 18, "3 to 17 characters"),
        ("default_region", "XX", "two capital letters"),
        ("time_zone", "", "Europe/Helsinki"),
        ("languages", [], "At least one of"),
        ("default_language", "sv", "in use: en, fi"),
        ("name", "", "A name to sign in with"),
        ("name", "two words", "without spaces"),
        ("password", "short", "at least 12 characters"),
        ("password_again", "something else", "Not the same as above"),
    ],
)
def test_each_field_says_what_is_allowed_and_nothing_is_written(
    browser: FlaskClient, services: Services, token: str, field: str, value: object, said: str
) -> None:
    status, page, _ = _fill_in(browser, token, **{field: value})
    assert status == 422
    assert said.lower() in page.lower()
    assert f'id="{field}-wrong"' in page
    assert f'href="#{field}"' in page, "the summary leads to the field"
    with services.read() as session:
        assert not agency.is_set_up(session)
        assert agency.row(session) is None
        assert session.scalar(select(func.count()).select_from(User)) == 0
        assert links.is_good(session, token), "the link can be used again"
    assert "Premiers secours" in page or field == "organisation", "what was typed stays in its field"
    assert PASSWORD not in page


def test_several_faults_are_told_together(browser: FlaskClient, token: str) -> None:
    _, page, _ = _fill_in(browser, token, organisation="", emergency_number="x", name="")
    assert all(f'id="{name}-wrong"' in page for name in ("organisation", "emergency_number", "name"))


def test_a_form_from_elsewhere_is_refused(browser: FlaskClient, token: str) -> None:
    assert browser.post("/set-up", data=MONACO | {"token": token}).status_code == 403


def test_of_two_who_press_at_once_one_becomes_admin(services: Services, token: str) -> None:
    apps = [create_app(services).test_client() for _ in range(2)]
    start, statuses = threading.Barrier(2), []

    def press(client: FlaskClient, name: str) -> None:
        form = csrf_of(client, f"/set-up?token={token}")
        start.wait()
        statuses.append(client.post("/set-up", data=MONACO | {"token": token, "name": name, "csrf_token": form}).status_code)

    threads = [threading.Thread(target=press, args=(client, f"user{n}")) for n, client in enumerate(apps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 410]
    with services.read() as session:
        assert users.admins(session) == 1


def test_the_next_step_brings_the_area_in(browser: FlaskClient, token: str) -> None:
    assert _fill_in(browser, token)[2] == "/admin/area"
    page = browser.get("/admin/area")
    assert page.status_code == 200
    assert 'type="file"' in page.text
