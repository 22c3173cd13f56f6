"""The soak in its short form, on an installation of real processes; in full it is `scripts/bench soak`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from dispatch.states import MOVES
from scripts.benches.soak_rules import possible
from scripts.lib.bootstrap import ROOT

ON_POSTGRESQL = ("--postgresql", "--victims", "database,conductor,worker-inbox")


@pytest.mark.parametrize(("arguments", "keys_at_least"), [((), 1), (ON_POSTGRESQL, 0)])
def test_a_storm_over_dying_processes_loses_nothing(arguments: tuple[str, ...], keys_at_least: int) -> None:
    """Calls are rung half a minute after the texts: where the database itself is restarted, few come in so short a storm."""
    size = ["--incidents", "10", "--seconds", "12", "--patience", "75"]
    command = [sys.executable, "-m", "scripts.benches.soak", *size, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    facts = {one["what"]: one for one in json.loads(done.stdout.splitlines()[-1])}
    missed = [what for what, one in facts.items() if one.get("met") is False]
    assert not missed, done.stderr
    assert facts["processes killed"]["value"] >= 4
    assert facts["answers from phones"]["value"] > 20
    assert facts["of these pressed in calls"]["value"] >= keys_at_least


@pytest.mark.parametrize(
    ("answers", "asked_again", "can_be", "cannot_be"),
    [
        ([], False, {"queued", "alerted", "expired", "stood_down"}, {"accepted", "declined"}),
        (["1"], False, {"accepted", "stood_down"}, {"alerted", "expired", "declined"}),
        (["2"], False, {"declined"}, {"accepted", "stood_down", "alerted"}),
        (["1", "3"], False, {"on_scene", "stood_down"}, {"accepted", "finished"}),
        (["1", "3", "4"], False, {"finished", "stood_down"}, {"on_scene"}),
        (["1", "2"], False, {"declined"}, {"accepted"}),
        (["2", "on my way"], False, {"accepted", "stood_down"}, {"declined"}),
        (["who is this?"], False, {"unclear", "expired"}, {"alerted", "queued"}),
        (["A1"], False, {"accepted"}, {"queued"}),
        (["2"], True, {"declined", "queued", "alerted"}, {"accepted"}),
    ],
)
def test_the_rules_tell_what_may_have_become_of_a_callout(
    answers: list[str], asked_again: bool, can_be: set[str], cannot_be: set[str]
) -> None:
    states = possible(answers, asked_again=asked_again)
    assert can_be <= states
    assert not cannot_be & states
    assert states <= possible(answers, asked_again=asked_again, doubted=True)
    assert states <= {move.after for move in MOVES.values()} | {"queued"}


def test_whose_text_was_in_doubt_may_have_been_asked_after_all() -> None:
    """Words that nobody understood came while they counted as not reached."""
    assert "alerted" in possible(["who is this?"], doubted=True)
    assert "alerted" not in possible(["2"], doubted=True)
