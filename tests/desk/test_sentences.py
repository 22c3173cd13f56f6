"""Everything that happens can be read in a sentence, and no sentence stands for nothing."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from string import Formatter
from typing import Any

import pytest

from core.events import Event
from dispatch import states
from dispatch.answers.grammar import Meaning
from dispatch.desk import loud, sentences, speech
from dispatch.desk.board import READ_AGAIN
from dispatch.lifecycle import OUTCOMES
from dispatch.plans import HAZARDS
from dispatch.standing_down import REASONS
from sms import inbox
from tests.architecture.source import argument, calls, sources
from tests.desk.signed_in import Desk
from tests.races.stage import Stage

CARRIERS = {"carrier_failed_over", "carrier_failing", "carrier_returned"}
MADE_UP_OF = {
    "dispatch/callouts.py": {f"callout_{state}" for state in states.STATES},
    "dispatch/settling.py": {"alarm_acknowledged", "alarm_dismissed", "alarm_placed"},
    "dispatch/desk/opened.py": {READ_AGAIN},
    "dispatch/wire_news.py": CARRIERS,
    "sms/carriers/health.py": CARRIERS,
    "sms/results.py": {f"{what}_{how}" for what in ("text", "call") for how in ("refused", "expired", "cancelled", "unknown")},
    "sms/outbox.py": {"text_refused", "call_refused"},
    "sms/left_behind.py": {"text_unknown", "call_unknown"},
    "sms/statuses.py": {"text_failed", "call_failed"},
    "dispatch/outcomes.py": {"text_failed", "call_failed"},
    "dispatch/retention/request_pages.py": {"caller_data_searched", "caller_data_exported"},
    "dispatch/ringing.py": {"rung_asked", "rung_address", "rung_danger"},
}
"""Kinds that are put together, or come from a name, as they are recorded."""


def recorded() -> dict[str, str]:
    """Every kind that the rooms of the emergency record, with where."""
    found: dict[str, str] = {}
    for source in sources("dispatch", "sms"):
        for name, call in calls(source):
            if name != "events.record":
                continue
            kind = argument(call, 1, "kind")
            strings = [str(one.value) for one in ast.walk(kind) if isinstance(one, ast.Constant)] if kind else []
            if not strings or isinstance(kind, ast.JoinedStr):
                strings = sorted(MADE_UP_OF[source.name])
            found |= dict.fromkeys(strings, source.name)
    return found


def test_every_kind_that_is_recorded_has_a_sentence() -> None:
    kinds = recorded()
    assert len(kinds) > 30
    assert {kind: where for kind, where in kinds.items() if kind not in sentences.SENTENCES} == {}


def event(kind: str, **data: Any) -> Event:
    return Event(number=1, at=datetime(2026, 11, 23, tzinfo=UTC), kind=kind, actor="user:anna", data=data)


@pytest.mark.parametrize("kind", sorted(sentences.SENTENCES))
def test_every_sentence_reads_whole_even_when_nothing_is_known(kind: str) -> None:
    said = sentences.sentence(event(kind), None, None, None)
    assert said
    assert not {"{", "}", "None"} & set(said.split())


def test_a_kind_that_nobody_has_written_for_is_still_readable() -> None:
    assert sentences.sentence(event("something_new"), None, None, None) == "something new"


@pytest.mark.parametrize("table", [sentences.SENTENCES, {kind: words.text for kind, words in loud.KINDS.items()}])
def test_a_sentence_has_no_word_that_volunteers_and_dispatchers_do_not_use(table: dict[str, str]) -> None:
    for text in table.values():
        plain = "".join(part[0] for part in Formatter().parse(text)).lower()
        assert not any(word in plain for word in ("callout", "wave", "stand-down", "stood down")), text


def test_whatever_is_named_in_a_sentence_has_words() -> None:
    assert set(HAZARDS) == set(speech.HAZARDS)
    assert set(OUTCOMES) == set(speech.OUTCOMES)
    assert set(REASONS) <= set(speech.REASONS)
    assert set(speech.MEANINGS) <= set(Meaning)


def test_a_timeline_is_read_like_a_story(stage: Stage, desk: Desk) -> None:
    stage.street(1)
    opened = stage.open().incident_id
    stage.send()
    stage.text("v1", "1 4")
    inbox.handle_due(stage.wire)
    desk.does(f"/incidents/{opened}/note", {"text": "daughter meets them downstairs"})
    told = desk.does(f"/incidents/{opened}/stand-down", {"reason": "ambulance_on_scene"})["events"]
    said = [one["text"] for one in told]
    assert said[0] == "Emergency opened by cad: Cardiac arrest"
    assert "a volunteer is going: straight to the patient, there in 4 min" in said
    assert "Note by dispatcher: daughter meets them downstairs" in said
    assert "dispatcher told volunteers that they need not go: the ambulance is there" in said
    assert all("daughter" not in str(one["data"]) for one in told)
    assert all({"number", "at", "kind", "actor", "text", "data"} <= set(one) for one in told)


def test_a_name_is_in_the_timeline_only_while_it_may_be_shown(stage: Stage, desk: Desk) -> None:
    stage.street(1)
    opened = stage.open().incident_id
    stage.send()
    stage.text("v1", "1")
    inbox.handle_due(stage.wire)
    assert "v1 is going" in " ".join(one["text"] for one in desk.get(f"/incidents/{opened}")[1]["events"])
    stage.text("v1", "2")
    inbox.handle_due(stage.wire)
    assert "v1" not in " ".join(one["text"] for one in desk.get(f"/incidents/{opened}")[1]["events"])
