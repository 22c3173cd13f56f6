"""The source as data: every file of the rooms, parsed once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("core", "geo", "sms", "responder", "dispatch", "console")
SKIPPED = {".git", ".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "__pycache__", "var", "node_modules"}
"""Folders that are no part of the source."""


@dataclass(frozen=True)
class Source:
    """One Python file."""

    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """What Python makes of it, parsed when it is first wanted: every test process collects these files."""
        return ast.parse(self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every string that is written in it, docstrings among them."""
        return frozenset(constants(self.tree))

    @cached_property
    def calls(self) -> tuple[tuple[str, ast.Call], ...]:
        """Every call in it, and the called name as it is written: dozens of rules ask for them."""
        return tuple((ast.unparse(node.func), node) for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    @property
    def name(self) -> str:
        """Its path in the repository, with forward slashes."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def room(self) -> str:
        """The top folder it stands in."""
        return self.path.relative_to(ROOT).parts[0]


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """Every Python file under these folders of the repository."""
    found = []
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            found.append(Source(path, path.read_text(encoding="utf-8")))
    assert found, f"no source under {folders}"
    return tuple(found)


def files() -> Iterator[Path]:
    """Every file of the repository."""
    for path in sorted(ROOT.iterdir()):
        if path.name not in SKIPPED:
            yield from _files(path)


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir() and path.name not in SKIPPED and not path.is_symlink():
        for child in sorted(path.iterdir()):
            yield from _files(child)


def imported(source: Source) -> Iterator[tuple[str, int]]:
    """Every module a file imports, by its full name, and the line."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield module, node.lineno
            yield from ((f"{module}.{alias.name}", node.lineno) for alias in node.names)


def calls(source: Source) -> Iterator[tuple[str, ast.Call]]:
    """Every call in a file with the called name as it is written: `callouts.move`, `heard.reply`."""
    yield from source.calls


def argument(call: ast.Call, position: int, keyword: str) -> ast.expr | None:
    """An argument of a call by its position or its name."""
    for given in call.keywords:
        if given.arg == keyword:
            return given.value
    return call.args[position] if len(call.args) > position else None


def constants(tree: ast.AST) -> Iterator[str]:
    """Every string written in a tree, docstrings among them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
