"""An API key opens at most 300 incidents a minute, however many web processes answer for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core import clock as clock_module
from core.clock import HandClock
from core.database import Database
from core.ids import new_id
from core.problems import Problem
from core.queue import WakeUps
from core.services import Services
from dispatch.api import limits
from dispatch.api.models import Opening
from dispatch.models import Alarm

CAD = "key:cad"


def opened(services: Services, count: int, actor: str = CAD) -> None:
    with services.write() as session:
        session.add_all([Opening(id=new_id(), actor=actor, at=clock_module.now()) for _ in range(count)])


def alarms(services: Services) -> list[Alarm]:
    with services.read() as session:
        return list(session.scalars(select(Alarm).where(Alarm.kind == limits.FLOOD)))


def test_the_301st_within_a_minute_is_refused_with_the_time_to_wait_and_one_alarm(services: Services, clock: HandClock) -> None:
    opened(services, 299)
    clock.turn(20)
    limits.take_place(services, CAD)
    for _ in range(3):
        with pytest.raises(Problem) as refused:
            limits.take_place(services, CAD)
        assert refused.value.status == 429
        assert 39 <= refused.value.extra["retry_after_s"] <= 41
    assert [alarm.data["actor"] for alarm in alarms(services)] == [CAD]


def test_after_the_time_to_wait_there_is_room_again_and_old_rows_are_gone(services: Services, clock: HandClock) -> None:
    opened(services, 300)
    with pytest.raises(Problem) as refused:
        limits.take_place(services, CAD)
    clock.turn(refused.value.extra["retry_after_s"])
    limits.take_place(services, CAD)
    with services.read() as session:
        assert session.scalar(select(func.count()).select_from(Opening)) == 1


def test_one_key_in_flood_does_not_stop_another(services: Services) -> None:
    opened(services, 300)
    limits.take_place(services, "key:other")
    assert alarms(services) == []


def test_what_opened_nothing_takes_no_room(services: Services) -> None:
    opened(services, 299)
    limits.give_back(services, limits.take_place(services, CAD))
    limits.take_place(services, CAD)


def test_a_flood_that_was_acknowledged_is_not_told_again_and_a_later_one_is(services: Services, clock: HandClock) -> None:
    def flood() -> int:
        opened(services, 300)
        with pytest.raises(Problem):
            limits.take_place(services, CAD)
        return len(alarms(services))

    assert flood() == 1
    with services.write() as session:
        session.scalars(select(Alarm)).one().acknowledged_at = clock.now()
    clock.turn(timedelta(minutes=2).total_seconds())
    assert flood() == 1
    clock.turn(timedelta(minutes=11).total_seconds())
    assert flood() == 2


def test_processes_that_ask_at_the_same_moment_share_the_last_places(services: Services, database_url: str) -> None:
    opened(services, 297)
    others = [Services(services.settings, Database(database_url), WakeUps(None)) for _ in range(4)]

    def ask(process: Services) -> bool:
        try:
            limits.take_place(process, CAD)
        except Problem:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        granted = sum(pool.map(ask, others * 3))
    for process in others:
        process.database.close()
    assert granted == 3
    assert len(alarms(services)) == 1
