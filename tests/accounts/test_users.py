"""Who may sign in: the admin's page, the own account, the last admin, and what is written down of it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from console.accounts import passwords, sessions, users
from console.accounts.browsers import told
from console.models import User
from core.access import ROLES
from core.clock import HandClock
from core.events import Event
from core.problems import Problem
from core.services import Services
from tests.accounts.conftest import PASSWORD, Browser

Open = Callable[..., Browser]
Said = Callable[..., list[Event]]


def signed_in(browser: Open, name: str, **more: str) -> Browser:
    opened = browser(**more)
    assert opened.sign_in(name=name).status_code == 303
    return opened


def password_on(page: str) -> str:
    return page.split('class="secret"><code>')[1].split("<", maxsplit=1)[0]


def test_a_user_is_added_with_a_password_that_is_shown_once(browser: Open, services: Services, said: Said) -> None:
    anna = signed_in(browser, "anna")
    answer = anna.post("/users", page="/users", name="Åke.Öst", role="dispatcher")
    assert answer.status_code == 201
    password = password_on(answer.text)
    assert len(password) >= passwords.SHORTEST
    assert password not in anna.get("/users/4").text
    assert "password not their own yet" in anna.get("/users").text
    assert browser().sign_in(name="åke.öst", password=password).status_code == 303
    event = said("user_added")[-1]
    assert (event.actor, event.data) == ("user:anna", {"user_id": 4, "role": "dispatcher", "demo": False})
    with services.read() as session:
        assert password not in session.get_one(User, 4).password_hash


@pytest.mark.parametrize(
    ("name", "role", "told"),
    [
        ("", "admin", "1 to 80"),
        ("a b", "admin", "1 to 80"),
        ("ANNA", "admin", "never given twice"),
        ("new", "boss", "boss given"),
    ],
)
def test_a_user_that_cannot_be_added_is_refused_by_field(browser: Open, name: str, role: str, told: str) -> None:
    anna = signed_in(browser, "anna")
    answer = anna.post("/users", page="/users", name=name, role=role)
    assert answer.status_code == 422
    assert told.replace("never", "not") in answer.text.replace("never", "not")
    assert 'aria-invalid="true"' in answer.text or 'id="role-error"' in answer.text


def test_another_role_holds_at_once_and_is_an_event(browser: Open, said: Said) -> None:
    anna, dora = signed_in(browser, "anna"), signed_in(browser, "dora")
    assert anna.post("/users/2/role", page="/users/2", role="auditor").status_code == 303
    assert dora.get("/account").status_code == 303, "signed out"
    dora.sign_in(name="dora")
    assert dora.get("/users").status_code == 200
    event = said("user_role_changed")[0]
    assert event.data == {"user_id": 2, "role": "auditor", "before": "dispatcher"}


def test_sessions_are_ended_one_by_one_and_all(browser: Open, said: Said) -> None:
    anna = signed_in(browser, "anna")
    first, second, third = (signed_in(browser, "dora", address=f"192.0.2.{n}") for n in (11, 12, 13))
    page = anna.get("/users/2").text
    assert [f"192.0.2.{n}" in page for n in (11, 12, 13)] == [True] * 3
    assert page.count("Firefox, Linux") >= 3
    assert anna.post("/users/2/sessions/3/end", page="/users/2").status_code == 303
    assert [one.get("/account").status_code for one in (first, second, third)] == [200, 303, 200]
    assert anna.post("/users/2/sessions/1/end", page="/users/2").status_code == 404, "that one is anna's own"
    anna.post("/users/2/sessions/end", page="/users/2")
    assert [one.get("/account").status_code for one in (first, second, third)] == [303] * 3
    assert [event.data for event in said("session_ended", "sessions_ended")] == [
        {"user_id": 2, "session_id": 3},
        {"user_id": 2, "count": 2},
    ]


def test_everyone_ends_their_own_sessions_and_nobody_elses(browser: Open) -> None:
    here, there, alma = signed_in(browser, "dora"), signed_in(browser, "dora"), signed_in(browser, "alma")
    assert alma.post("/account/sessions/1/end", page="/account").status_code == 404
    assert here.get("/account").status_code == 200
    here.post("/account/sessions/2/end", page="/account")
    assert there.get("/account").status_code == 303
    again, more = signed_in(browser, "dora"), signed_in(browser, "dora")
    here.post("/account/sessions/end-others", page="/account")
    assert [one.get("/account").status_code for one in (here, again, more, alma)] == [200, 303, 303, 200]


@pytest.mark.parametrize("name", ["anna", "dora", "alma"])
def test_a_new_password_of_ones_own_ends_every_other_session(browser: Open, name: str, said: Said) -> None:
    here, there = signed_in(browser, name), signed_in(browser, name)
    new = {"current": PASSWORD, "password": "another four words", "again": "another four words"}
    assert here.post("/account/password", page="/account", **new).headers["Location"] == "/account?done=password"
    assert [here.get("/account").status_code, there.get("/account").status_code] == [200, 303]
    assert there.sign_in(name=name).status_code == 401
    assert there.sign_in(name=name, password="another four words").status_code == 303
    event = said("password_changed")[0]
    assert event.actor == f"user:{name}"
    assert event.data["given"] is False


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"password": "eleven char", "again": "eleven char"}, "at least 12 characters; this one has 11"),
        ({"password": "x" * 501, "again": "x" * 501}, "at most 500 characters"),
        ({"password": "another four words"}, "not the same as the new password"),
        ({"current": "not mine", "password": "another four words", "again": "another four words"}, "not your current password"),
    ],
)
def test_a_password_that_will_not_do_is_refused_and_nothing_changes(browser: Open, fields: dict[str, str], told: str) -> None:
    here, there = signed_in(browser, "dora"), signed_in(browser, "dora")
    answer = here.post("/account/password", page="/account", **{"current": PASSWORD, **fields})
    assert answer.status_code == 422
    assert told in answer.text
    assert there.get("/account").status_code == 200
    assert browser().sign_in(name="dora").status_code == 303


def test_an_open_screen_is_no_way_to_guess_the_password(browser: Open) -> None:
    here = signed_in(browser, "dora")
    new = {"password": "another four words", "again": "another four words"}
    answers = [here.post("/account/password", page="/account", current=f"guess {n}", **new).status_code for n in range(12)]
    assert answers == [422] * 10 + [429] * 2


def test_a_lost_password_is_replaced_by_an_admin(browser: Open) -> None:
    anna, dora = signed_in(browser, "anna"), signed_in(browser, "dora")
    password = password_on(anna.post("/users/2/password", page="/users/2").text)
    assert dora.get("/account").status_code == 303
    assert dora.sign_in(name="dora").status_code == 401
    assert dora.sign_in(name="dora", password=password).status_code == 303
    assert "choose your own password" in dora.get("/desk").text, "whoever never opens their account reads it too"
    assert "made for you" in dora.get("/account").text


def test_the_last_admin_stays(browser: Open, services: Services) -> None:
    anna = signed_in(browser, "anna")
    for path, fields in (("/users/1/off", {}), ("/users/1/role", {"role": "dispatcher"})):
        assert anna.post(path, page="/users/1", **fields).status_code == 409
    assert anna.get("/users").status_code == 200
    with services.write() as session:
        users.add(session, "demo-admin", "admin", PASSWORD, "operator", given=False, demo=True)
    assert anna.post("/users/1/off", page="/users/1").status_code == 409, "a demo login looks after nobody"
    anna.post("/users/2/role", page="/users/2", role="admin")
    assert anna.post("/users/1/off", page="/users/1").status_code == 303


def test_two_admins_who_switch_each_other_off_at_once_leave_one(services: Services) -> None:
    with services.write() as session:
        ids = [users.add(session, name, "admin", PASSWORD, "operator", given=False).id for name in ("one", "two")]
    ready, refused = threading.Barrier(2), []

    def switch(user_id: int) -> None:
        ready.wait()
        try:
            with services.write() as session:
                users.switch(session, user_id, "user:other", on=False)
        except Problem as problem:
            refused.append(problem.status)

    both = [threading.Thread(target=switch, args=(one,)) for one in ids]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert refused == [409]
    with services.read() as session:
        assert users.admins(session) == 1


def test_a_theme_is_one_of_three_and_back_where_it_was_chosen(browser: Open, services: Services) -> None:
    alma = signed_in(browser, "alma")
    assert alma.post("/account/theme", page="/account", theme="night", next="/users").headers["Location"] == "/users"
    assert 'data-theme="night"' in alma.get("/users").text
    assert alma.post("/account/theme", page="/account", theme="pink").status_code == 422
    elsewhere = alma.post("/account/theme", page="/account", theme="auto", next="//elsewhere.example")
    assert elsewhere.headers["Location"] == "/account"
    assert "data-theme=" not in alma.get("/users").text.split("<head>")[0]


def test_an_auditor_sees_users_and_no_buttons(browser: Open) -> None:
    page = signed_in(browser, "alma").get("/users/2").text
    assert "dora" in page
    assert 'action="/users' not in page


def test_passwords_made_here_are_good_and_never_the_same() -> None:
    made = {passwords.generate() for _ in range(100)}
    assert len(made) == 100
    for one in made:
        passwords.check_new(one)
        assert not set(one) & set("lio01")


def test_every_name_of_a_role_is_shown_as_a_word(browser: Open) -> None:
    page = signed_in(browser, "anna").get("/users").text
    assert all(role in page for role in ROLES)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit Version/18.0 Mobile Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "?"),
    ],
)
def test_a_browser_is_named_as_a_person_would(agent: str, words: str) -> None:
    assert told(agent) == words


def test_old_sessions_are_swept_when_somebody_signs_in(services: Services, clock: HandClock) -> None:
    with services.write() as session:
        user = users.add(session, "one", "admin", PASSWORD, "operator", given=False)
        sessions.begin(session, user, "", "")
    clock.turn(91 * 86400)
    with services.write() as session:
        sessions.begin(session, session.get_one(User, user.id), "", "")
        assert len(session.scalars(select(sessions.UserSession)).all()) == 1
