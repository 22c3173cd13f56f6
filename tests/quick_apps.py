"""What a test's application takes over from the one before it. Hundreds of tests build the whole console anew, and two thirds
of that is to compile the same routes and the same templates again: a tenth of the suite's time."""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

import pytest
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class KeptTemplates(BytecodeCache):
    """The code of every template, by its name and what it is made of."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """What was kept, or nothing."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self._kept[bucket.key, bucket.checksum] = bucket.code


def keep(patch: pytest.MonkeyPatch) -> None:
    """Let every application of this process share them until `patch` is undone."""
    patch.setattr(Flask, "jinja_options", {"bytecode_cache": KeptTemplates()})
    patch.setattr(Rule, "compile", _kept_whole(Rule.compile))
    patch.setattr(Rule, "_compile_builder", _kept(Rule._compile_builder))


def _kept_whole(compile_rule: Callable[[Rule], None]) -> Callable[[Rule], None]:
    """How an address is read, which depends on nothing but the route's pattern: no converter of ours looks at its map."""
    rules: dict[Any, Rule] = {}

    def compiled(rule: Rule) -> None:
        assert rule.map is not None
        pattern = (rule.rule, rule.host, rule.subdomain, repr(rule.defaults))
        key = (*pattern, rule.merge_slashes, rule.map.host_matching, rule.websocket)
        if key not in rules:
            compile_rule(rule)
            rules[key] = rule
            return
        known = rules[key]
        rule._parts, rule._trace, rule._converters = known._parts, known._trace, known._converters
        rule._build = rule._compile_builder(False).__get__(rule, None)
        rule._build_unknown = rule._compile_builder(True).__get__(rule, None)

    return compiled


def _kept(compile_builder: Callable[..., Any]) -> Callable[..., Any]:
    """What turns a route's name into its address depends on nothing but its pattern and its defaults."""
    builders: dict[Any, Any] = {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, rule.host, rule.subdomain, repr(rule.defaults), append_unknown)
        if key not in builders:
            builders[key] = compile_builder(rule, append_unknown)
        return builders[key]

    return compiled
