"""What an admin does for a person while they speak with them: sends the question whether they agree, or the link; hands out
everything that is kept about them."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, url_for
from flask.typing import ResponseReturnValue

from core import events
from core.access import requires
from core.problems import Problem
from responder.joining import shared_numbers
from responder.me import everything
from responder.me.room import Room
from responder.pages.room import PERSON, WRITES, load


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""

    @routes.post(f"{PERSON}/ask-consent")
    @requires(WRITES)
    def ask_consent(responder_id: int) -> ResponseReturnValue:
        with room.services.write() as session:
            person = load(session, responder_id)
            if person.consent_at is not None:
                raise Problem(409, "This person has agreed already")
            room.above.ask_consent(session, person)
            events.record(session, "consent_asked", g.actor, responder_id=person.id)
        return _back(responder_id)

    @routes.post(f"{PERSON}/send-link")
    @requires(WRITES)
    def send_link(responder_id: int) -> ResponseReturnValue:
        with room.services.write() as session:
            person = load(session, responder_id)
            room.above.send_link(session, person)
            events.record(session, "personal_link_sent", g.actor, responder_id=person.id)
        return _back(responder_id)

    @routes.get(f"{PERSON}/everything.json")
    @requires(WRITES)
    def everything_for_them(responder_id: int) -> Response:
        """For whoever asks without the web. It holds every text to them, so no auditor reads it; and it is an event."""
        with room.services.write() as session:
            person = load(session, responder_id)
            body = everything.about(session, room.services.settings, person, room.above.alerts_of)
            events.record(session, "everything_handed_out", g.actor, responder_id=person.id)
        named = {"Content-Disposition": f'attachment; filename="everything-about-{responder_id}.json"'}
        return Response(body, content_type="application/json", headers=named)

    @routes.post("/people/waiting/<int(max=2147483647):shared_id>/settled")
    @requires(WRITES)
    def settled(shared_id: int) -> ResponseReturnValue:
        with room.services.write() as session:
            shared_numbers.settle(session, shared_id, g.actor)
        return redirect(url_for("people.waiting"), 303)


def _back(responder_id: int) -> ResponseReturnValue:
    return redirect(url_for("people.person", responder_id=responder_id, said="texted"), 303)
