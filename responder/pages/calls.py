"""/people/calls: whom somebody has to ring, until when, and what came of it. For admins alone: it is about how people are."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core import clock
from core.access import requires
from core.words import _
from responder.care import call_backs
from responder.pages import wording
from responder.pages.room import WRITES, Room

MOST_WAITING, MOST_DONE = 200, 30
LONGEST_NOTE = 500


WISHES = {
    call_backs.RING_ME: _("Asked to be rung."),
    call_backs.SO_SO: _("Is not so well. Nobody has promised a call."),
}
_TOO_LONG = _("at most 500 characters; nothing was noted yet")


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""

    @routes.get("/people/calls")
    @requires(WRITES)
    def calls() -> str:
        return _page(room)

    @routes.post("/people/calls/<int(max=2147483647):call_id>/done")
    @requires(WRITES)
    def rung(call_id: int) -> ResponseReturnValue:
        note = " ".join(request.form.get("note", "").split())
        if len(note) > LONGEST_NOTE:
            return _page(room, {call_id: _TOO_LONG}, {call_id: note}), 422
        with room.services.write() as session:
            call_backs.done(session, call_id, note, g.actor)
        return redirect(url_for("people.calls", said="rung"), 303)


def _page(room: Room, errors: dict[int, str] | None = None, typed: dict[int, str] | None = None) -> str:
    with room.services.read() as session:
        return render_template(
            "responder/calls.html",
            waiting=call_backs.waiting(session, MOST_WAITING),
            done=call_backs.done_lately(session, MOST_DONE),
            most=MOST_WAITING,
            longest=LONGEST_NOTE,
            wishes=WISHES,
            wording=wording,
            errors=errors or {},
            typed=typed or {},
            now=clock.now(),
            was_rung=request.args.get("said") == "rung",
        )
