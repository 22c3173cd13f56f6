"""Signing in: who gets in, what nobody learns, which sessions end when, and what is written down."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from console.accounts import demo, passwords, sessions, users
from console.accounts.pages import within
from console.app import create_app
from console.models import User, UserSession
from core.clock import HandClock
from core.database import Database
from core.events import Event
from core.services import Services
from tests.accounts.conftest import PASSWORD, Browser

Open = Callable[..., Browser]
Said = Callable[..., list[Event]]


@pytest.fixture
def database(empty_sqlite: Database) -> Database:
    """What the databases do differently here, test_throttle.py and test_users.py see."""
    return empty_sqlite


REAL = {"twilio_account_sid": "AC" + "0" * 32, "twilio_auth_token": ("t",), "twilio_from": ("+358400000000",)}


def test_the_right_password_opens_the_own_first_page_and_a_wrong_one_says_nothing(browser: Open, said: Said) -> None:
    anna = browser()
    wrong, unknown = anna.sign_in(password="not this one at all"), anna.sign_in(name="nobody-here")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("anna", "").count("not right") == unknown.text.count("not right") == 1
    assert anna.get("/account").status_code == 303
    right = anna.sign_in(name=" ANNA ")
    assert (right.status_code, right.headers["Location"]) == (303, "/admin")
    assert anna.get("/account").status_code == 200
    assert [event.kind for event in said("sign_in_failed", "signed_in")] == ["sign_in_failed", "sign_in_failed", "signed_in"]


@pytest.mark.parametrize(("name", "first"), [("anna", "/admin"), ("dora", "/desk"), ("alma", "/desk")])
def test_everyone_begins_where_their_work_is(browser: Open, name: str, first: str) -> None:
    opened = browser()
    assert opened.sign_in(name=name).headers["Location"] == first
    assert opened.get("/").headers["Location"] == first
    assert opened.get("/sign-in").headers["Location"] == first
    assert browser().get("/").status_code == 200


@pytest.mark.parametrize(
    ("wanted", "ours"),
    [
        ("/desk?x=1#y", "/desk?x=1#y"),
        ("/", None),
        ("", None),
        (None, None),
        ("//elsewhere.example", None),
        ("/\\elsewhere.example", None),
        ("https://elsewhere.example", None),
        ("/\t/elsewhere.example", None),
        ("/a\r\nSet-Cookie: x", None),
        ("javascript:alert(1)", None),
    ],
)
def test_after_signing_in_nobody_is_sent_to_another_site(wanted: str | None, ours: str | None) -> None:
    assert within(wanted) == ours


def test_what_is_written_down_holds_no_password_and_no_name_that_is_not_a_users(browser: Open, said: Said) -> None:
    anna = browser()
    anna.sign_in(name="my-secret-password", password="and-another-one")
    anna.sign_in(password="and-another-one")
    anna.sign_in()
    for event in said():
        assert not {"my-secret-password", "and-another-one", PASSWORD, "192.0.2.1"} & {str(v) for v in event.data.values()}
        assert event.actor in ("system", "operator", "user:anna")
    unknown, known = said("sign_in_failed")
    assert unknown.data["user_id"] is None
    assert known.data["user_id"] == 1
    assert unknown.data["place"] == known.data["place"]


def test_only_hashes_are_kept(browser: Open, services: Services) -> None:
    anna = browser()
    anna.sign_in()
    with services.read() as session:
        user, row = session.get_one(User, 1), session.scalars(select(UserSession)).one()
    assert user.password_hash.startswith("$argon2id$")
    assert row.token_hash != anna.cookie(sessions.COOKIE)
    assert len(row.token_hash) == 64


def test_a_session_is_always_a_new_one_and_the_one_before_it_ends(browser: Open, services: Services, app: Flask) -> None:
    anna, fixed = browser(), "chosen-by-somebody-else"
    anna.client.set_cookie(sessions.COOKIE, fixed)
    anna.sign_in()
    first = anna.cookie(sessions.COOKIE)
    assert first
    assert first != fixed
    dora = Browser(app.test_client())
    dora.client.set_cookie(sessions.COOKIE, first)
    dora.post("/sign-in", page="/account", name="dora", password=PASSWORD)
    with services.read() as session:
        assert sessions.user_of(session, first, demo=True) is None
        now = sessions.user_of(session, dora.cookie(sessions.COOKIE), demo=True)
    assert now is not None
    assert now.name == "dora"


def test_the_cookies_are_out_of_reach_for_scripts_and_other_sites(browser: Open) -> None:
    for line in browser().sign_in().headers.getlist("Set-Cookie"):
        assert "HttpOnly" in line
        assert "SameSite=Lax" in line
        assert "Path=/" in line
        assert "Secure" not in line


def test_over_https_the_cookies_travel_by_https_alone(services: Services, app: Flask) -> None:
    settings = services.settings.model_copy(update={"public_url": "https://doorstep.example"})
    answer = Browser(create_app(replace(services, settings=settings)).test_client()).get("/sign-in")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_signing_out_ends_the_session_and_not_only_the_cookie(browser: Open, services: Services, said: Said) -> None:
    anna = browser()
    anna.sign_in()
    token = anna.cookie(sessions.COOKIE)
    assert anna.post("/sign-out", page="/account").headers["Location"] == "/sign-in"
    assert anna.cookie(sessions.COOKIE) is None
    with services.read() as session:
        assert sessions.user_of(session, token, demo=True) is None
    assert said("signed_out")[0].actor == "user:anna"


@pytest.mark.parametrize(
    ("turns", "still"),
    [([11.9 * 3600], True), ([12.1 * 3600], False), ([11 * 3600] * 65, True), ([11 * 3600] * 66, False)],
    ids=["11.9 h idle", "12.1 h idle", "29.8 days in use", "30.3 days in use"],
)
def test_a_session_ends_by_itself(browser: Open, clock: HandClock, turns: list[float], still: bool) -> None:
    anna = browser()
    anna.sign_in()
    for seconds in turns[:-1]:
        clock.turn(seconds)
        assert anna.get("/account").status_code == 200
    clock.turn(turns[-1])
    assert (anna.get("/account").status_code == 200) == still


def test_that_a_session_is_used_is_written_once_in_some_minutes(browser: Open, clock: HandClock, services: Services) -> None:
    anna = browser()
    anna.sign_in()
    seen = []
    for _ in range(4):
        clock.turn(200)
        anna.get("/account")
        with services.read() as session:
            seen.append(session.scalars(select(UserSession.seen_at)).one())
    assert len(set(seen)) == 3


def test_who_is_switched_off_is_out_at_once_and_stays_out(browser: Open, services: Services) -> None:
    dora = browser()
    dora.sign_in(name="dora")
    with services.write() as session:
        users.switch(session, 2, "user:anna", on=False)
    assert dora.get("/account").status_code == 303
    assert dora.sign_in(name="dora").status_code == 401
    with services.write() as session:
        users.switch(session, 2, "user:anna", on=True)
    assert dora.get("/account").status_code == 303, "the old session stays ended"
    assert dora.sign_in(name="dora").status_code == 303


def test_a_demo_login_opens_nothing_on_a_real_carrier(browser: Open, services: Services) -> None:
    with services.write() as session:
        demo.ensure(session)
        demo.ensure(session)
    played = browser()
    assert played.sign_in(name="dispatcher", password=demo.PASSWORD).status_code == 303
    token = played.cookie(sessions.COOKIE)
    real = replace(services, settings=services.settings.model_copy(update=REAL))
    serious = Browser(create_app(real).test_client())
    assert serious.sign_in(name="dispatcher", password=demo.PASSWORD).status_code == 401
    serious.client.set_cookie(sessions.COOKIE, token or "")
    assert serious.get("/account").status_code == 303


def test_a_name_that_is_not_there_takes_as_long_as_one_that_is() -> None:
    kept = passwords.hashed(PASSWORD)

    def seconds(kept: str | None) -> float:
        begun = time.process_time()
        for _ in range(3):
            assert not passwords.matches(kept, "not this one")
        return time.process_time() - begun

    assert 0.4 < seconds(None) / seconds(kept) < 2.5


def test_a_guess_costs_memory_and_time() -> None:
    assert "argon2id$v=19$m=32768,t=2,p=1" in passwords.hashed(PASSWORD)


def test_a_hash_of_yesterdays_cost_is_made_anew(browser: Open, services: Services) -> None:
    old = passwords.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with services.write() as session:
        session.get_one(User, 1).password_hash = old
    assert browser().sign_in().status_code == 303
    with services.read() as session:
        assert session.get_one(User, 1).password_hash != old
    assert browser().sign_in().status_code == 303


def test_without_its_token_the_form_signs_nobody_in(browser: Open) -> None:
    anna = browser()
    anna.get("/sign-in")
    sent = {"name": "anna", "password": PASSWORD}
    assert anna.client.post("/sign-in", data=sent).status_code == 403
    assert anna.client.post("/sign-in", data={**sent, "csrf_token": "0" * 96}).status_code == 403
    other = browser()
    stolen = anna.get("/sign-in").text.split('csrf_token" value="')[1].split('"')[0]
    assert other.client.post("/sign-in", data={**sent, "csrf_token": stolen}).status_code == 403


def test_a_password_typed_on_another_keyboard_is_the_same(services: Services) -> None:
    kept = passwords.hashed("sa\u0308hko\u0308posti toimii")
    assert passwords.matches(kept, "sähköposti toimii")
