"""Every route says who may call it; every page is rendered by somebody; every file it loads is there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment, nodes

from console.app import create_app
from core import access
from core.database import Database
from core.services import Services
from dispatch import plans
from tests.architecture.source import ROOMS, ROOT, sources

PAGES = tuple(path for room in ROOMS for path in sorted((ROOT / room).rglob("*.html")))
STATIC = tuple(path for room in ROOMS for path in sorted((ROOT / room).rglob("static/**/*")) if path.is_file())
MODULES = (".js", ".mjs")
NOT_LOADED = ("LICENSE.txt", "VERSIONS")
"""What stands beside a library of others: under which terms, and which release it is."""
MARKS = {access.PUBLIC, access.FORM, access.OWN_ACCOUNT, access.CARRIER, access.METRICS, access.SIMULATING}
LISTS = {"key:": set(access.SCOPES), "role:": set(access.ROLES)}


@pytest.fixture
def database(empty_sqlite: Database) -> Database:
    """One database is enough to ask which routes there are."""
    return empty_sqlite


@pytest.fixture
def app(services: Services) -> Flask:
    """The whole application."""
    with services.write() as session:
        plans.ensure_shipped(session)
    return create_app(services)


def test_every_route_says_who_may_call_it(app: Flask) -> None:
    rules = list(app.url_map.iter_rules())
    assert len(rules) > 10
    for rule in rules:
        mark = access.declared(app.view_functions[rule.endpoint])
        assert mark is not None, f"{rule.rule} says nothing"
        kind, _, listed = mark.partition(":")
        assert mark in MARKS or set(listed.split("|")) <= LISTS[f"{kind}:"], f"{rule.rule}: {mark}"


def test_nothing_that_changes_something_is_open_to_everybody(app: Flask) -> None:
    writing = {"POST", "PUT", "PATCH", "DELETE"}
    for rule in app.url_map.iter_rules():
        if writing & set(rule.methods or ()):
            assert access.declared(app.view_functions[rule.endpoint]) not in (access.PUBLIC, access.METRICS), rule.rule


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_page_is_rendered_or_extended_by_somebody(page: Path) -> None:
    name = page.as_posix().split("/templates/")[1]
    in_code = any(name in source.words for source in sources(*ROOMS))
    in_pages = any(f'"{name}"' in other.read_text(encoding="utf-8") for other in PAGES if other != page)
    assert in_code or in_pages, f"nobody uses {name}"


@pytest.mark.parametrize("path", [path for path in STATIC if path.name not in NOT_LOADED], ids=lambda path: path.name)
def test_every_static_file_is_loaded_by_somebody(path: Path) -> None:
    # A module names its neighbours, and a page what its own room serves, by their file names alone.
    name = path.name
    others = [other for other in (*PAGES, *STATIC) if other != path and other.suffix in (".html", ".css", *MODULES)]
    in_pages = any(name in other.read_text(encoding="utf-8") for other in others)
    assert in_pages or any(name in source.words for source in sources(*ROOMS)), f"nobody loads {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_file_that_a_page_loads_is_there(page: Path) -> None:
    link = r"""url_for\(\s*["']([\w.]*static)["']\s*,\s*filename=["']([^"']+)["']"""
    loaded = re.findall(link, page.read_text(encoding="utf-8"))
    there = {path.as_posix().split("/static/")[1] for path in STATIC}
    assert {name for _endpoint, name in loaded} <= there


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_no_word_of_a_page_is_given_twice(page: Path) -> None:
    """The second would take the place of the first, wherever that is said."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for table in environment.parse(page.read_text(encoding="utf-8")).find_all(nodes.Dict):
        names = Counter(pair.key.value for pair in table.items if isinstance(pair.key, nodes.Const))
        assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_page_keeps_to_what_the_content_policy_allows(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    # A block of JSON is data, which no browser runs.
    assert not re.search(r'<script(?![^>]*(?:\bsrc=|type="application/json"))', text), "a script in the page"
    assert not re.search(r"\son\w+=|\sstyle=", text), "a handler or a style in a tag"
    assert not re.search(r"(?:src|href)=[\"']https?://", text), "a file from another server"
