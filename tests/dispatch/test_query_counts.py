"""How many statements a step of an emergency may cost. What grows with the number of people is named; nothing else may."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from core.clock import HandClock
from core.services import Services
from dispatch import conductor, lifecycle, passed_over, view
from sms import inbox
from tests.races.stage import Stage

FEW, MANY = 7, 30
QUIET = re.compile(r"(BEGIN|PRAGMA|SAVEPOINT|RELEASE|ROLLBACK)\b")


class Statements(Counter[str]):
    """Statements by verb and table, such as `INSERT messages`. A run of inserts into a table that is written last, and that
    PostgreSQL takes in one statement, counts as one: SQLite takes row after row, without a way to anywhere."""

    last = ""

    def note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        """Count one."""
        words = " ".join(statement.split())
        if QUIET.match(words):
            return
        if words == self.last and words.startswith(("INSERT INTO events", "INSERT INTO passed_over")):
            return
        self.last = words
        table = re.search(r"(?:INTO|UPDATE|FROM) (?!ONLY)(\w+)", words)
        self[f"{words.split()[0]} {table[1] if table else '-'}"] += 1


@contextmanager
def counted(services: Services) -> Iterator[Statements]:
    """Count every statement of this database."""
    counts = Statements()
    event.listen(services.database.engine, "before_cursor_execute", counts.note)
    yield counts
    event.remove(services.database.engine, "before_cursor_execute", counts.note)


@pytest.fixture
def stage(services: Services) -> Stage:
    """A stage without people."""
    return Stage(services)


def everybody_at_once(stage: Stage, count: int) -> None:
    """`count` people, and a plan that asks all of them in its first wave."""
    stage.street(count, step_m=10)
    stage.plan(waves={"preset": "stockholm", "evidence": "for the test", "first": None, "most_asked": 100})


def opening(stage: Stage) -> Statements:
    """What opening an incident costs, its first wave included; the first one warms what a process keeps."""
    lifecycle.close_incident(stage.services, stage.open().incident_id, "not_needed", "user:dispatcher")
    with counted(stage.services) as counts:
        stage.open()
    return counts


@pytest.mark.parametrize("people", [FEW, MANY])
def test_opening_costs_one_callout_and_one_text_a_person_and_nothing_else(stage: Stage, people: int) -> None:
    everybody_at_once(stage, people)
    counts = opening(stage)
    assert counts.pop("INSERT callouts") <= people
    assert counts.pop("INSERT messages") <= people
    assert counts.total() <= 26, counts


def test_opening_with_nobody_in_reach_is_no_dearer(stage: Stage) -> None:
    assert opening(stage).total() <= 26


def test_one_answer_costs_the_same_however_many_were_asked(stage: Stage) -> None:
    everybody_at_once(stage, MANY)
    stage.open()
    stage.send()
    stage.text("v1", "1")
    with counted(stage.services) as counts:
        assert inbox.handle_due(stage.wire) == 1
    # Whether the agency's settings were just due for their look, every 1.5 s, is the clock's doing and not the answer's.
    assert counts.pop("SELECT agencies", 0) <= 1
    assert counts.total() <= 27, counts


def test_the_answer_that_covers_costs_a_move_and_a_text_for_each_who_waits(stage: Stage) -> None:
    everybody_at_once(stage, MANY)
    stage.open()
    stage.send()
    for name in ("v1", "v2"):
        stage.text(name, "1")
    inbox.handle_due(stage.wire)
    stage.text("v3", "1")
    with counted(stage.services) as counts:
        assert inbox.handle_due(stage.wire) == 1
    told = MANY - 3
    assert counts.pop("UPDATE callouts") <= told + 3
    assert counts.pop("INSERT messages") <= told + 1
    assert counts.total() <= 22, counts


def test_answers_that_are_handled_together_read_as_much_as_one(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALONE", "SIDE_BY_SIDE"):
        monkeypatch.setattr(inbox, name, inbox.Share(10, 60.0))  # however busy this machine is
    everybody_at_once(stage, MANY)
    stage.open()
    stage.send()
    for number in range(FEW):
        stage.text(f"v{number + 1}", "2")
    with counted(stage.services) as counts:
        assert inbox.handle_due(stage.wire) == FEW
    # Each moves its callout, and looks for somebody in its person's place.
    for own in ("UPDATE callouts", "SELECT callouts", "SELECT zones"):
        assert counts.pop(own) <= 2 * FEW + 4, own
    assert counts.total() <= 27, counts


def test_a_tick_with_nothing_due_is_one_look(stage: Stage) -> None:
    everybody_at_once(stage, MANY)
    stage.open()
    stage.send()
    conductor.tick(stage.services)
    with counted(stage.services) as counts:
        assert conductor.tick(stage.services) == 0
    assert counts.total() == 1, counts


def test_a_tick_that_replaces_seven_reads_no_more_than_one_that_replaces_one(stage: Stage, clock: HandClock) -> None:
    stage.street(20)
    stage.open()
    stage.send()
    conductor.tick(stage.services)
    clock.turn(30)
    with counted(stage.services) as counts:
        assert conductor.tick(stage.services) == 1
    for mine in ("INSERT callouts", "INSERT messages", "UPDATE callouts"):
        assert counts.pop(mine, 0) <= 7
    assert counts.total() <= 18, counts


def test_the_silent_are_rung_in_as_many_looks_as_one_of_them(stage: Stage, clock: HandClock) -> None:
    stage.street(FEW, calls=True)
    stage.open()
    stage.send()
    conductor.tick(stage.services)
    clock.turn(30)
    with counted(stage.services) as counts:
        assert conductor.tick(stage.services) == 1
    assert len(stage.written("first", "call")) == FEW
    for mine in ("INSERT messages", "UPDATE callouts"):
        assert counts.pop(mine, 0) <= FEW
    assert counts.total() <= 18, counts


def test_an_incoming_text_is_stored_in_a_handful(stage: Stage) -> None:
    stage.street(1)
    stage.open()
    stage.send()
    with counted(stage.services) as counts:
        stage.text("v1", "1")
    assert counts.total() <= 3, counts


def test_a_look_at_an_empty_inbox_writes_nothing(stage: Stage) -> None:
    with counted(stage.services) as counts:
        assert inbox.handle_due(stage.wire) == 0
    assert counts.total() <= 2, counts


def test_sending_asks_the_gate_for_all_at_once(stage: Stage) -> None:
    """The result of each text is stored by itself; what the gate reads of people, places and plans is read for all of them."""
    everybody_at_once(stage, MANY)
    stage.open()
    with counted(stage.services) as counts:
        stage.send(threads=MANY)
    assert counts["UPDATE callouts"] == MANY
    assert counts["SELECT callouts"] <= MANY + 3, counts
    gate_reads = ("SELECT incidents", "SELECT reachable_places", "SELECT plans", "SELECT responders", "SELECT contacts")
    assert sum(counts[one] for one in gate_reads) <= 5, counts


@pytest.mark.parametrize("people", [FEW, MANY])
def test_showing_an_incident_costs_the_same_for_few_and_many(stage: Stage, people: int) -> None:
    everybody_at_once(stage, people)
    incident_id = stage.open().incident_id
    stage.send()
    for name in ("v1", "v2"):
        stage.text(name, "1")
    inbox.handle_due(stage.wire)
    with counted(stage.services) as counts, stage.services.read() as session:
        shown = view.incident_json(session, incident_id)
    assert len(shown["callouts"]) == people
    assert counts.total() <= 5, counts


def test_a_page_of_incidents_reads_only_each_ones_events_by_itself(stage: Stage) -> None:
    everybody_at_once(stage, FEW)
    for _ in range(5):
        stage.open()
    with counted(stage.services) as counts, stage.services.read() as session:
        shown, _next = view.list_incidents(session)
    assert len(shown) == 5
    assert counts.pop("SELECT events") <= 5
    assert counts.total() <= 4, counts


def test_reasons_for_those_passed_over_cost_the_same_for_few_and_many(stage: Stage) -> None:
    stage.street(MANY)
    stage.open()
    with counted(stage.services) as counts:
        assert passed_over.explain_due(stage.services) == 1
    assert counts.total() <= 12, counts


@pytest.mark.parametrize("people", [FEW, MANY])
def test_a_stand_down_costs_a_move_and_a_text_a_person(stage: Stage, people: int) -> None:
    everybody_at_once(stage, people)
    incident_id = stage.open().incident_id
    stage.send()
    with counted(stage.services) as counts:
        lifecycle.stand_down(stage.services, incident_id, "not_needed", "user:dispatcher")
    assert counts.pop("UPDATE callouts") <= people + 1
    assert counts.pop("INSERT messages") <= people
    assert counts.pop("SELECT callouts", 0) <= people + 3
    assert counts.total() <= 8, counts
