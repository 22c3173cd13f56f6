"""The page of phones, on which a person plays any volunteer. The application asks the carrier process on its behalf."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from core import clock
from core.access import SIMULATING, requires
from core.problems import Problem, field_problem
from core.services import Services
from core.words import fill
from sms import contacts
from sms.simulated.catalog import LANGUAGES, words
from sms.simulated.client import CarrierControl, CarrierDown, CarrierRefused
from sms.simulated.model import Mode
from sms.simulated.roster import line, lines

Names = Callable[[], Mapping[str, str]]
_NUMBER = re.compile(r"\+[1-9][0-9]{4,14}")
LONGEST_TEXT = 1600
_NAMES_KEEP_S = 5.0
_DEEDS = ("answer", "decline", "hang_up", "press")
_KEYS = tuple("123456789*0#")
_STATIC = Path(__file__).parent / "static"


def blueprint(services: Services, names: Names) -> Blueprint:
    """The page at /phones. `names` tells whose phone a number is; the wire itself knows no responder."""
    page = Phones(services, names)
    phones = Blueprint("phones", __name__, url_prefix="/phones", template_folder="templates")
    phones.add_url_rule("", view_func=page.show, endpoint="show")
    phones.add_url_rule("/state", view_func=page.state, endpoint="state")
    phones.add_url_rule("/texts", view_func=page.send, methods=["POST"], endpoint="send")
    phones.add_url_rule("/call", view_func=page.on_phone, methods=["POST"], endpoint="call")
    phones.add_url_rule("/autopilot", view_func=page.fly, methods=["POST"], endpoint="fly")
    # A route of its own and not the blueprint's: every route must declare who may call it.
    phones.add_url_rule("/static/<path:filename>", view_func=page.asset, endpoint="asset")
    return phones


class Phones:
    """The views."""

    def __init__(self, services: Services, names: Names) -> None:
        self._services = services
        self._carrier = CarrierControl(services.settings)
        self._ask_names = names
        self._names_read: tuple[float, Mapping[str, str]] | None = None

    @requires(SIMULATING)
    def show(self) -> ResponseReturnValue:
        """The whole page; `open` is the number of the phone shown, in any usual writing: also one that nobody knows."""
        language = request.accept_languages.best_match(LANGUAGES) or self._services.settings.default_language
        seen = self._look(self._written(request.args.get("open", "")), None)
        return render_template(
            "simulated/phones.html", t=words(language), language=language, modes=list(Mode), keys=_KEYS, **seen
        )

    @requires(SIMULATING)
    def state(self) -> ResponseReturnValue:
        """What the page shows, as JSON, for its polling; `known` is the version it already shows."""
        answer = jsonify(self._look(request.args.get("open"), request.args.get("known")))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @requires(SIMULATING)
    def send(self) -> ResponseReturnValue:
        """A phone texts us."""
        number, body = request.form.get("number", ""), request.form.get("body", "").strip()
        if not _NUMBER.fullmatch(number):
            raise field_problem("/number", "a phone number that begins with +")
        if not 0 < len(body) <= LONGEST_TEXT:
            raise field_problem("/body", fill("1 to {most} characters", most=LONGEST_TEXT))
        return self._done(lambda: self._carrier.send(number, body), url_for("phones.show", open=number))

    @requires(SIMULATING)
    def on_phone(self) -> ResponseReturnValue:
        """A phone's call is picked up, declined or ended, or a key is pressed in it."""
        number, key, do = request.form.get("number", ""), request.form.get("key", ""), request.form.get("do", "press")
        if not _NUMBER.fullmatch(number):
            raise field_problem("/number", "a phone number that begins with +")
        if do not in _DEEDS or (do == "press" and key not in _KEYS):
            what = fill("one of {expected}; press with a key of {keys}", expected=", ".join(_DEEDS), keys=" ".join(_KEYS))
            raise field_problem("/do", what)
        return self._done(lambda: self._carrier.on_phone(number, do, key), url_for("phones.show", open=number))

    @requires(SIMULATING)
    def fly(self) -> ResponseReturnValue:
        """Switch the volunteers that answer by themselves."""
        mode = request.form.get("mode", "")
        if mode not in set(Mode):
            raise field_problem("/mode", fill("one of {expected}", expected=", ".join(Mode)))
        return self._done(lambda: self._carrier.set_autopilot(mode), url_for("phones.show"))

    @requires(SIMULATING)
    def asset(self, filename: str) -> ResponseReturnValue:
        """The page's own style and script."""
        return send_from_directory(_STATIC, filename)

    def _done(self, act: Callable[[], Any], then: str) -> ResponseReturnValue:
        """Do it, then answer 204 to the page's script and a redirect to a form that was sent without it."""
        try:
            act()
        except CarrierDown as error:
            raise Problem(502, "The simulated carrier does not answer") from error
        except CarrierRefused as refusal:
            raise Problem(refusal.status, fill("The simulated carrier refuses: {why}", why=str(refusal))) from refusal
        scripted = request.headers.get("X-Requested-With") == "fetch"
        return Response(status=204) if scripted else redirect(then, 303)

    def _written(self, number: str) -> str | None:
        """A number as somebody typed it, beginning with +; None for what is none."""
        try:
            return contacts.normalise(number, self._services.settings.default_region)
        except ValueError:
            return None

    def _names(self) -> Mapping[str, str]:
        """Whose phone each number is, read again every few seconds: the page polls every second."""
        now = clock.monotonic_s()
        if self._names_read is None or now - self._names_read[0] > _NAMES_KEEP_S:
            self._names_read = (now, self._ask_names())
        return self._names_read[1]

    def _look(self, number: str | None, known: str | None) -> dict[str, Any]:
        """Phones with their names, and the open phone's conversation. Without a carrier the page still shows the names."""
        names = self._names()
        wanted = number if number and _NUMBER.fullmatch(number) else None
        zone = self._services.settings.zone_info
        try:
            opened = self._carrier.conversation(wanted) if wanted else None
            seen = self._carrier.phones(known)
        except (CarrierDown, CarrierRefused):
            return {"up": False, "version": None, "autopilot": None, "phones": lines([], names, zone), "open": None}
        shown = None
        if wanted:
            shown = line(opened or {"number": wanted}, names, zone)
        phones = None if seen["phones"] is None else lines(seen["phones"], names, zone)
        return {"up": True, "version": seen["version"], "autopilot": seen["autopilot"], "phones": phones, "open": shown}
