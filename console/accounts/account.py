"""A user's own account: where they are signed in, their password, day or night."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from console.accounts import passwords, sessions, signed_in, signing_in, users
from console.accounts.browsers import told
from console.accounts.pages import whence, within
from console.models import User
from core.access import OWN_ACCOUNT, requires
from core.problems import Problem
from core.services import Services
from core.words import _


def blueprint(services: Services) -> Blueprint:
    """/account and what its forms send."""
    views = Account(services)
    pages = Blueprint("account", __name__, url_prefix="/account")
    pages.add_url_rule("", view_func=views.show, endpoint="show")
    pages.add_url_rule("/password", view_func=views.password, methods=["POST"], endpoint="password")
    pages.add_url_rule("/theme", view_func=views.theme, methods=["POST"], endpoint="theme")
    pages.add_url_rule("/sessions/<int:session_id>/end", view_func=views.end, methods=["POST"], endpoint="end")
    pages.add_url_rule("/sessions/end-others", view_func=views.end_others, methods=["POST"], endpoint="end_others")
    return pages


class Account:
    """The views. `g.user` is the one whose account it is."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @requires(OWN_ACCOUNT)
    def show(self) -> ResponseReturnValue:
        """The page."""
        return self._page()

    @requires(OWN_ACCOUNT)
    def password(self) -> ResponseReturnValue:
        """A new password; every other browser is signed out."""
        old, new, again = (request.form.get(name, "") for name in ("current", "password", "again"))
        try:
            passwords.check_new(new)
        except Problem as problem:
            return self._page({"password": problem.errors[0].detail})
        if new != again:
            return self._page({"again": _("not the same as the new password")})

        def change(session: Session, user: User) -> bool:
            users.set_password(session, user, new, g.actor, given=False, keep=self._this())
            return True

        # The current one is asked for again: a screen left open alone must not be enough to take an account over.
        try:
            changed = signing_in.prove(self._services, g.user.name, old, whence(self._services, g.user.name), change)
        except signing_in.MustWait as wait:
            raise Problem(429, "Too many attempts. Try again a little later", retry_after_s=wait.seconds) from None
        return redirect("/account?done=password", 303) if changed else self._page({"current": _("not your current password")})

    @requires(OWN_ACCOUNT)
    def theme(self) -> ResponseReturnValue:
        """Day, night or automatic: 204 for the switch's script, else back to the page it was set on."""
        with self._services.write() as session:
            users.set_theme(users.by_id(session, g.user.id), request.form.get("theme", ""))
        if request.headers.get("X-Requested-With") == "fetch":
            return Response(status=204)
        return redirect(within(request.form.get("next")) or "/account", 303)

    @requires(OWN_ACCOUNT)
    def end(self, session_id: int) -> ResponseReturnValue:
        """Sign one browser out."""
        with self._services.write() as session:
            sessions.end(session, g.user, session_id, g.actor)
        return redirect("/account?done=ended", 303)

    @requires(OWN_ACCOUNT)
    def end_others(self) -> ResponseReturnValue:
        """Sign every browser but this one out."""
        with self._services.write() as session:
            sessions.end_all(session, g.user, g.actor, keep=self._this())
        return redirect("/account?done=ended", 303)

    def _this(self) -> int:
        found = signed_in.current(self._services)
        assert found is not None  # the mark lets nobody else here
        return found.session.id

    def _page(self, errors: dict[str, str] | None = None) -> ResponseReturnValue:
        with self._services.read() as session:
            rows = [(row, told(row.browser)) for row in sessions.of_user(session, g.user.id)]
        shown = {"rows": rows, "this": self._this(), "errors": errors or {}, "shortest": passwords.SHORTEST}
        page = render_template("accounts/account.html", done=request.args.get("done", ""), **shown)
        return page, 422 if errors else 200
