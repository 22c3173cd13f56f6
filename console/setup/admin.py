"""An admin's first page: what is missing before a real emergency, with the buttons that do it, and the agency's settings."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from console.setup import backups, carrier, golive, proof, tasks
from console.setup import form as forms
from core import access, agency, log, milestones
from core.access import SIGNED_IN, requires
from core.problems import Problem
from core.services import Services
from core.words import fill, translated
from responder.care import call_backs

_ADMINS = f"role:{access.ADMIN}"
_READERS = f"role:{access.ADMIN}|{access.AUDITOR}"
_log = log.get("backup")


def blueprint(services: Services, list_: golive.GoLive) -> Blueprint:
    """/admin and what hangs on it. Everybody who signs in may read the list; only admins press its buttons."""
    pages = Blueprint("admin", __name__)
    views = _Views(services, list_)
    pages.get("/admin")(views.show)
    pages.get("/admin/api/go-live")(views.state)
    pages.post("/admin/prove-webhook")(views.prove_webhook)
    pages.post("/admin/look-at-carrier")(views.look_at_carrier)
    pages.post("/admin/backup")(views.make_backup)
    pages.post("/admin/tasks/<int:alarm_id>/done")(views.task_done)
    pages.get("/admin/settings")(views.show_settings)
    pages.post("/admin/settings")(views.change_settings)
    return pages


class _Views:
    def __init__(self, services: Services, list_: golive.GoLive) -> None:
        self._services = services
        self._list = list_

    @requires(SIGNED_IN)
    def show(self) -> ResponseReturnValue:
        """The list."""
        return self._page()

    @requires(SIGNED_IN)
    def state(self) -> ResponseReturnValue:
        """Which lines are done, for the page that waits for an answer."""
        proof.notice_answer(self._services)
        return jsonify(done=[item.key for item in self._items() if item.done])

    @requires(_ADMINS)
    def prove_webhook(self) -> ResponseReturnValue:
        """Text the number that was given."""
        try:
            with self._services.write() as session:
                proof.send(session, self._services.settings, request.form.get("number", ""), g.actor)
        except Problem as problem:
            wrong = translated(problem.errors[0].detail if problem.errors else problem.title)
            return self._page(422, wrong={"webhook": wrong})
        return self._back("webhook")

    @requires(_ADMINS)
    def look_at_carrier(self) -> ResponseReturnValue:
        """Ask the carrier whether it knows us."""
        settings = self._services.settings
        found = carrier.look(settings)
        with self._services.write() as session:
            facts = {"reached": found.reached, "carrier": carrier.mark(settings)}
            milestones.reach(session, milestones.CARRIER, g.actor, **facts)
        if not found.reached:
            return self._page(502, wrong={"carrier": translated(found.words)})
        return self._back("carrier")

    @requires(_ADMINS)
    def make_backup(self) -> ResponseReturnValue:
        """Make one in the data folder."""
        try:
            backups.make(self._services, g.actor)
        except (OSError, SQLAlchemyError, backups.Unusable) as error:
            _log.exception("a backup could not be made")
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            said = fill("No backup was made: {reason}", reason=reason)
            return self._page(500, wrong={"backup": translated(said)})
        return self._back("backup")

    @requires(_ADMINS)
    def task_done(self, alarm_id: int) -> ResponseReturnValue:
        """Somebody has seen to it."""
        tasks.done(self._services, alarm_id, g.actor)
        return redirect("/admin#tasks", 303)

    @requires(_READERS)
    def show_settings(self) -> ResponseReturnValue:
        """The agency's settings."""
        return self._settings_page(forms.shown(self._services.settings), 200)

    @requires(_ADMINS)
    def change_settings(self) -> ResponseReturnValue:
        """Change them; every process uses them within two seconds."""
        form, values = forms.read(request.form, self._services.settings)
        if values is None:
            return self._settings_page(form, 422)
        with self._services.write() as session:
            agency.store(session, values, self._services.settings, g.actor)
        self._services.settings_changed()
        return redirect("/admin/settings?saved=1", 303)

    def _items(self) -> list[golive.Item]:
        with self._services.read() as session:
            return golive.items(session, self._services.settings)

    def _page(self, status: int = 200, wrong: dict[str, str] | None = None) -> Response:
        self._list.look_again()
        proof.notice_answer(self._services)
        with self._services.read() as session:
            waiting = proof.waiting(session) is not None
            # Names of volunteers are for those who keep their papers.
            to_do = tasks.waiting(session, self._services.settings) if g.user.role in (access.ADMIN, access.AUDITOR) else ()
            # How people are is for admins alone.
            to_ring = call_backs.counts(session) if g.user.role == access.ADMIN else None
        shown = self._items()
        done = sum(item.done for item in shown)
        facts: dict[str, Any] = {"items": shown, "done": done, "wrong": wrong or {}, "waiting": waiting}
        facts |= {"tasks": to_do, "to_ring": to_ring}
        return make_response(render_template("setup/admin.html", may_act=g.user.role == access.ADMIN, **facts), status)

    def _settings_page(self, form: forms.Form, status: int) -> Response:
        chosen = forms.choices("en")
        zones_of = dict(forms.zones_of_regions())
        page = render_template(
            "setup/settings.html",
            form=form,
            zones_of=zones_of,
            saved="saved" in request.args,
            may_act=g.user.role == access.ADMIN,
            **chosen,
        )
        return make_response(page, status)

    def _back(self, line: str) -> ResponseReturnValue:
        self._list.look_again()
        return redirect(f"/admin#{line}", 303)
