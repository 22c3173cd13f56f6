"""The conductor goes on: what breaks in one emergency, or in one of its other tasks, keeps nothing else waiting."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from core import fault_kinds, faults, heartbeats
from core.clock import HandClock
from core.services import Services
from dispatch import conductor, timers
from dispatch.models import Incident
from dispatch.operators import looks, watch
from responder import erasure_list
from sms.sender import Sender
from tests.races.stage import Stage


def due(services: Services, incident_id: str, at: datetime) -> None:
    with services.write() as session:
        session.execute(update(Incident).where(Incident.id == incident_id).values(next_look_at=at))


def test_who_has_waited_longest_is_looked_at_first(services: Services, clock: HandClock) -> None:
    stage = Stage(services)
    stage.street(2)
    opened = [stage.open().incident_id for _ in range(3)]
    for incident_id, minutes in zip(opened, (1, 3, 2), strict=True):
        due(services, incident_id, clock.now() - timedelta(minutes=minutes))
    with services.read() as session:
        assert timers.run_out(session, clock.now(), 2) == [opened[1], opened[2]]


def test_an_emergency_whose_timers_do_not_run_is_a_fault_by_its_code(services: Services, clock: HandClock) -> None:
    stage = Stage(services)
    stage.street(1)
    opened = stage.open()
    the_look = [one for one in looks.LOOKS if fault_kinds.TIMERS_STUCK in one.kinds]
    due(services, opened.incident_id, clock.now() - timedelta(seconds=14))
    watch.look(services, the_look)
    due(services, opened.incident_id, clock.now() - timedelta(seconds=16))
    watch.look(services, the_look)
    with services.read() as session:
        code = session.get_one(Incident, opened.incident_id).code
        assert [(fault.kind, fault.subject) for fault in faults.standing(session)] == [(fault_kinds.TIMERS_STUCK, code)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # what breaks is a file
def test_what_breaks_beside_the_timers_keeps_nothing_else_waiting(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(services)
    stage.street(1)
    incident_id = stage.open().incident_id
    stage.send()
    stage.text("v1", "1")
    (services.settings.data_dir / erasure_list.FILE).mkdir()
    monkeypatch.setattr(conductor, "EVERY_S", 0.01)
    monkeypatch.setattr(conductor, "OVERDUE_S", 0.0)
    monkeypatch.setattr(conductor, "LIST_EVERY_S", 0.0)
    stopping = threading.Event()
    sender = Sender(stage.wire, stage.taker, threads=2)
    running = threading.Thread(target=conductor.run, args=(stage.wire, sender, None, stopping))
    running.start()
    try:
        for _ in range(1000):
            if stage.states(incident_id) == {"v1": "accepted"}:
                break
            stopping.wait(0.01)
        assert stage.states(incident_id) == {"v1": "accepted"}
        with services.read() as session:
            assert conductor.NAME in heartbeats.alive(session)
    finally:
        stopping.set()
        running.join()
