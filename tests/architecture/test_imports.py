"""Imports only go down: console -> dispatch -> responder -> geo and sms -> core."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import ROOMS, Source, imported, sources

MAY_IMPORT = {
    "core": set(),
    "geo": {"core"},
    "sms": {"core"},
    "responder": {"core", "geo", "sms"},
    "dispatch": {"core", "geo", "sms", "responder"},
    "console": {"core", "geo", "sms", "responder", "dispatch"},
}
"""`geo` and `sms` know neither each other nor anything above them."""


def upward(source: Source) -> list[str]:
    """The imports of a file that its room may not make."""
    allowed = MAY_IMPORT[source.room] | {source.room}
    forbidden = {*ROOMS, "scripts", "tests", "wsgi", "migrations"} - allowed
    return [f"{source.name}:{line} imports {name}" for name, line in imported(source) if name.split(".")[0] in forbidden]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_stands_below_it(room: str) -> None:
    assert [problem for source in sources(room) for problem in upward(source)] == []


def test_the_simulated_carrier_is_known_only_to_the_shell_scripts_and_tests() -> None:
    """It is the other side of the wire: whoever talked to it past the wire would not talk to a real carrier."""
    users = {
        source.name
        for source in sources(*ROOMS)
        if not source.name.startswith("sms/simulated/")
        and any(name.startswith("sms.simulated") for name, _ in imported(source))
    }
    assert users <= {"console/app.py"}


LATE = {"geo/nominatim.py: geopy.geocoders"}
"""What is read only where it is wanted, because every process of ours would take a sixth longer to start."""


def test_nothing_is_imported_inside_a_function() -> None:
    """A circle that is dodged is still a circle."""
    hidden = {
        f"{source.name}: {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name}"
        for source in sources(*ROOMS)
        for outer in ast.walk(source.tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(outer)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert hidden == LATE


def test_the_check_itself_sees_an_import_that_goes_up() -> None:
    text = "from dispatch import models\nimport responder.rules\nfrom core import clock"
    source = Source(sources("sms")[0].path, text)
    assert len(upward(source)) == 3, "`from dispatch import models` is a module and a name in it, and one more"
