"""/join: anybody may become a volunteer. The form, the code that proves the phone, and then one's own page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from core.access import FORM, requires
from core.problems import Problem
from core.words import _
from responder import editing
from responder.certificates import kinds
from responder.certificates.kinds import Kind
from responder.fields import Context
from responder.input import ResponderInput, locate
from responder.joining import arriving, consents, proving
from responder.joining.arriving import Became
from responder.links import making
from responder.me import telling
from responder.me.room import HOME, Room, reader, set_cookie, shown

PATH = "/join"


_WRONG = {
    "name": _("Write your name."),
    "phone": _("A mobile number that can be texted, such as 040 123 4567 or +358 40 123 4567."),
    "address": _("We do not know this address. Write street, number and town."),
    "choose": _("We do not know this address. Write street and number, or choose one below."),
    "expires": _("A day that is still to come, or nothing."),
    "adult": _("You must be 18 or older."),
    "agree": _("Without your agreement nobody may ask you."),
}
_TOO_MANY = _("That was tried too often. Wait until tomorrow, or ring us and we do it with you.")
_WRONG_CODE = _("That is not the code. Look at the newest text from us.")
_OVER = _("This code has ended. Send the form again for a new one.")


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""

    @routes.get(PATH)
    @requires(FORM)
    def join() -> ResponseReturnValue:
        return _form(room, {"transport": "foot", "language": reader(room)}, {})

    @routes.post(PATH)
    @requires(FORM)
    def send() -> ResponseReturnValue:
        return _send(room, request.form.to_dict())

    @routes.post(f"{PATH}/code")
    @requires(FORM)
    def code() -> ResponseReturnValue:
        return _arrive(room, request.form.get("token", ""), request.form.get("code", ""))


def _send(room: Room, given: Mapping[str, str]) -> Response:
    settings, helping = room.services.settings, _helping(room)
    data, errors = _read(given, helping), _unticked(given)
    try:
        person = locate(ResponderInput.read(data, Context.of(settings, tuple(helping))), room.geocoder)
    except Problem as problem:
        errors = _errors(problem) | errors
        return _form(room, given, errors, matches=problem.extra.get("matches", ()))
    if errors:
        return _form(room, given, errors)
    with room.services.write() as session:
        network = room.above.network_of(request)
        begun = proving.begin(
            session, settings.secret, person.phone, network, person.model_dump(mode="json", exclude_none=True)
        )
        if begun is not None:
            room.above.send_code(session, person.phone, given.get("language", ""), begun.code)
    if begun is None:
        return _form(room, given, {"phone": _TOO_MANY}, status=429)
    return _code_page(room, begun.token)


def _arrive(room: Room, token: str, code: str) -> ResponseReturnValue:
    settings = room.services.settings
    with room.services.write() as session:
        attempt = proving.prove(session, settings.secret, token, code)
        if attempt is None:
            again = proving.may_try(session, settings.secret, token)
            return _code_page(room, token, _WRONG_CODE if again else _OVER, 422)
        arrived = arriving.arrive(session, settings, attempt.person | {"consent_at": None})
        attempt.person = {}
        if arrived.became is Became.SHARED:
            room.above.tell_shared(session, arrived.person)
            return shown(room, "me/shared.html", reader(room))
        link = making.make_link(session, settings, arrived.person)
        cookie = making.open_link(session, link.rpartition("/")[2])
    assert cookie is not None, "a link that was made a moment ago opens"
    return set_cookie(room, redirect(f"{HOME}?said=joined", 303), cookie)  # type: ignore[arg-type]  # flask's own Response


def _helping(room: Room) -> dict[str, Kind]:
    """The kinds of certificate that somebody may join with: one of them lets them be asked."""
    with room.services.read() as session:
        known, helping = kinds.known(session), room.above.helping(session)
    return {key: kind for key, kind in known.items() if not helping or key in helping}


def _read(given: Mapping[str, str], helping: Collection[str]) -> dict[str, Any]:
    """What was typed as the one shape that everything else checks."""
    place: dict[str, Any] = {"kind": "home", "address": given.get("address", "").strip() or None}
    match = given.get("match", "")
    if match and given.get("matched_for") == given.get("address"):
        where, _, place["address"] = match.partition("|")
        lat, _, lon = where.partition(",")
        place |= {"lat": lat.strip(), "lon": lon.strip()}
        place = {name: float(value) if name in ("lat", "lon") and _is_number(value) else value for name, value in place.items()}
    proof = {"type": given.get("certificate", ""), "expires": given.get("expires", "").strip() or None}
    return {
        "external_id": editing.new_external_id(),
        "name": given.get("name", "").strip(),
        "phone": given.get("phone", "").strip(),
        "language": given.get("language") or None,
        "transport": given.get("transport") or None,
        "night_alerts": given.get("night_alerts") == "yes",
        "calls": given.get("calls") == "yes",
        "consent_at": None,
        "places": [place],
        "certifications": [proof] if proof["type"] in helping else [],
    }


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).removeprefix("-").isdigit()


def _unticked(given: Mapping[str, str]) -> dict[str, str]:
    return {name: _WRONG[name] for name in ("adult", "agree") if given.get(name) != "yes"}


def _errors(problem: Problem) -> dict[str, str]:
    """What is wrong, by field of the form, in words for whoever typed it."""
    found: dict[str, str] = {}
    for one in problem.errors:
        first = one.pointer.split("/")[1] if "/" in one.pointer else ""
        name = {"places": "address", "certifications": "expires", "phone": "phone"}.get(first, "name")
        found.setdefault(name, _WRONG["choose" if name == "address" and problem.extra.get("matches") else name])
    return found


def _form(room: Room, fields: Mapping[str, str], errors: Mapping[str, str], status: int = 0, matches: Any = ()) -> Response:
    choices = [(f"{one['lat']}, {one['lon']}|{one['label']}", str(one["label"])) for one in matches]
    language = reader(room)
    return shown(
        room,
        "me/join.html",
        language,
        status or (422 if errors else 200),
        fields=fields,
        errors=errors,
        matches=choices,
        telling=telling,
        helps={key: kind.called(language) for key, kind in _helping(room).items()},
        languages=room.services.settings.languages,
        version=consents.VERSION,
        privacy_notice_url=room.services.settings.privacy_notice_url,
    )


def _code_page(room: Room, token: str, error: str = "", status: int = 200) -> Response:
    return shown(room, "me/code.html", reader(room), status, token=token, error=error)
