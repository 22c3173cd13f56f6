"""Rules of the house that no tool checks: one clock, small files, nothing unexplained, nobody who asks if this is a test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import ROOMS, Source, calls, files, sources

LONGEST_FILE, LONGEST_FUNCTION = 400, 60
ALL = sources(*ROOMS, "scripts", "migrations")
CLOCKS = re.compile(r"(datetime|dt)\.(now|utcnow|today)|date\.today|time\.(time|time_ns|sleep|monotonic|perf_counter)")
MAY_ASK_WHETHER_SIMULATING = {
    "console/accounts/demo.py": "whether the demo's logins open anything",
    "core/settings.py": "where it is worked out",
    "console/app.py": "the page of phones is there",
    "console/access.py": "the page of phones is guarded",
    "console/pages.py": "the banner",
    "console/setup/golive.py": "the go-live list says that no real carrier is set",
    "sms/claims.py": "the guard that keeps demo people and real carriers apart",
}
MAY_ASK_FOR_DRAFTS = {"core/settings.py": "where it is worked out", "dispatch/writing.py": "languages nobody has approved"}


def _of_the_carrier(source: Source) -> bool:
    return source.name.startswith("sms/simulated/")


def test_all_time_comes_from_the_one_clock() -> None:
    found = [
        f"{source.name}:{call.lineno} {name}"
        for source in sources(*ROOMS)
        if source.room != "core"
        for name, call in calls(source)
        if CLOCKS.fullmatch(name)
    ]
    assert found == []


def test_in_the_ground_floor_only_clock_and_queue_look_at_the_machines_time() -> None:
    users = {source.name for source in sources("core") for name, _ in calls(source) if CLOCKS.fullmatch(name)}
    assert users <= {"core/clock.py", "core/queue.py"}


def _asking(attribute: str) -> set[str]:
    return {
        source.name
        for source in sources(*ROOMS)
        if not _of_the_carrier(source)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr == attribute
    }


def test_only_the_listed_few_ask_whether_this_simulates() -> None:
    assert _asking("simulating") == set(MAY_ASK_WHETHER_SIMULATING)
    assert _asking("drafts_may_be_sent") <= set(MAY_ASK_FOR_DRAFTS)


def test_nobody_asks_whether_this_is_a_test_a_demo_or_a_benchmark() -> None:
    suspicious = re.compile(r"PYTEST|pytest|sys\.modules|\bis_demo\b|\bin_test\b|headless|\bbenchmark\b")
    found = [
        f"{source.name}:{number}"
        for source in sources(*ROOMS)
        if not _of_the_carrier(source)
        for number, line in enumerate(source.text.splitlines(), 1)
        if suspicious.search(line)
    ]
    assert found == []


def _public(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """What others may use: top-level functions and classes, and the public methods of these classes. What a protocol of the
    same file promises is said there once."""
    promised = {
        one.name
        for node in source.tree.body
        if isinstance(node, ast.ClassDef) and "Protocol" in map(ast.unparse, node.bases)
        for one in node.body
        if isinstance(one, ast.FunctionDef)
    }
    for node in source.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef) and not _says_it_above(node):
                methods = (one for one in node.body if isinstance(one, ast.FunctionDef))
                yield from (one for one in methods if not one.name.startswith("_") and one.name not in promised)


def _says_it_above(node: ast.ClassDef) -> bool:
    """What a class takes over from another, ours or a library's, is said there."""
    return bool(node.bases)


def test_everything_public_says_what_it_is() -> None:
    found = [
        f"{source.name}:{node.lineno} {node.name}"
        for source in sources(*ROOMS)
        for node in _public(source)
        if ast.get_docstring(node) is None
    ]
    assert found == []


def test_every_file_says_what_it_is() -> None:
    assert [source.name for source in ALL if source.text.strip() and ast.get_docstring(source.tree) is None] == []


def test_files_are_small() -> None:
    lengths = {source.name: len(source.text.splitlines()) for source in ALL if source.room != "migrations"}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_functions_are_small() -> None:
    found = [
        f"{source.name}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for source in ALL
        if source.room != "migrations"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert found == []


def test_nothing_is_left_for_later_in_the_code() -> None:
    marks = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "HA" + "CK", "NotImplemented" + "Error")))
    found = [
        f"{source.name}:{number}"
        for source in (*ALL, *sources("tests"))
        for number, line in enumerate(source.text.splitlines(), 1)
        if marks.search(line)
    ]
    assert found == []


def test_an_ignored_type_says_which_and_why() -> None:
    bare = re.compile(r"#\s*type:\s*ignore(?!\[[\w, -]+\]\s+#\s*\S)")
    found = [
        f"{source.name}:{number}"
        for source in ALL
        for number, line in enumerate(source.text.splitlines(), 1)
        if bare.search(line)
    ]
    assert found == []


def test_nobody_prints_in_the_rooms() -> None:
    printing = [f"{source.name}:{call.lineno}" for source in sources(*ROOMS) for name, call in calls(source) if name == "print"]
    assert printing == []


@pytest.mark.parametrize("word", ["/work/", "/root/", "/home/", "localhost:8081"])
def test_no_file_names_a_path_of_one_machine(word: str) -> None:
    # In pieces, so that this file does not name what it looks for.
    texts = {".py", ".md", ".toml", ".txt", ".html", ".css", ".js", ".cfg", ".ini", ""}
    found = [
        path.as_posix()
        for path in files()
        if path.suffix in texts and path.name != "test_house_rules.py"
        if word in path.read_text(encoding="utf-8", errors="ignore")
    ]
    assert found == []


def test_every_lock_of_the_database_has_a_number_of_its_own() -> None:
    numbers = [
        (node.value.value, source.name)
        for source in sources(*ROOMS)
        for node in source.tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        if any(isinstance(name, ast.Name) and name.id.endswith("_LOCK") for name in node.targets)
    ]
    assert len(numbers) > 5
    assert len({number for number, _ in numbers}) == len(numbers), sorted(numbers)


def test_no_two_advisory_locks_share_a_number() -> None:
    """PostgreSQL knows them by their numbers alone: two of one number would wait for each other for no reason, or for ever."""
    numbers = [
        node.value.value
        for source in ALL
        for node in source.tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, int)
        if any(isinstance(name, ast.Name) and name.id.endswith("_LOCK") for name in node.targets)
    ]
    assert len(numbers) >= 7
    assert len(set(numbers)) == len(numbers)
