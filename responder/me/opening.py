"""/m/{token}: a link is looked at as often as anybody likes, and opened once, by a button."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from core.access import FORM, requires
from responder.links import making, visits
from responder.me.room import HOME, Room, ended, forget_cookie, set_cookie, shown


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""

    @routes.get(f"{making.PATH}<token>")
    @requires(FORM)
    def look(token: str) -> ResponseReturnValue:
        # Phones fetch a link to show a preview of it; only a person presses a button.
        with room.services.read() as session:
            language, good = making.language_of(session, token), making.can_be_opened(session, token)
        if not good or language is None:
            return ended(room, language)
        return shown(room, "me/open.html", language)

    @routes.post(f"{making.PATH}<token>")
    @requires(FORM)
    def open_(token: str) -> ResponseReturnValue:
        with room.services.write() as session:
            language, cookie = making.language_of(session, token), making.open_link(session, token)
        if cookie is None:
            return ended(room, language)
        return set_cookie(room, redirect(HOME, 303), cookie)  # type: ignore[arg-type]  # flask's own Response, by its base's name

    @routes.post(f"{HOME}/leave")
    @requires(FORM)
    def leave() -> ResponseReturnValue:
        with room.services.write() as session:
            visits.end(session, request.cookies.get(visits.COOKIE, ""))
        return forget_cookie(room, shown(room, "me/left.html", request.form.get("language", "")))
