"""Who may listen, from where, and for how long."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from console.accounts import sessions
from console.live.clients import Clients
from core import heartbeats
from core.services import Services
from tests.live.conftest import Stage, running

OURS = "http://127.0.0.1:8000"


@pytest.mark.parametrize("cookie", [None, "", "nonsense", "ä" * 10])
def test_without_a_sign_in_it_is_401(stage: Stage, cookie: str | None) -> None:
    listener = stage.listen(cookie)
    assert listener.status == 401
    assert listener.headers["content-type"].startswith("application/problem+json")
    assert listener.ends()
    assert json.loads(listener.body)["title"] == "Sign in first"


def test_the_consoles_own_pages_may_read_it(stage: Stage) -> None:
    listener = stage.listen(stage.sign_in(), origin=OURS)
    assert listener.headers["access-control-allow-origin"] == OURS
    assert listener.headers["access-control-allow-credentials"] == "true"
    assert listener.headers["vary"] == "Origin"
    listener.close()


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:8001", "null", "http://127.0.0.1:80000"])
def test_other_pages_may_not(stage: Stage, origin: str) -> None:
    listener = stage.listen(stage.sign_in(), origin=origin)
    assert listener.status == 403
    assert "access-control-allow-origin" not in listener.headers


def test_a_page_of_another_site_that_hides_its_origin_may_not(stage: Stage) -> None:
    listener = stage.listen(stage.sign_in(), headers={"Sec-Fetch-Site": "cross-site"})
    assert listener.status == 403


@pytest.mark.parametrize("cookie", [True, False])
def test_every_answer_carries_its_headers(stage: Stage, cookie: bool) -> None:
    listener = stage.listen(stage.sign_in() if cookie else None)
    assert listener.headers["x-content-type-options"] == "nosniff"
    assert listener.headers["cache-control"] == "no-store"
    assert "server" not in listener.headers
    listener.close()


@pytest.mark.parametrize("number", ["x", "-1", "1.5", "9" * 30, "٣"])
def test_a_number_that_is_none_is_refused(stage: Stage, number: str) -> None:
    listener = stage.listen(stage.sign_in(), headers={"Last-Event-ID": number})
    assert listener.status == 400


def test_an_admin_hears_that_it_lives_and_nothing_of_patients(stage: Stage) -> None:
    before = stage.newest()
    stage.happen(2)
    admin = stage.listen(stage.sign_in("admin"), after=before)
    dispatcher = stage.listen(stage.sign_in("dispatcher"))
    number = stage.happen()
    dispatcher.hear(number)
    for _ in range(3):
        assert admin.next().kind == "tick"
    admin.close()
    dispatcher.close()


def test_an_auditor_hears_what_a_dispatcher_hears(stage: Stage) -> None:
    auditor = stage.listen(stage.sign_in("auditor"))
    number = stage.happen()
    auditor.hear(number)
    auditor.close()


def test_a_session_that_is_ended_loses_its_stream(stage: Stage) -> None:
    listener = stage.listen(stage.sign_in(name="going"))
    other = stage.listen(stage.sign_in(name="staying"))
    stage.sign_out("going")
    assert listener.ends()
    other.next("tick")
    assert not other.heard.empty() or other.next("tick")
    other.close()


def test_a_desk_that_is_watched_stays_signed_in_and_one_that_is_not_does_not(stage: Stage) -> None:
    watched, left = stage.sign_in(name="watching"), stage.sign_in(name="away")
    listener = stage.listen(watched)
    stage.let_rest(sessions.IDLE - timedelta(minutes=1))
    _until(lambda: stage.rested("watching") < timedelta(minutes=1))
    assert stage.rested("away") > timedelta(hours=11)
    assert stage.is_signed_in(watched)
    stage.let_rest(timedelta(minutes=1))
    assert not stage.is_signed_in(left)
    stage.sign_out("watching")
    assert listener.ends(), "what keeps a session alive does not bring an ended one back"
    assert not stage.is_signed_in(watched)


def test_a_login_of_the_demo_opens_no_stream_on_a_real_carrier(open_services: Callable[..., Services]) -> None:
    services = open_services()
    with running(services) as stage:
        demo = stage.sign_in(name="dispatcher", demo=True)
        listener = stage.listen(demo)
        assert listener.status == 200
        listener.close()
    real = services.settings.model_copy(update={"twilio_account_sid": "AC1", "simulate": False})
    assert not real.simulating
    with running(replace(services, settings=real)) as stage:
        assert stage.listen(demo).status == 401
        own = stage.listen(stage.sign_in(name="anna"))
        assert own.status == 200
        own.close()


def test_one_account_has_so_many_streams_and_not_more(open_services: Callable[..., Services]) -> None:
    with running(open_services(), clients=Clients(most=4, most_of_one_user=2)) as stage:
        one, two = stage.sign_in(name="one"), stage.sign_in(name="two")
        first, second = stage.listen(one), stage.listen(one)
        third = stage.listen(one)
        assert third.status == 503
        assert third.headers["retry-after"] == "10"
        assert third.ends()
        assert "2 streams open" in json.loads(third.body)["title"]
        first.close()
        _until(lambda: len(stage.server.stream.clients) == 1)
        more = [stage.listen(one), stage.listen(two), stage.listen(two)]
        assert stage.listen(stage.sign_in(name="three")).status == 503
        for listener in (second, *more):
            listener.close()


@pytest.mark.parametrize(("method", "path", "status"), [("POST", "/live", 405), ("HEAD", "/live", 405), ("GET", "/", 404)])
def test_there_is_nothing_else(stage: Stage, method: str, path: str, status: int) -> None:
    connection = http.client.HTTPConnection(urlsplit(stage.url).netloc, timeout=10)
    connection.request(method, path)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    connection.close()


def test_it_gives_a_sign_of_life_and_takes_it_back_when_it_stops(open_services: Callable[..., Services]) -> None:
    services = open_services()
    with running(services) as stage:
        _until(lambda: "stream" in _alive(services))
        listener = stage.listen(stage.sign_in())
        listener.next("tick")
        started = time.monotonic()
    assert time.monotonic() - started < 2, "it ends at once, whoever listens"
    assert listener.ends()
    assert "stream" not in _alive(services)


def _alive(services: Services) -> set[str]:
    with services.read() as session:
        return heartbeats.alive(session)


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not true():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.01)
