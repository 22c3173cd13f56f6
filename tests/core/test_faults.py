"""Faults stand once, end once, and are acknowledged by one person."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from core import fault_kinds, faults
from core.clock import HandClock
from core.events import Event
from core.faults import Fault
from core.services import Services


def kinds_of_events(services: Services) -> list[str]:
    with services.read() as session:
        return list(session.scalars(select(Event.kind).order_by(Event.number)))


def test_a_fault_stands_once_until_it_ends_and_then_again(services: Services, clock: HandClock) -> None:
    for new in (True, False):
        with services.write() as session:
            assert faults.stand(session, fault_kinds.WORKER_SILENT, "outbox", since="12:00") is new
    with services.write() as session:
        assert faults.stand(session, fault_kinds.WORKER_SILENT, "inbox") is True
    clock.turn(30)
    with services.write() as session:
        assert faults.end(session, fault_kinds.WORKER_SILENT, "outbox") is True
        assert faults.end(session, fault_kinds.WORKER_SILENT, "outbox") is False
    with services.read() as session:
        assert [fault.subject for fault in faults.standing(session)] == ["inbox"]
        assert session.scalars(select(Event.data).where(Event.kind == "fault_ended")).one()["lasted_s"] == 30
    with services.write() as session:
        assert faults.stand(session, fault_kinds.WORKER_SILENT, "outbox") is True
    assert kinds_of_events(services) == ["fault_stands", "fault_stands", "fault_ended", "fault_stands"]


def test_what_is_said_again_brings_the_facts_up_to_date(services: Services) -> None:
    for megabytes in (400, 300):
        with services.write() as session:
            faults.stand(session, fault_kinds.DISK_NEARLY_FULL, "here", free_mb=megabytes)
    with services.read() as session:
        assert [fault.facts for fault in faults.standing(session)] == [{"free_mb": 300}]
    assert kinds_of_events(services) == ["fault_stands"]


def test_of_many_who_say_it_at_once_one_is_first(services: Services) -> None:
    def say(_: int) -> bool:
        with services.write() as session:
            return faults.stand(session, fault_kinds.REDIS_SILENT)

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(say, range(6))) == 1
    with services.read() as session:
        assert len(session.scalars(select(Fault)).all()) == 1


def test_one_person_acknowledges_and_what_is_over_nobody_can(services: Services) -> None:
    with services.write() as session:
        faults.stand(session, fault_kinds.REDIS_SILENT)
        fault_id = faults.standing(session)[0].id
    with services.write() as session:
        assert faults.acknowledge(session, fault_id, "user:anna") is True
        assert faults.acknowledge(session, fault_id, "user:bertil") is False
    with services.read() as session:
        assert faults.standing(session)[0].acknowledged_by == "user:anna"
    with services.write() as session:
        faults.end(session, fault_kinds.REDIS_SILENT)
        faults.stand(session, fault_kinds.REDIS_SILENT)
        faults.end(session, fault_kinds.REDIS_SILENT)
    with services.read() as session:
        newest = session.scalars(select(Fault).order_by(Fault.id.desc()).limit(1)).one()
    with services.write() as session:
        assert faults.acknowledge(session, newest.id, "user:anna") is False


def test_a_kind_without_words_is_told_all_the_same() -> None:
    assert fault_kinds.heading("gremlins_in_the_attic", "north", {}) == "Gremlins in the attic: north"
    assert fault_kinds.heading(fault_kinds.CARRIER_REFUSES, "21606", {"meaning": "bad sender"}).endswith(": 21606, bad sender")


def test_what_a_code_means_is_said_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    swedish = {"bad sender": "dålig avsändare"}
    monkeypatch.setattr(fault_kinds, "gettext", lambda sentence: swedish.get(sentence, sentence))
    assert fault_kinds.heading("x", "21606", {"meaning": "bad sender"}) == "X: 21606, dålig avsändare"
