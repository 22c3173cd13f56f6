"""/me: everything about oneself on one page, and what it means for the hours to come."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from core import clock
from core.access import FORM, requires
from responder import availability, standing
from responder.care import call_backs
from responder.certificates import kinds, states, words
from responder.hours_words import spoken
from responder.me import ahead, everything, telling
from responder.me.room import HOME, NoVisit, Room, ended, shown, who
from responder.models import Responder
from responder.pages.room import load


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""

    @routes.get(HOME)
    @requires(FORM)
    def me() -> ResponseReturnValue:
        try:
            responder_id = who(room)
            with room.services.read() as session:
                return page(room, session, load(session, responder_id))
        except NoVisit:
            return ended(room)

    @routes.get(f"{HOME}/everything.json")
    @requires(FORM)
    def everything_() -> ResponseReturnValue:
        try:
            responder_id = who(room)
            with room.services.read() as session:
                body = everything.about(session, room.services.settings, load(session, responder_id), room.above.alerts_of)
        except NoVisit:
            return ended(room)
        named = {"Content-Disposition": 'attachment; filename="everything-about-me.json"'}
        return Response(body, content_type="application/json", headers=named)


def page(room: Room, session: Session, person: Responder, status: int = 200, **more: Any) -> Response:
    """The page as it stands now; `more` are errors by field, and what was typed."""
    now = clock.now()
    values: dict[str, Any] = {"errors": {}, "typed": {}, "said": telling.SAID.get(request.args.get("said", ""))}
    return shown(
        room,
        "me/me.html",
        person.contact.language,
        status,
        person=person,
        places=sorted(person.places, key=lambda one: one.kind),
        kinds=kinds.known(session),
        states=states,
        certifications=sorted(person.certifications, key=lambda one: (one.type, one.id)),
        is_off=not availability.is_available(person, now),
        is_off_for_good=standing.is_off_for_good(person),
        call=call_backs.of_person(session, person.id),
        spans=ahead.of_person(session, room.services.settings, person.id, now, room.above.helping(session)),
        alerts=room.above.alerts_of(session, person.id),
        given=room.above.ledger_of(session, person.id),
        telling=telling,
        rejections=words.REJECTIONS,
        spoken=spoken,
        now=now,
        **values | more,
    )
