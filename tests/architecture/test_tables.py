"""What is written down as a table is used, and what is used is in the table: moves, texts, purposes, alarms, queues."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

from core import queue
from core.database import Database
from core.queue import WakeUps
from core.services import Services
from core.settings import load
from dispatch import alarms, plans, standing_down, states, writing
from dispatch.answers import of_callouts, of_people, which
from dispatch.answers.grammar import Meaning
from dispatch.texts import catalog, words
from dispatch.wiring import build_wire
from sms import jobs, purposes, worker
from tests.architecture.source import ROOMS, argument, calls, sources

DISPATCH = sources("dispatch")
LATER_TEXTS = {
    "T20": "to the caller, if the dispatcher ticks it: comes with the console",
}
LATER_PURPOSES = {"BULLETIN": "with the room of bulletins"}


def moves_by_name() -> set[str]:
    """Every name of a move that the code gives to `move`, directly or through the one function that passes it on."""
    used = set()
    for source in DISPATCH:
        for name, call in calls(source):
            if name.split(".")[-1] in ("move", "tell"):
                given = argument(call, 2, "name") if name.endswith("move") else argument(call, 99, "asked_move")
                if isinstance(given, ast.Constant):
                    used.add(given.value)
    return used | {inspect.signature(standing_down.tell).parameters["asked_move"].default}


def test_every_move_in_the_code_is_in_the_table_and_every_move_in_the_table_is_used() -> None:
    assert moves_by_name() == set(states.MOVES)


def test_a_move_is_named_where_it_is_made() -> None:
    """Only where people are told is the name a value; everywhere else a reader sees it."""
    unnamed = {
        source.name
        for source in DISPATCH
        for name, call in calls(source)
        if name.split(".")[-1] == "move" and not isinstance(argument(call, 2, "name"), ast.Constant)
    }
    assert unnamed == {"dispatch/standing_down.py"}


def test_answers_ask_for_moves_that_there_are() -> None:
    asked = {move for moves in which.MOVES_OF.values() for move in moves}
    assert asked <= set(states.MOVES)
    assert set(which.MOVES_OF) <= set(of_callouts.DEEDS), "a meaning that moves something has a deed"


def test_a_callouts_state_is_written_in_one_place() -> None:
    """Nobody assigns it, and nobody but `callouts.move` updates the table past the objects."""
    past = ("update(Callout)", "update(Callout.__table__)")
    updates = {source.name for source in DISPATCH for name, call in calls(source) if ast.unparse(call) in past}
    assert updates == {"dispatch/callouts.py"}
    assigned = [
        f"{source.name}:{node.lineno}"
        for source in sources(*ROOMS)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr == "state" and isinstance(node.ctx, ast.Store)
        if ast.unparse(node.value) in ("callout", "row", "other", "self.callout", "heard.callout")
    ]
    assert assigned == []


def test_every_state_move_leads_from_states_to_a_state() -> None:
    for name, move in states.MOVES.items():
        assert {*move.before, move.after} <= set(states.STATES), name


def texts_in_code() -> set[str]:
    """Every string in dispatch that is the key of a text."""
    shaped = re.compile(r"T\d+[a-z]?(_[a-z]+)?")
    found = set()
    for source in DISPATCH:
        if not source.name.startswith("dispatch/texts/"):
            found |= {one for one in source.words if one in catalog.KEYS or shaped.fullmatch(one)}
    return found


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_text_is_there_in_every_language(language: str) -> None:
    assert tuple(words.language(language).texts) == catalog.KEYS


def test_every_text_in_the_code_exists() -> None:
    assert texts_in_code() <= set(catalog.KEYS)


def test_every_text_is_used_or_its_time_is_known() -> None:
    assert set(catalog.KEYS) - texts_in_code() == set(LATER_TEXTS)


def test_the_texts_of_tables_and_plans_exist() -> None:
    assert set(standing_down.TEXTS.values()) <= set(catalog.KEYS)
    assert {plan.first_text for plan, _ in plans.SHIPPED} <= set(catalog.KEYS)


KEY_AT = {"send": 2, "send_to_contact": 2, "reply": 0, "reply_once": 0, "_confirm": 1}
"""Where the functions that write a text take its key."""


def test_every_key_given_to_a_writer_exists() -> None:
    given = []
    for source in DISPATCH:
        for name, call in calls(source):
            last = name.split(".")[-1]
            if last in KEY_AT and (name == last or name.split(".")[0] in ("writing", "heard")):
                key = argument(call, KEY_AT[last], "key")
                given += [key.value] if isinstance(key, ast.Constant) else []
    assert len(given) >= 10
    assert set(given) <= set(catalog.KEYS)


def purposes_in_code() -> set[str]:
    """The purposes that rooms above the wire name."""
    return {
        node.attr
        for source in sources("dispatch", "responder", "console")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "purposes"
    }


def test_every_purpose_has_a_priority() -> None:
    declared = {name: value for name, value in vars(purposes).items() if name.isupper() and isinstance(value, str)}
    assert set(declared.values()) == set(purposes.PRIORITY)
    used = purposes_in_code()
    assert used <= set(declared)
    assert set(declared) - used <= set(LATER_PURPOSES) | {"CANARY"}, "a canary is the wire's own affair"


def test_priorities_are_the_order_of_the_texts() -> None:
    """texts.md: safety > address > first text > other stand-down > follow-up > reminder > bulletin; operators hear before
    reminders, and the test of the line comes last."""
    order: dict[int, set[str]] = {}
    for name, priority in purposes.PRIORITY.items():
        order.setdefault(priority, set()).add(name)
    of_texts = [{"safety", "correction"}, {"address"}, {"first"}, {"stand_down"}, {"follow_up"}, {"reminder"}, {"bulletin"}]
    wanted = [*of_texts[:5], {"operator"}, *of_texts[5:], {"canary"}]
    assert [order[priority] for priority in sorted(order)] == wanted


def test_every_text_that_dispatch_sends_has_an_end_of_life() -> None:
    sent = {getattr(purposes, name) for name in purposes_in_code()}
    assert sent - {purposes.FIRST} <= set(writing.END_OF_LIFE), "a first text ends with its callout"


def alarms_in_code() -> set[str]:
    """The kinds of alarm that the code names; a table of several kinds is none itself."""
    named = {
        node.attr
        for source in sources("dispatch", "console", "responder")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "alarms" and node.attr.isupper()
    }
    return {name for name in named if not isinstance(getattr(alarms, name, ""), tuple)}


def test_every_kind_of_alarm_is_declared_and_used() -> None:
    declared = {name for name, value in vars(alarms).items() if name.isupper() and isinstance(value, str)}
    assert alarms_in_code() == declared


def test_an_alarm_is_raised_by_its_name() -> None:
    """A kind written as a string would be one that nobody declared."""
    for source in sources("dispatch", "console", "responder"):
        for name, call in calls(source):
            if name.split(".")[-1] in ("raise_alarm", "raise_once", "clear") and source.name != "dispatch/alarms.py":
                assert not isinstance(argument(call, 1, "kind"), ast.Constant), f"{source.name}:{call.lineno}"


def test_every_queue_has_a_job_and_a_worker() -> None:
    own = {name for name, value in inspect.getmembers(jobs, inspect.isfunction) if value.__module__ == jobs.__name__}
    assert set(queue.TOPICS) == own - {"install"} - {name for name in own if name.startswith("_")}
    for topic in queue.TOPICS:
        assert not inspect.signature(getattr(jobs, topic)).parameters, "jobs carry nothing"
    assert "topic" in inspect.signature(worker.run).parameters


def test_every_topic_is_woken_by_somebody() -> None:
    woken = {
        ast.unparse(topic).removeprefix("queue.").lower()
        for source in sources(*ROOMS)
        for name, call in calls(source)
        if name.split(".")[-1] == "wake_after_commit" and (topic := argument(call, 1, "topic")) is not None
    }
    assert woken == set(queue.TOPICS)


def test_every_meaning_has_a_deed_or_is_words() -> None:
    """A meaning that the grammar learns and nobody acts on would silently become words."""
    words_only = set(Meaning) - set(of_callouts.DEEDS) - set(of_people.DEEDS)
    assert {meaning.name for meaning in words_only} <= {"UNCLEAR", "NOTE", "OK", "FINE", "SO_SO", "NOTHING"}


def test_every_gate_and_handler_belongs_to_a_purpose_or_a_kind_that_is_written(tmp_path: Path) -> None:
    quiet = Services(load(_env_file=None, secret_key="for tests only"), Database(f"sqlite:///{tmp_path}/unused"), WakeUps(None))
    wire = build_wire(quiet)
    assert set(wire.gates) <= set(purposes.PRIORITY)
    assert set(wire.outcome_handlers) == {writing.ABOUT}
    quiet.database.close()
