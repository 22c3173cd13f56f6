"""Whoever listens hears of everything, whoever comes back hears of what was missed, and nobody holds up the others."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from console.live.stream import Pace
from core import events
from core.services import Services
from tests.core.redis_server import running as redis_running
from tests.live.conftest import QUICK, Stage, numbers_after, running
from tests.live.listener import Listener

pytestmark = pytest.mark.both_databases

SLOWLY = Pace(look_s=1.0, gap_s=0.01, check_s=5.0, tick_s=10.0)


def test_the_first_thing_heard_is_the_servers_time(stage: Stage) -> None:
    listener = stage.listen(stage.sign_in())
    assert listener.status == 200
    assert listener.headers["content-type"] == "text/event-stream"
    first = listener.next()
    assert first.kind == "tick"
    assert first.data["now"].endswith("Z")
    listener.close()


def test_what_happens_is_heard(stage: Stage) -> None:
    listener = stage.listen(stage.sign_in())
    listener.next("tick")
    number = stage.happen()
    assert number in listener.hear(number).data["incidents"]
    listener.close()


@pytest.mark.parametrize("how", ["after", "last_event_id"])
def test_who_comes_back_hears_what_was_missed_and_then_what_is_new(stage: Stage, how: str) -> None:
    cookie = stage.sign_in()
    before = stage.newest()
    missed = stage.happen(3)
    listener = stage.listen(cookie, **{how: before})
    assert listener.next("change").data["incidents"] == [before + 1, before + 2, missed]
    number = stage.happen()
    assert number in listener.hear(number).data["incidents"]
    listener.close()


def test_the_header_of_a_browser_that_comes_back_beats_its_first_address(stage: Stage) -> None:
    cookie = stage.sign_in()
    before = stage.newest()
    number = stage.happen(2)
    listener = stage.listen(cookie, after=before, last_event_id=number - 1)
    assert listener.next("change").data["incidents"] == [number]
    listener.close()


def test_a_number_that_is_yet_to_come_is_answered_by_a_reset(stage: Stage) -> None:
    """The database was put back to an earlier day."""
    cookie = stage.sign_in()
    listener = stage.listen(cookie, after=stage.newest() + 1000)
    assert listener.next("reset").number == stage.newest()
    number = stage.happen()
    assert listener.next("change").number == number
    listener.close()


def test_too_much_missed_is_a_reset(open_services: Callable[..., Services]) -> None:
    def too_much(session: Session, after: int) -> Mapping[str, Any]:
        return numbers_after(session, after) | {"reset": True}

    with running(open_services(), too_much) as stage:
        cookie = stage.sign_in()
        number = stage.happen()
        listener = stage.listen(cookie, after=0)
        assert listener.next("reset").number == number
        listener.close()


def test_a_hundred_who_listen_are_read_for_once(open_services: Callable[..., Services]) -> None:
    asked: list[int] = []

    def counted(session: Session, after: int) -> Mapping[str, Any]:
        asked.append(after)
        return numbers_after(session, after)

    with running(open_services(), counted) as stage:
        cookies = [stage.sign_in(name=f"dispatcher {number}") for number in range(5)]
        before = stage.newest()
        listeners = [stage.listen(cookies[number % 5], after=before) for number in range(100)]
        stage.happen()
        number = stage.happen()
        for listener in listeners:
            listener.hear(number)
        assert len(asked) <= 12, "what changed is read once for all, not once for each"
        for listener in listeners:
            listener.close()


def test_nobody_misses_a_number_however_often_they_go_and_come_back(stage: Stage) -> None:
    """Writers in several threads; listeners that vanish at random and come back with the last number they heard."""
    cookie, begin = stage.sign_in(), stage.newest()
    writers = [threading.Thread(target=stage.happen, args=(40,)) for _ in range(3)]
    goal = begin + 3 * 40
    heard: list[set[int]] = [set() for _ in range(6)]

    def follow(which: int) -> None:
        draw, last = random.Random(which), begin
        while last < goal:
            listener = stage.listen(cookie, last_event_id=last)
            for _ in range(draw.randrange(1, 6)):
                if last >= goal:
                    break
                change = listener.next("change")
                heard[which] |= set(change.data["incidents"])
                assert change.number is not None
                last = change.number
            listener.close()

    followers = [threading.Thread(target=follow, args=(which,)) for which in range(6)]
    for thread in (*followers, *writers):
        thread.start()
    for thread in (*followers, *writers):
        thread.join(60)
    assert stage.newest() == goal
    everything = set(range(begin + 1, goal + 1))
    assert [everything - one for one in heard] == [set()] * 6


def test_without_a_redis_it_comes_at_the_next_look(open_services: Callable[..., Services]) -> None:
    with running(open_services(), pace=SLOWLY) as stage:
        _hear(stage, 2)


def test_with_a_redis_nobody_waits_for_the_next_look(open_services: Callable[..., Services]) -> None:
    """How soon it comes: `scripts/bench live`."""
    with redis_running() as redis, running(open_services(redis.url), pace=replace(SLOWLY, look_s=3600)) as stage:
        _hear(stage, 5)


def test_a_redis_that_dies_is_not_missed(open_services: Callable[..., Services]) -> None:
    with redis_running() as redis, running(open_services(redis.url), pace=SLOWLY) as stage:
        cookie = stage.sign_in()
        listener = stage.listen(cookie)
        listener.next("tick")
        redis.kill()
        number = stage.happen()
        listener.hear(number)
        listener.close()


def _hear(stage: Stage, times: int) -> None:
    listener = stage.listen(stage.sign_in())
    listener.next("tick")
    for _ in range(times):
        listener.hear(stage.happen())
    listener.close()


def test_a_slow_client_is_cut_and_nobody_waits_for_it(open_services: Callable[..., Services]) -> None:
    def large(session: Session, after: int) -> Mapping[str, Any]:
        return numbers_after(session, after) | {"alarms": ["x" * 1_000_000]}

    with running(open_services(), large, pace=QUICK) as stage:
        cookie = stage.sign_in()
        slow = Listener(stage.url, cookie, after=0, reads=False)
        quick = stage.listen(cookie)
        quick.next("tick")
        for _ in range(250):
            number = stage.happen()
            quick.hear(number)
            if len(stage.server.stream.clients) == 1:
                break
        assert len(stage.server.stream.clients) == 1, "the one who does not read is still there"
        slow.close()
        quick.close()


def test_what_cannot_be_read_is_read_later(open_services: Callable[..., Services]) -> None:
    broken = threading.Event()

    def fragile(session: Session, after: int) -> Mapping[str, Any]:
        if broken.is_set():
            raise RuntimeError("broken")
        return numbers_after(session, after)

    with running(open_services(), fragile) as stage:
        listener = stage.listen(stage.sign_in())
        listener.next("tick")
        broken.set()
        number = stage.happen()
        time_to_fail = threading.Event()
        time_to_fail.wait(0.3)
        broken.clear()
        assert number in listener.hear(number).data["incidents"]
        listener.close()


def test_events_of_a_transaction_that_is_rolled_back_wake_nobody(open_services: Callable[..., Services]) -> None:
    with redis_running() as redis, redis.client() as client, client.pubsub() as channel:
        channel.subscribe("doorstep:events")
        services = open_services(redis.url)
        with suppress(ZeroDivisionError), services.write() as session:
            events.record(session, "never_happened")
            _ = 1 / 0
        with services.write():
            pass
        with services.write() as session:
            events.record(session, "happened")
        said = [channel.get_message(timeout=1) for _ in range(3)]
        assert [one["type"] for one in said if one] == ["subscribe", "message"]
