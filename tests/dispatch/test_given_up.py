"""What we break over again and again is given up after minutes, never in silence: a dispatcher reads the words."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from core.clock import HandClock
from core.services import Services
from dispatch.answers import hearing
from dispatch.desk import red
from sms import inbox, set_aside
from sms.models import Message
from tests.races.stage import Stage


def breaks(error: Exception) -> object:
    def deed_for(*_: object) -> None:
        raise error

    return deed_for


@pytest.fixture
def stage(services: Services) -> Stage:
    """Somebody who was asked."""
    stage = Stage(services)
    stage.street(1)
    stage.open()
    stage.send()
    return stage


def test_an_answer_that_always_breaks_stands_red_with_its_words(
    stage: Stage, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "deed_for", breaks(RuntimeError("a defect of ours")))
    stage.text("v1", "1 car")
    for _ in range(set_aside.MOST_FAILURES):
        inbox.handle_due(stage.wire)
        clock.turn(round(set_aside.LONGEST_PAUSE_S))
    assert inbox.handle_due(stage.wire) == 0, "those after it are not held up for ever"
    with stage.services.read() as session:
        assert session.scalar(select(Message.handled_at).where(Message.body == "1 car")) is not None
        (row,) = red.standing(session)
    assert row["kind"] == "unclear_words"
    assert "1 car" in str(row)


def test_an_answer_outlives_any_trouble_of_the_database(
    stage: Stage, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(hearing, "deed_for", breaks(OperationalError("UPDATE", {}, Exception("deadlock detected"))))
        stage.text("v1", "1")
        for _ in range(3 * set_aside.MOST_FAILURES):
            inbox.handle_due(stage.wire)
            clock.turn(1)
        assert stage.unhandled() == 1
    inbox.handle_due(stage.wire)
    assert stage.unhandled() == 0
