"""Doorstep was stopped in the middle of an emergency (an update): it says what ran late, and catches up."""

from __future__ import annotations

from sqlalchemy import select

from core import heartbeats
from core.events import Event
from dispatch import alarms, conductor, lateness
from dispatch.desk import red
from tests.stories.town import Town


def _stop(town: Town) -> None:
    with town.services.write() as session:
        heartbeats.beat(session, conductor.NAME)
        heartbeats.stopped(session, conductor.NAME)


def _standing(town: Town) -> list[dict[str, object]]:
    with town.services.read() as session:
        return [alarm for alarm in red.standing(session) if alarm["kind"] == alarms.RAN_LATE]


def test_what_ran_late_is_named_and_caught_up(town: Town) -> None:
    near = town.street(12)
    town.emergency()
    code = town.incident()["code"]
    asked = len(town.asked())
    _stop(town)
    town.clock.turn(90)
    lateness.tell(town.services, conductor.NAME)
    town.settle()
    (told,) = _standing(town)
    assert told["title"] == "DOORSTEP WAS STOPPED FOR 1:30"
    assert f"emergency {code}" in str(told["text"])
    assert len(town.asked()) > asked, "the wave that was due has been asked"
    assert [event["data"]["stopped_s"] for event in town.events("ran_late")] == [90]
    for volunteer in near:
        if volunteer.name in town.asked():
            volunteer.gets("CARDIAC ARREST")
    town.close()
    for volunteer in near:
        volunteer.read = len(volunteer.inbox())


def test_a_short_stop_and_a_quiet_town_need_no_dispatcher(town: Town) -> None:
    _stop(town)
    town.clock.turn(3)
    lateness.tell(town.services, conductor.NAME)
    town.clock.turn(60)
    lateness.tell(town.services, conductor.NAME)
    assert _standing(town) == []
    with town.services.read() as session:
        told = session.scalars(select(Event.data).where(Event.kind == "was_stopped")).all()
    assert [one["stopped_s"] for one in told] == [63]


def test_the_very_first_start_has_nothing_to_say(town: Town) -> None:
    lateness.tell(town.services, conductor.NAME)
    assert _standing(town) == []


def test_whoever_stopped_is_not_taken_for_alive(town: Town) -> None:
    _stop(town)
    with town.services.read() as session:
        assert heartbeats.alive(session) == set()
        assert heartbeats.last_seen(session, conductor.NAME) is not None
