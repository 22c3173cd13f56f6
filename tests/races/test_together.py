"""Answers that share a transaction: they end as if each had been handled by itself, and none waits for another's lock."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core.clock import HandClock
from core.database import Database
from core.events import Event
from core.queue import WakeUps
from core.services import Services
from core.settings import Settings
from dispatch.wiring import build_wire
from sms import inbox
from sms.models import OUT, Contact, Message
from sms.wire import TextHandler
from tests.conftest import new_file
from tests.races.stage import Stage, handle_texts

PEOPLE = 14
WORDS = ("1", "1", "1", "1 4", "2", "2", "3", "4", "0", "A1", "B1", "B2", "A3", "OFF 8h", "ON", "where?", "hello")
"""Without STOP: texts that are refused because of it are told of by statuses, which come between the answers or after them."""


@pytest.fixture
def other(sqlite_template: Path, tmp_path: Path, settings: Settings) -> Iterator[Services]:
    """A second installation beside the first."""
    database = Database(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    new_file(database, sqlite_template)
    yield Services(settings, database, WakeUps(None))
    database.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("seed", range(3))
def test_texts_handled_together_end_as_if_handled_one_by_one(
    services: Services, other: Services, clock: HandClock, seed: int
) -> None:
    together, alone = two_emergencies(clock, services, other)
    chance = random.Random(seed)
    for _ in range(3):
        for _ in range(30):
            clock.turn(0.01)  # no two come at the same moment
            name, words = f"v{chance.randint(1, PEOPLE)}", chance.choice(WORDS)
            together.text(name, words)
            alone.text(name, words)
        assert inbox.handle_due(together.wire) == 30
        while inbox.handle_due(alone.wire, limit=1):
            pass
        clock.turn(20)
    assert happened(together) == happened(alone)
    assert told(together) == told(alone)


def two_emergencies(clock: HandClock, *installations: Services) -> list[Stage]:
    """Seven are asked by the first, the others by the second, and some by both; the same in each installation. An answer to
    both is told to them in the order of their ids, which within one moment is any order."""
    stages = [Stage(services) for services in installations]
    for stage in stages:
        stage.street(PEOPLE)
    for _ in range(2):
        clock.turn(1)
        for stage in stages:
            stage.open()
    for stage in stages:
        stage.send(threads=1)
    return stages


def told(stage: Stage) -> list[tuple[str, str, str | None]]:
    """Whom we wrote to, what for, and whether it still leaves."""
    wanted = select(Message.phone, Message.purpose, Message.state).where(Message.direction == OUT)
    with stage.services.read() as session:
        return sorted((phone, purpose, state) for phone, purpose, state in session.execute(wanted))


def happened(stage: Stage) -> dict[int, list[tuple[str, object]]]:
    """What happened to each person, in order."""
    wanted = select(Event.responder_id, Event.kind, Event.data).where(Event.responder_id.is_not(None)).order_by(Event.number)
    found: dict[int, list[tuple[str, object]]] = {}
    with stage.services.read() as session:
        for responder_id, kind, data in session.execute(wanted):
            found.setdefault(responder_id, []).append((kind, {**data, "alarm_id": None}))
    return found


def test_somebody_whom_an_answer_before_theirs_has_brought_may_go(stage: Stage, clock: HandClock) -> None:
    stage.street(12)
    incident_id = stage.open().incident_id
    stage.send()
    stage.text("v1", "2")
    clock.turn(0.01)
    stage.text("v8", "1")
    assert handle_texts(stage.services) == 2
    assert (stage.states(incident_id)["v1"], stage.states(incident_id)["v8"]) == ("declined", "accepted")


def test_two_emergencies_whose_refusals_come_together_ask_two_people(stage: Stage, clock: HandClock) -> None:
    stage.street(16)
    first, second = stage.open().incident_id, stage.open().incident_id
    stage.send()
    for name, words in (("v1", "2"), ("v1", "OFF"), ("v8", "2")):
        stage.text(name, words)
        clock.turn(0.01)
    assert handle_texts(stage.services) == 3
    assert [list(stage.states(one))[-1] for one in (first, second)] == ["v15", "v16"]


def test_a_text_whose_sender_is_held_elsewhere_keeps_no_other_waiting(stage: Stage) -> None:
    if stage.services.database.is_sqlite:
        pytest.skip("a write transaction is alone there")
    stage.street(2)
    incident_id = stage.open().incident_id
    stage.send()
    for name in ("v1", "v2"):
        stage.text(name, "1")
    with stage.processes(1) as (worker,):
        with stage.services.write() as session:
            session.execute(select(Contact).where(Contact.phone == stage.phones["v1"]).with_for_update(key_share=True))
            assert handle_texts_within(worker, 10) == 1
            assert stage.states(incident_id) == {"v1": "alerted", "v2": "accepted"}
        assert handle_texts(worker) == 1
    assert stage.unhandled() == 0


def handle_texts_within(services: Services, seconds: float) -> int:
    """One look of an inbox worker, which must not hang."""
    handled: list[int] = []
    look = threading.Thread(target=lambda: handled.append(inbox.handle_due(build_wire(services))), daemon=True)
    look.start()
    look.join(seconds)
    assert handled, "it waits for a lock that somebody else holds"
    return handled[0]


def test_a_broken_answer_takes_no_other_with_it(stage: Stage, clock: HandClock) -> None:
    """It is rolled back with the others of its transaction, and these are handled once more, by themselves."""
    names = stage.street(7)
    incident_id = stage.open().incident_id
    stage.send()
    for name in names:
        stage.text(name, "1 4" if name == "v4" else "2")
    stage.wire.text_handlers.insert(0, breaks_over("1 4"))
    assert inbox.handle_due(stage.wire) == 6
    assert {name for name, state in stage.states(incident_id).items() if state == "declined"} == set(names) - {"v4"}
    assert stage.kinds(incident_id)["text_heard"] == stage.kinds(incident_id)["callout_declined"] == 6
    stage.wire.text_handlers.pop(0)
    clock.turn(1)
    assert inbox.handle_due(stage.wire) == 1
    assert stage.states(incident_id)["v4"] == "accepted"
    assert len(stage.texts_to("v4", "GO TO")) == 1


def breaks_over(words: str) -> TextHandler:
    """A handler with a defect that one text brings out."""

    def hear(message: Message, contact: Contact) -> bool:
        if message.body == words:
            raise RuntimeError("a handler's defect")
        return False

    return lambda session, contacts: hear
