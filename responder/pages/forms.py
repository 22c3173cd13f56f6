"""/people/new and /people/{id}/edit: the long form of one person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core import events
from core.access import requires
from core.problems import Problem
from geo import examples
from responder import editing
from responder.certificates import kinds
from responder.fields import Context
from responder.input import ResponderInput
from responder.pages import typed as form
from responder.pages import wording
from responder.pages.kinds import labels
from responder.pages.room import PERSON, WRITES, Room, load
from responder.people import UNCHANGED
from sms import contacts


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""

    @routes.get("/people/new")
    @requires(WRITES)
    def new() -> str:
        return _page(room, {"transport": "foot", "language": room.services.settings.default_language})

    @routes.post("/people/new")
    @requires(WRITES)
    def create() -> ResponseReturnValue:
        return _create(room)

    @routes.get(f"{PERSON}/edit")
    @requires(WRITES)
    def edit(responder_id: int) -> str:
        with room.services.write() as session:
            person = load(session, responder_id)
            events.record(session, "responder_opened", g.actor, responder_id=person.id)
        return _page(room, form.of(person, room.services.settings.zone_info), person=person, revision=person.revision)

    @routes.post(f"{PERSON}/edit")
    @requires(WRITES)
    def save(responder_id: int) -> ResponseReturnValue:
        return _save(room, responder_id)


def _create(room: Room) -> ResponseReturnValue:
    given = request.form.to_dict()
    external_id = given.get("external_id", "").strip() or editing.new_external_id()
    reading = form.read(given, external_id, None, room.services.settings.zone_info)
    try:
        person = ResponderInput.read(reading.data, _context(room))
        responder_id = editing.add(room.services, room.geocoder, person, g.actor)
    except Problem as problem:
        return _page(room, given, errors=reading.errors(problem), matches=reading.matches(problem)), 422
    return redirect(url_for("people.person", responder_id=responder_id, said="added"), 303)


def _save(room: Room, responder_id: int) -> ResponseReturnValue:
    given, zone = request.form.to_dict(), room.services.settings.zone_info
    with room.services.read() as session:
        person = load(session, responder_id)
    reading = form.read(given, person.external_id, person, zone)
    try:
        wanted = ResponderInput.read(reading.data, _context(room))
        outcome = editing.change(room.services, room.geocoder, responder_id, form.revision(given), wanted, g.actor)
    except editing.ChangedMeanwhile:
        with room.services.read() as session:
            person = load(session, responder_id)
        shown = {"conflicts": form.conflicts(given, person, zone), "is_overtaken": True}
        return _page(room, given, person=person, revision=person.revision, **shown), 409
    except Problem as problem:
        more = {"errors": reading.errors(problem), "matches": reading.matches(problem)}
        return _page(room, given, person=person, revision=form.revision(given), **more), problem.status
    said = "unchanged" if outcome.kind == UNCHANGED else "saved"
    return redirect(url_for("people.person", responder_id=responder_id, said=said), 303)


def _context(room: Room) -> Context:
    with room.services.read() as session:
        return Context.of(room.services.settings, kinds.keys(session))


def _page(room: Room, fields: Mapping[str, str], **more: Any) -> str:
    with room.services.read() as session:
        house = examples.of_town(session)
    shown: dict[str, Any] = {"person": None, "revision": 0, "errors": {}, "matches": {}, "conflicts": {}, "is_overtaken": False}
    with room.services.read() as session:
        named = labels(session, room.services.settings.default_language)
    return render_template(
        "responder/form.html",
        fields=fields,
        proofs=form.proofs(fields),
        wording=wording,
        kinds=named,
        languages=room.services.settings.languages,
        number=contacts.example(room.services.settings.default_region),
        coordinates=f"{house.lat:.4f}, {house.lon:.4f}" if house else None,
        **shown | more,
    )
