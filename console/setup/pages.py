"""The set-up page: whoever holds the link says whose service this is, and becomes its first admin."""

from __future__ import annotations

from gettext import gettext

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from console.accounts import passwords, sessions, signed_in, users
from console.setup import form as forms
from console.setup import links
from console.setup.form import Form
from core import agency, clock, events
from core.access import ADMIN, FORM, requires
from core.agency_settings import AgencyValues
from core.problems import Problem, field_problem
from core.services import Services

_GONE = Problem(410, "This link cannot be used")


def blueprint(services: Services) -> Blueprint:
    """GET and POST /set-up."""
    pages = Blueprint("setup", __name__)

    @pages.get("/set-up")
    @requires(FORM)
    def show() -> ResponseReturnValue:
        token = request.args.get("token", "")
        with services.read() as session:
            if not links.is_good(session, token):
                return _ended(agency.is_set_up(session))
        settings = services.settings
        form = forms.shown(settings)
        form.values["default_region"] = form.values["default_region"] if form.fixed else _region_asked_for(form)
        form.values["time_zone"] = _zone_of(form)
        form.values.update(
            organisation=_unless_default("organisation", form), contact_phone=_unless_default("contact_phone", form)
        )
        return _page(token, form, 200)

    @pages.post("/set-up")
    @requires(FORM)
    def send() -> ResponseReturnValue:
        token = request.form.get("token", "")
        form, values = forms.read(request.form, services.settings)
        form.values["name"] = request.form.get("name", "").strip()
        _check_login(form)
        if values is None or form.errors:
            return _page(token, form, 422)
        try:
            with services.write() as session:
                cookie = _set_up(session, services, token, values, form.values["name"])
        except Problem as problem:
            if problem is _GONE:
                return _ended(done=True)
            form.blame(problem)
            return _page(token, form, 422)
        services.settings_changed()
        response = make_response(redirect("/admin/area", 303))
        signed_in.set_cookie(services, response, sessions.COOKIE, cookie)
        return response

    return pages


def _check_login(form: Form) -> None:
    """What is wrong with name and password is said together with the other fields, and long before anything is written."""
    name, password = form.values["name"], request.form.get("password", "")
    if not name:
        form.errors["name"] = gettext("A name to sign in with, such as ada or ada@example.org")
    try:
        passwords.check_new(password)
        if password != request.form.get("password_again", ""):
            raise field_problem("/password_again", "Not the same as above: type it once more")
    except Problem as problem:
        form.blame(problem)


def _set_up(session: Session, services: Services, token: str, values: AgencyValues, name: str) -> str:
    """Everything in one transaction: the link is used up, the agency written, the first admin signed in. Returns the cookie."""
    if not links.use(session, token):
        raise _GONE
    agency.store(session, values, services.settings, f"user:{users.normal(name)}")
    user = users.add(session, name, ADMIN, request.form["password"], "set-up link", given=False)
    row = agency.ensure(session)
    row.set_up_at, row.set_up_by = clock.now(), f"user:{user.name}"
    events.record(session, "set_up", f"user:{user.name}", user_id=user.id)
    return sessions.begin(session, user, signed_in.address(request), request.headers.get("User-Agent", ""))


def _page(token: str, form: Form, status: int) -> Response:
    chosen = forms.choices("en")
    page = render_template("setup/set_up.html", token=token, form=form, zones_of=dict(forms.zones_of_regions()), **chosen)
    return make_response(page, status)


def _ended(done: bool) -> Response:
    return make_response(render_template("setup/ended.html", done=done), 410)


def _region_asked_for(form: Form) -> str:
    """The country of the browser's language, where it names one that we know."""
    for language, _ in request.accept_languages:
        region = language.rpartition("-")[2].upper()
        if len(region) == 2 and "-" in language and region in dict(forms.choices("en")["regions"]):
            return region
    return str(form.values["default_region"])


def _zone_of(form: Form) -> str:
    """The one zone of the region; nothing, to be chosen, where there are several. What the environment fixes stays."""
    if "time_zone" in form.fixed:
        return str(form.values["time_zone"])
    return forms.zones_of_regions().get(form.values["default_region"], "")


def _unless_default(name: str, form: Form) -> str:
    """Nobody's service is called Doorstep or has its number: these are asked for, not proposed."""
    default = AgencyValues.model_fields[name].default
    return "" if name not in form.fixed and form.values[name] == default else str(form.values[name])
