"""Signing in and out."""

from __future__ import annotations

import re

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from console import navigation
from console.accounts import demo, devices, sessions, signed_in, signing_in, users
from core.access import FORM, OWN_ACCOUNT, requires
from core.services import Services

_OURS = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
"""An address on this site: what begins with two slashes, or a slash and a backslash, leads elsewhere."""


def blueprint(services: Services) -> Blueprint:
    """/sign-in and /sign-out."""
    views = SignIn(services)
    pages = Blueprint("accounts", __name__)
    pages.add_url_rule("/sign-in", view_func=views.form, endpoint="sign_in")
    pages.add_url_rule("/sign-in", view_func=views.sign_in, methods=["POST"], endpoint="signing_in")
    pages.add_url_rule("/sign-out", view_func=views.sign_out, methods=["POST"], endpoint="sign_out")
    return pages


class SignIn:
    """The views."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @requires(FORM)
    def form(self) -> ResponseReturnValue:
        """The form; whoever is signed in already is sent on."""
        found = signed_in.current(self._services)
        if found is not None:
            return redirect(self._next(found.user.role), 303)
        return self._show("")

    @requires(FORM)
    def sign_in(self) -> ResponseReturnValue:
        """An attempt: on to the own first page with a new session, or the form again."""
        name, password = request.form.get("name", ""), request.form.get("password", "")
        if not name.strip() or not password:
            return self._show("empty", 422)
        try:
            done = signing_in.attempt(self._services, name, password, whence(self._services, name))
        except signing_in.MustWait as wait:
            answer = self._show("wait", 429, wait.seconds)
            answer.headers["Retry-After"] = str(wait.seconds)
            return answer
        if done is None:
            return self._show("wrong", 401)
        user, token = done
        self._end_old()
        answer = make_response(redirect(self._next(user.role), 303))
        signed_in.set_cookie(self._services, answer, sessions.COOKIE, token)
        kept = int(devices.KEPT.total_seconds())
        signed_in.set_cookie(
            self._services, answer, devices.COOKIE, devices.remember(self._services.settings.secret, user.name), kept
        )
        return answer

    @requires(OWN_ACCOUNT)
    def sign_out(self) -> ResponseReturnValue:
        """End this browser's session."""
        self._end_old()
        answer = make_response(redirect("/sign-in", 303))
        answer.delete_cookie(sessions.COOKIE, path="/")
        return answer

    def _end_old(self) -> None:
        """Whoever was signed in on this browser before is signed out, not left behind without a cookie."""
        found = signed_in.current(self._services)
        if found is not None:
            with self._services.write() as session:
                sessions.end(session, found.user, found.session.id, f"user:{found.user.name}", "signed_out")

    def _show(self, trouble: str, status: int = 200, seconds: int = 0) -> Response:
        page = render_template(
            "accounts/sign_in.html",
            trouble=trouble,
            minutes=-(-seconds // 60),
            seconds=seconds,
            name=request.form.get("name", ""),
            next=request.values.get("next", ""),
            demo_names=demo.offered(self._services),
            demo_password=demo.PASSWORD,
        )
        return make_response(page, status)

    def _next(self, role: str) -> str:
        return within(request.values.get("next")) or navigation.first_page(current_app, role)


def within(wanted: str | None) -> str | None:
    """`wanted` if it is an address on this site that leads further than to the start, else None."""
    return wanted if wanted and wanted != "/" and _OURS.fullmatch(wanted) else None


def whence(services: Services, name: str) -> signing_in.From:
    """Where this request comes from, for an attempt in this name."""
    device = devices.known(services.settings.secret, request.cookies.get(devices.COOKIE), users.normal(name))
    return signing_in.From(signed_in.address(request), request.user_agent.string, device)
