"""Guessing is slowed down where it comes from, and never for whom it is aimed at."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from console.accounts import devices, passwords, signed_in, signing_in, throttle
from console.models import SignInFailures
from core.clock import HandClock
from core.services import Services
from tests.accounts.conftest import Browser

Open = Callable[..., Browser]
SECRET = b"secret"


def guess(browser: Browser, times: int, name: str = "anna") -> list[int]:
    return [browser.sign_in(name=name, password=f"guess number {one}").status_code for one in range(times)]


def test_the_sixth_guess_in_a_name_waits_and_each_further_one_longer(browser: Open, clock: HandClock) -> None:
    rival = browser()
    assert guess(rival, 6) == [401] * 5 + [429]
    waits = []
    for _ in range(9):
        answer = rival.sign_in()
        assert answer.status_code == 429, "not even the right password is looked at while it waits"
        waits.append(int(answer.headers["Retry-After"]))
        assert "Try again in" in answer.text
        clock.turn(waits[-1])
        assert guess(rival, 1) == [401]
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 900]


def test_an_hour_of_quiet_begins_anew(browser: Open, clock: HandClock) -> None:
    rival = browser()
    assert guess(rival, 6)[-1] == 429
    clock.turn(3601)
    assert guess(rival, 5) == [401] * 5


def test_whoever_fails_in_my_name_elsewhere_does_not_keep_me_out(browser: Open) -> None:
    for last in range(2, 9):
        guess(browser(address=f"192.0.2.{last}"), 6)
    assert browser(address="198.51.100.1").sign_in().status_code == 303


def test_many_names_from_one_address_wait_too(browser: Open) -> None:
    rival = browser()
    answers = [guess(rival, 1, name=f"name{one}")[0] for one in range(27)]
    assert answers == [401] * 25 + [429] * 2
    assert rival.sign_in(name="dora").status_code == 429


def test_a_browser_that_has_signed_in_before_is_not_stopped_by_a_flood_from_its_own_network(browser: Open) -> None:
    anna = browser()
    assert anna.sign_in().status_code == 303
    anna.post("/sign-out", page="/account")
    rival = browser()
    for number in range(30):
        guess(rival, 1, name="anna" if number % 2 else f"x{number}")
    assert rival.sign_in().status_code == 429
    assert anna.sign_in().status_code == 303


def test_a_known_browser_is_known_for_its_own_name_alone_and_can_be_stopped_itself(browser: Open) -> None:
    anna = browser()
    anna.sign_in()
    anna.post("/sign-out", page="/account")
    assert guess(anna, 6, name="dora") == [401] * 5 + [429]
    assert guess(anna, 11) == [401] * 10 + [429]


def test_a_device_cookie_cannot_be_made_up(clock: HandClock) -> None:
    cookie = devices.remember(SECRET, "anna")
    identity = devices.known(SECRET, cookie, "anna")
    assert identity
    assert devices.known(SECRET, cookie, "dora") is None
    assert devices.known(b"other", cookie, "anna") is None
    for made_up in (None, "", ".", "..", "a.b.c", cookie[:-1], cookie.replace(identity, "x"), "a." + cookie):
        assert devices.known(SECRET, made_up, "anna") is None
    clock.turn(devices.KEPT.total_seconds() + 1)
    assert devices.known(SECRET, cookie, "anna") is None


def test_a_right_password_forgets_the_name_but_not_the_network(browser: Open, services: Services) -> None:
    one = browser()
    guess(one, 4)
    guess(one, 3, name="dora")
    assert one.sign_in().status_code == 303
    one.post("/sign-out", page="/account")
    with services.read() as session:
        assert sorted(session.scalars(select(SignInFailures.failures))) == [3, 7]


def test_somebody_with_one_password_cannot_guess_others_for_ever(browser: Open) -> None:
    answers = []
    for number in range(14):
        insider = browser()
        answers += guess(insider, 2, name=f"victim{number}")
        insider.sign_in(name="dora")
    assert 429 in answers


def test_a_hundred_guesses_at_once_are_not_all_free(services: Services, clock: HandClock) -> None:
    attempt = throttle.buckets(SECRET, "anna", "192.0.2.1", None)

    def one(_: int) -> int:
        with services.write() as session:
            return throttle.take(session, attempt)

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(one, range(40)))
    assert waits.count(0) == 5


def test_what_is_counted_is_bounded_and_forgotten(
    services: Services, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "MOST_ROWS", 20)

    def rows() -> int:
        with services.read() as session:
            return session.scalar(select(func.count()).select_from(SignInFailures)) or 0

    for number in range(30):
        clock.turn(1)
        with services.write() as session:
            throttle.take(session, throttle.buckets(SECRET, f"n{number}", f"192.0.2.{number}", None))
        assert rows() <= 22
    clock.turn(3601)
    with services.write() as session:
        throttle.take(session, throttle.buckets(SECRET, "n", "192.0.2.1", None))
    assert rows() == 2


def test_a_flood_of_guesses_takes_one_core_and_few_threads() -> None:
    turns = passwords.Turns(waiting=1, patience_s=0.01)
    with turns.taken(), pytest.raises(passwords.Busy), turns.taken():
        pass
    with turns.taken():
        pass


def test_when_too_many_wait_the_form_says_so(browser: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing_in, "_strangers", turns := passwords.Turns(waiting=0, patience_s=0))
    with turns.taken():
        answer = browser().sign_in()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("::1", "made up, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "made up", "127.0.0.1"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("::ffff:192.0.2.1", None, "192.0.2.1"),
        ("::ffff:127.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("", "203.0.113.9", ""),
    ],
)
def test_only_a_proxy_on_this_machine_may_say_where_a_browser_is(
    app: object, browser: Open, peer: str, forwarded: str | None, address: str
) -> None:
    client: FlaskClient = browser().client
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    with client.application.test_request_context("/", headers=headers, environ_base={"REMOTE_ADDR": peer}) as context:
        assert signed_in.address(context.request) == address


def test_a_household_of_ipv6_addresses_is_one_place() -> None:
    assert (
        signed_in.network("2001:db8:1:2:a::1") == signed_in.network("2001:db8:1:2:b::2") != signed_in.network("2001:db8:1:3::1")
    )
    assert signed_in.network("192.0.2.1") == "192.0.2.1"
