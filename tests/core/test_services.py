"""What a process opens once, and signs of life."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from core import heartbeats
from core.clock import HandClock
from core.problems import FieldProblem, Problem, field_problem, not_found, pointer
from core.services import Services, open_services
from core.settings import load


def test_opening_makes_the_data_folder_and_migrates_nothing(tmp_path: Path) -> None:
    services = open_services(load(_env_file=None, data_dir=tmp_path / "a" / "b", database_url=None, redis_url=None))
    try:
        with services.read() as session:
            assert session.execute(text("SELECT count(*) FROM sqlite_master")).scalar() == 0
        assert (tmp_path / "a" / "b" / "doorstep.sqlite3").exists()
    finally:
        services.database.close()


def test_a_process_is_alive_for_fifteen_seconds_after_its_last_sign(services: Services, clock: HandClock) -> None:
    with services.write() as session:
        heartbeats.beat(session, "conductor")
        heartbeats.beat(session, "worker:inbox")
    clock.turn(14)
    with services.write() as session:
        heartbeats.beat(session, "conductor")
        assert heartbeats.alive(session) == {"conductor", "worker:inbox"}
    clock.turn(2)
    with services.write() as session:
        assert heartbeats.alive(session) == {"conductor"}
        heartbeats.forget(session, "conductor")
        assert heartbeats.alive(session) == set()


def test_a_problem_names_the_field_and_what_is_allowed() -> None:
    problem = field_problem("/location/lat", "a number from -90 to 90")
    assert (problem.status, problem.errors) == (422, (FieldProblem("/location/lat", "a number from -90 to 90"),))
    assert "/location/lat: a number from -90 to 90" in str(problem)
    assert not_found("incident").status == 404
    assert Problem(429, "Slow down", retry_after_s=3).extra == {"retry_after_s": 3}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [((), ""), (("location", "lat"), "/location/lat"), (("a/b", "c~d", 0), "/a~1b/c~0d/0")],
)
def test_json_pointers(parts: tuple[str | int, ...], expected: str) -> None:
    assert pointer(*parts) == expected
