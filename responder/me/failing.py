"""What stands on a volunteer's own pages when something failed there: what happened and what to do now, in their language."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from core.words import _
from responder.links import making, visits
from responder.me import joining
from responder.me.room import HOME, Room, number_to_text, reader, shown

_ROOM = "doorstep_me"
_OURS = (HOME, making.PATH.rstrip("/"), joining.PATH)
_OLD = (_("This page has grown old"), _("Nothing was saved. Open the page again and send it once more."))
_NOWHERE = (_("There is no page here"), _("Perhaps a part of the address is missing."))
_SAID: Mapping[int, tuple[str, str]] = {
    403: _OLD,
    404: _NOWHERE,
    405: _NOWHERE,
    413: (_("That is too large to send"), _("Nothing was saved. Send a smaller file.")),
    429: (_("Too much was sent at once"), _("Wait a minute and try again.")),
    503: (_("This does not work just now"), _("Wait a minute and try again.")),
}
_UNUSABLE = (_("What you sent cannot be used"), _("Nothing was saved. Go back and try again."))
_BROKEN = (_("Something broke here"), _("It is not your fault. Wait a few minutes and try again."))
_NEEDS_VISIT = (403, 413)
"""What also comes of a visit that is over: its form has grown old, and a picture is let in only while it lasts."""
_BY_LINK = (403, 404, 405)
"""What a new link helps against."""


def add(routes: Blueprint, room: Room) -> None:
    """Let `page` find its tools where it is asked, wherever in the application something failed."""
    routes.record_once(lambda state: state.app.extensions.update({_ROOM: room}))


def page(status: int, fault: str | None) -> Response | None:
    """The page for a request that failed with `status`, None where its address is none of ours. `fault` is what the log
    calls the failure."""
    room: Room | None = current_app.extensions.get(_ROOM)
    path = request.path
    if room is None or not any(path == one or path.startswith(f"{one}/") for one in _OURS):
        return None
    language, is_over = _reader(room)
    number = number_to_text(room.services.settings)
    if is_over and status in _NEEDS_VISIT:
        return shown(room, "me/ended.html", language, status, number=number)
    title, sentence = _SAID.get(status) or (_BROKEN if status >= 500 else _UNUSABLE)
    joins = path.startswith(joining.PATH)
    again = f"{joining.PATH}?lang={language}" if joins else path if path.startswith(making.PATH) and status != 404 else HOME
    values = {"title": title, "sentence": sentence, "fault": fault, "joins": joins, "again": again, "number": number}
    return shown(room, "me/failed.html", language, status, by_link=not joins and status in _BY_LINK, **values)


def _reader(room: Room) -> tuple[str, bool]:
    """Which language to use, and whether this is a page of a visit that is over."""
    cookie, token = request.cookies.get(visits.COOKIE, ""), request.path.removeprefix(making.PATH)
    try:
        with room.services.read() as session:
            language = visits.language_of(session, cookie) or making.language_of(session, token)
            return language or reader(room), request.path.startswith(HOME) and not visits.is_visit(session, cookie)
    except (SQLAlchemyError, TimeoutError):  # the database may be what failed
        return reader(room), False
