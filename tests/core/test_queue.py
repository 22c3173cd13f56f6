"""Wake-ups over a real Redis: one waits at most, a lost one harms nobody, a dead or frozen server costs one request little."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from core import queue
from core.database import Database
from core.queue import INBOX, OUTBOX, TOPICS, WakeUps
from core.services import Services, wake_after_commit
from core.settings import Settings
from tests.core.redis_server import RedisServer, running

ONE_FAILURE_S = 0.2 + 0.5 + 0.2
"""Connect and read time-out, and a slow machine."""
NOTHING_S = 0.05


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """A private Redis."""
    with running() as one:
        yield one


def jobs(server: RedisServer, topic: str) -> list[tuple[str, tuple[object, ...]]]:
    """The jobs that wait for the worker of a topic: what they call, and with what."""
    with server.client() as client:
        found = Queue(topic, connection=client, serializer=JSONSerializer).jobs
        return [(job.func_name, tuple(job.args)) for job in found]


def test_a_wake_up_is_one_job_that_carries_nothing(server: RedisServer) -> None:
    assert WakeUps(server.url).send(OUTBOX)
    assert jobs(server, OUTBOX) == [("sms.jobs.outbox", ())]
    assert jobs(server, INBOX) == []


def test_many_wake_ups_are_one_job_until_the_worker_looks(server: RedisServer) -> None:
    wakes = WakeUps(server.url)
    assert all(wakes.send(INBOX) for _ in range(50)), "whoever finds somebody woken already is content"
    assert len(jobs(server, INBOX)) == 1
    with server.client() as client:
        queue.woken(client, INBOX)
    assert wakes.send(INBOX)
    assert len(jobs(server, INBOX)) == 2, "the worker is about to look; what was committed after that needs another look"


def test_topics_do_not_wake_for_each_other(server: RedisServer) -> None:
    wakes = WakeUps(server.url)
    for topic in TOPICS:
        wakes.send(topic)
    assert [len(jobs(server, topic)) for topic in TOPICS] == [1, 1]


def test_the_mark_lapses_when_a_worker_dies_with_it(server: RedisServer) -> None:
    WakeUps(server.url).send(OUTBOX)
    with server.client() as client:
        assert 0 < client.pttl("doorstep:woken:outbox") <= 1000


def test_two_processes_share_the_mark(server: RedisServer) -> None:
    WakeUps(server.url).send(OUTBOX)
    WakeUps(server.url).send(OUTBOX)
    assert len(jobs(server, OUTBOX)) == 1


def test_without_a_redis_nothing_is_tried() -> None:
    assert not WakeUps(None).send(OUTBOX)


def test_a_dead_server_costs_nothing_and_raises_nothing(server: RedisServer) -> None:
    wakes = WakeUps(server.url)
    assert wakes.send(OUTBOX)
    server.kill()
    assert _seconds(wakes) < ONE_FAILURE_S
    assert _seconds(wakes) < NOTHING_S


def test_no_server_at_all_costs_nothing_and_raises_nothing(tmp_path: Path) -> None:
    assert _seconds(WakeUps(f"unix://{tmp_path}/nobody.sock")) < NOTHING_S


def test_a_frozen_server_costs_one_request_less_than_a_second_and_the_next_nothing(server: RedisServer) -> None:
    wakes = WakeUps(server.url)
    assert wakes.send(OUTBOX)
    with server.client() as client:
        queue.woken(client, OUTBOX)
    server.freeze()
    assert _seconds(wakes) < ONE_FAILURE_S
    for _ in range(20):
        assert _seconds(wakes) < NOTHING_S
    server.thaw()


def test_a_frozen_server_that_nobody_has_talked_to_yet(server: RedisServer) -> None:
    """The very first connection is made while it is frozen: the kernel takes it, and then nobody answers."""
    server.freeze()
    wakes = WakeUps(server.url)
    assert _seconds(wakes) < ONE_FAILURE_S
    assert _seconds(wakes) < NOTHING_S
    server.thaw()


def test_a_server_that_is_back_is_used_again_after_the_pause(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    wakes = WakeUps(server.url)
    server.freeze()
    assert not wakes.send(OUTBOX)
    server.thaw()
    assert not wakes.send(OUTBOX), "the pause is not over"
    later = time.monotonic() + 2.1
    monkeypatch.setattr(queue.time, "monotonic", lambda: later)
    with server.client() as client:
        queue.woken(client, OUTBOX)  # what it was told before it froze, it did when it was back
    assert wakes.send(OUTBOX)


def test_a_commit_wakes_each_topic_once_and_a_rollback_none(
    server: RedisServer, settings: Settings, database: Database
) -> None:
    services = Services(settings, database, WakeUps(server.url))
    with suppress(ZeroDivisionError), services.write() as session:
        wake_after_commit(session, OUTBOX)
        raise ZeroDivisionError
    assert jobs(server, OUTBOX) == []
    with services.write() as session:
        for _ in range(3):
            wake_after_commit(session, OUTBOX)
        wake_after_commit(session, INBOX)
        assert jobs(server, OUTBOX) == [], "not before the commit: the worker would look and see nothing"
    assert [len(jobs(server, topic)) for topic in TOPICS] == [1, 1]


def test_a_write_is_kept_when_the_wake_up_fails(server: RedisServer, settings: Settings, database: Database) -> None:
    services = Services(settings, database, WakeUps(server.url))
    server.freeze()
    started = time.monotonic()
    with services.write() as session:
        wake_after_commit(session, OUTBOX)
        wake_after_commit(session, INBOX)
    assert time.monotonic() - started < ONE_FAILURE_S + NOTHING_S, "two topics, one failure"
    server.thaw()


def _seconds(wakes: WakeUps) -> float:
    """How long a wake-up takes that reaches nobody."""
    started = time.monotonic()
    assert not wakes.send(OUTBOX)
    return time.monotonic() - started
