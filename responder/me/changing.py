"""/me/change: one's places and hours, language, transport, and what one agrees to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from core.access import FORM, requires
from core.problems import Problem
from core.words import _
from responder import editing
from responder.fields import Context
from responder.input import ResponderInput
from responder.me import fields as form
from responder.me import telling
from responder.me.room import HOME, NoVisit, Room, ended, shown, who
from responder.models import Responder
from responder.pages.room import load
from responder.pages.typed import revision
from responder.people import UNCHANGED

_OVERTAKEN = _("Something was changed elsewhere meanwhile. This is how it stands now: please look, and save once more.")


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""

    @routes.get(f"{HOME}/change")
    @requires(FORM)
    def change() -> ResponseReturnValue:
        try:
            person = _person(room)
        except NoVisit:
            return ended(room)
        return _page(room, person, form.of(person, room.services.settings.zone_info))

    @routes.post(f"{HOME}/change")
    @requires(FORM)
    def save() -> ResponseReturnValue:
        try:
            person = _person(room)
        except NoVisit:
            return ended(room)
        return _save(room, person, request.form.to_dict())


def _person(room: Room) -> Responder:
    responder_id = who(room)
    with room.services.read() as session:
        return load(session, responder_id)


def _save(room: Room, person: Responder, given: Mapping[str, str]) -> ResponseReturnValue:
    settings = room.services.settings
    reading, wrong = form.read(given, person, settings.zone_info)
    try:
        wanted = ResponderInput.read(reading.data, Context.of(settings))
        if wrong:
            return _page(room, person, given, 422, errors=wrong)
        outcome = editing.change(room.services, room.geocoder, person.id, revision(given), wanted, f"responder:{person.id}")
    except editing.ChangedMeanwhile:
        fresh = _person(room)
        return _page(room, fresh, form.of(fresh, settings.zone_info), 409, notice=_OVERTAKEN)
    except Problem as problem:
        found = form.errors(reading, problem) | wrong
        return _page(room, person, given, 422, errors=found, matches=reading.matches(problem))
    return redirect(f"{HOME}?said={'unchanged' if outcome.kind == UNCHANGED else 'saved'}", 303)


def _page(room: Room, person: Responder, fields: Mapping[str, str], status: int = 200, **more: Any) -> Response:
    values: dict[str, Any] = {"errors": {}, "matches": {}, "notice": ""}
    return shown(
        room,
        "me/change.html",
        person.contact.language,
        status,
        person=person,
        fields=fields,
        telling=telling,
        kinds=form.KINDS,
        unwritten={place.kind for place in person.places if not place.address},
        languages=room.services.settings.languages,
        **values | more,
    )
