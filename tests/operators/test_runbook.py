"""Whoever is woken finds a section for what woke them, and no section speaks of what is not there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from console.operators import RUNBOOK
from core import fault_kinds
from dispatch import alarms
from dispatch.desk import loud
from dispatch.operators import waiting_alarms
from dispatch.operators.looks import LOOKS
from tests.architecture.source import ROOMS, sources

WORDS = RUNBOOK.read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r'### <a id="([a-z-]+)"></a>(.*?)(?=\n###? |\Z)', WORDS, re.DOTALL))
ALARMS = {value for name, value in vars(alarms).items() if name.isupper() and isinstance(value, str)} | {loud.FLOOD}
STANDS_ELSEWHERE = {
    fault_kinds.ALERT_FAILED: "dispatch/operators/posting.py",
    fault_kinds.DATABASE_FAILING: "dispatch/operators/guard.py",
    fault_kinds.WEBHOOKS_REFUSED: "console/guarding.py",
}
"""Kinds that no look sees, and who says so."""


def wanted() -> set[str]:
    return {fault_kinds.section(kind) for kind in fault_kinds.KINDS} | {f"alarm-{kind.replace('_', '-')}" for kind in ALARMS}


def test_every_kind_has_its_section_and_every_section_a_kind() -> None:
    assert set(SECTIONS) == wanted()


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_a_section_says_what_it_means_what_to_do_and_when_it_is_over(section: str) -> None:
    for part in ("**Means:**", "**Do:**", "**Over:**"):
        assert part in SECTIONS[section]


@pytest.mark.parametrize("kind", fault_kinds.KINDS)
def test_a_section_is_headed_as_the_fault_is_told(kind: str) -> None:
    assert SECTIONS[fault_kinds.section(kind)].splitlines()[0] == fault_kinds.KINDS[kind].title


def test_every_kind_is_seen_or_said_by_somebody() -> None:
    seen = {kind for look in LOOKS for kind in look.kinds}
    for kind, where in STANDS_ELSEWHERE.items():
        named = {node.attr for node in ast.walk(ast.parse(Path(where).read_text())) if isinstance(node, ast.Attribute)}
        assert kind.upper() in named, where
    assert seen | set(STANDS_ELSEWHERE) == set(fault_kinds.KINDS)


def test_a_fault_is_named_by_its_constant_or_known() -> None:
    """A kind written as a string in a room below is one of ours."""
    said = {
        argument.value
        for source in sources(*ROOMS)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("faults.stand", "faults.end") and len(node.args) > 1
        for argument in node.args[1:2]
        if isinstance(argument, ast.Constant)
    }
    assert said <= set(fault_kinds.KINDS)


def test_an_alarm_that_operators_hear_of_is_one_that_is_raised() -> None:
    assert set(waiting_alarms.UNANSWERED_S) <= ALARMS
    assert not set(waiting_alarms.UNANSWERED_S) & set(alarms.FOR_ADMIN)
