"""What is wrong with the system, on the pages: a line on each of them, the list on the admin's first page, and the runbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import markdown
from flask import Blueprint, Flask, g, redirect, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from core import access, faults
from core.access import SIGNED_IN, requires
from core.services import Services
from dispatch.operators import shown

RUNBOOK = Path(__file__).resolve().parents[1] / "docs" / "runbook.md"


def register(app: Flask, services: Services) -> None:
    """Bring the pages into `app`, and the line into every page."""
    app.register_blueprint(_blueprint(services))

    def standing() -> Sequence[shown.Shown]:
        with services.read() as session:
            return shown.standing(session)

    def degraded() -> Sequence[str]:
        try:
            with services.read() as session:
                return shown.degraded(session)
        except (SQLAlchemyError, TimeoutError):
            return ()  # a page that is rendered all the same says what it has to say without this line

    @app.context_processor
    def _of_the_system() -> dict[str, object]:
        return {"degraded": degraded, "faults": standing}


def _blueprint(services: Services) -> Blueprint:
    pages = Blueprint("operators", __name__)

    @pages.post("/admin/faults/<int:fault_id>/seen")
    @requires(f"role:{access.ADMIN}")
    def seen(fault_id: int) -> ResponseReturnValue:
        """An admin sees to it: nobody is told of it again. Of one that is over it changes nothing."""
        with services.write() as session:
            faults.acknowledge(session, fault_id, g.actor)
        return redirect("/admin#faults", 303)

    @pages.get("/runbook")
    @requires(SIGNED_IN)
    def runbook() -> ResponseReturnValue:
        """docs/runbook.md, so that whoever is woken needs no checkout to read it."""
        words = markdown.markdown(RUNBOOK.read_text(encoding="utf-8"), extensions=["tables", "fenced_code"])
        return render_template("runbook.html", words=Markup(words))  # noqa: S704 - our own file

    return pages
