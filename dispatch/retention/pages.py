"""/privacy: what is kept how long, for admins and auditors."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template

from core.access import requires
from core.services import Services
from dispatch.retention import request_pages, rounds, wording
from dispatch.retention.rules import RULES

_DAY = timedelta(days=1)


def blueprint(services: Services) -> Blueprint:
    """The page of the rules."""
    pages = Blueprint("retention", __name__, template_folder="../templates")

    @pages.get("/privacy")
    @requires("role:admin|auditor")
    def kept() -> str:
        settings = services.settings
        with services.read() as session:
            due, ran = rounds.due(session, settings), rounds.last_runs(session)
        shown = [
            (
                *wording.WHAT[rule.key],
                wording.how_long(rule.setting, rule.kept(settings) / _DAY),
                ran.get(rule.key),
                due[rule.key],
            )
            for rule in RULES
        ]
        return render_template(
            "dispatch/retention.html", shown=shown, most=rounds.MOST_COUNTED, by_themselves=wording.BY_THEMSELVES
        )

    request_pages.add(pages, services)
    return pages
