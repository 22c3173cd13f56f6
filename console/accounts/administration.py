"""/users: who may sign in. For admins; auditors read it."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from console.accounts import passwords, sessions, users
from console.accounts.browsers import told
from console.models import User
from core.access import ROLES, requires
from core.problems import Problem
from core.services import Services

_READ, _CHANGE = "role:admin|auditor", "role:admin"


def blueprint(services: Services) -> Blueprint:
    """The list, one user, and what their forms send."""
    views = Users(services)
    pages = Blueprint("users", __name__, url_prefix="/users")
    pages.add_url_rule("", view_func=views.listing, endpoint="listing")
    pages.add_url_rule("", view_func=views.add, methods=["POST"], endpoint="add")
    pages.add_url_rule("/<int:user_id>", view_func=views.one, endpoint="one")
    for name in ("role", "off", "on", "password"):
        path = f"/<int:user_id>/{name}"
        pages.add_url_rule(path, view_func=getattr(views, name), methods=["POST"], endpoint=name)
    pages.add_url_rule("/<int:user_id>/sessions/end", view_func=views.end_all, methods=["POST"], endpoint="end_all")
    end = "/<int:user_id>/sessions/<int:session_id>/end"
    pages.add_url_rule(end, view_func=views.end, methods=["POST"], endpoint="end")
    return pages


class Users:
    """The views."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @requires(_READ)
    def listing(self) -> ResponseReturnValue:
        """Everybody, and a form for one more."""
        return self._list()

    @requires(_CHANGE)
    def add(self) -> ResponseReturnValue:
        """One more user; their password is on the page that answers, and nowhere else ever after."""
        password = passwords.generate()
        name, role = request.form.get("name", ""), request.form.get("role", "")
        try:
            with self._services.write() as session:
                user = users.add(session, name, role, password, g.actor, given=True)
        except Problem as problem:
            return self._list({one.pointer[1:]: one.detail for one in problem.errors}), problem.status
        return self._one(user.id, password=password), 201

    @requires(_READ)
    def one(self, user_id: int) -> ResponseReturnValue:
        """One user with their sessions."""
        return self._one(user_id, done=request.args.get("done", ""))

    @requires(_CHANGE)
    def role(self, user_id: int) -> ResponseReturnValue:
        """Another role; they sign in again."""
        with self._services.write() as session:
            users.change_role(session, user_id, request.form.get("role", ""), g.actor)
        return _back(user_id, "role")

    @requires(_CHANGE)
    def off(self, user_id: int) -> ResponseReturnValue:
        """They may not sign in any more."""
        with self._services.write() as session:
            users.switch(session, user_id, g.actor, on=False)
        return _back(user_id, "off")

    @requires(_CHANGE)
    def on(self, user_id: int) -> ResponseReturnValue:
        """They may sign in again."""
        with self._services.write() as session:
            users.switch(session, user_id, g.actor, on=True)
        return _back(user_id, "on")

    @requires(_CHANGE)
    def password(self, user_id: int) -> ResponseReturnValue:
        """A new password for somebody who has lost theirs, shown once."""
        password = passwords.generate()
        with self._services.write() as session:
            users.set_password(session, users.by_id(session, user_id), password, g.actor, given=True)
        return self._one(user_id, password=password)

    @requires(_CHANGE)
    def end(self, user_id: int, session_id: int) -> ResponseReturnValue:
        """Sign one of their browsers out."""
        with self._services.write() as session:
            sessions.end(session, users.by_id(session, user_id), session_id, g.actor)
        return _back(user_id, "ended")

    @requires(_CHANGE)
    def end_all(self, user_id: int) -> ResponseReturnValue:
        """Sign all of their browsers out."""
        with self._services.write() as session:
            sessions.end_all(session, users.by_id(session, user_id), g.actor)
        return _back(user_id, "ended")

    def _list(self, errors: dict[str, str] | None = None) -> str:
        with self._services.read() as session:
            everybody = users.everybody(session)
        return render_template("accounts/users.html", users=everybody, roles=ROLES, errors=errors or {}, form=request.form)

    def _one(self, user_id: int, *, password: str = "", done: str = "") -> str:
        with self._services.read() as session:
            user: User = users.by_id(session, user_id)
            rows = [(row, told(row.browser)) for row in sessions.of_user(session, user_id)]
        return render_template("accounts/user.html", shown=user, rows=rows, roles=ROLES, password=password, done=done)


def _back(user_id: int, done: str) -> ResponseReturnValue:
    return redirect(f"/users/{user_id}?done={done}", 303)
