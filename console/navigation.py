"""The pages that the head of every page leads to, and who sees which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask

from core.access import ADMIN, AUDITOR, DISPATCHER
from core.words import _


@dataclass(frozen=True)
class Entry:
    """One link: its address, what it is called, and the roles that see it (`None` stands for somebody not signed in)."""

    path: str
    label: str
    roles: tuple[str | None, ...]


ENTRIES = (
    Entry("/desk", _("Desk"), (DISPATCHER, AUDITOR)),
    Entry("/admin", _("Overview"), (ADMIN,)),
    Entry("/people", _("People"), (ADMIN, AUDITOR)),
    Entry("/coverage", _("Cover"), (ADMIN, AUDITOR)),
    Entry("/area", _("Area"), (ADMIN, AUDITOR)),
    Entry("/users", _("Users"), (ADMIN, AUDITOR)),
    Entry("/privacy", _("Privacy"), (ADMIN, AUDITOR)),
    Entry("/phones", _("Phones"), (None, DISPATCHER, ADMIN, AUDITOR)),
)
FIRST = {DISPATCHER: "/desk", AUDITOR: "/desk", ADMIN: "/admin"}
"""Where a role's work begins."""


def entries(app: Flask, role: str | None) -> Sequence[Entry]:
    """The links that this role sees, of the pages that exist here."""
    there = _paths(app)
    return [entry for entry in ENTRIES if role in entry.roles and entry.path in there]


def first_page(app: Flask, role: str) -> str:
    """Where somebody of this role goes after signing in."""
    path = FIRST[role]
    return path if path in _paths(app) else "/"


def _paths(app: Flask) -> set[str]:
    return {rule.rule for rule in app.url_map.iter_rules()}
