"""Suspending, deactivating and reactivating one person from their page, each for a reason that is kept."""

from __future__ import annotations

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import requires
from core.problems import Problem, not_found
from responder import membership
from responder.pages.person import page
from responder.pages.room import PERSON, WRITES, Room, load


def add(routes: Blueprint, room: Room) -> None:
    """Register the view."""

    @routes.post(f"{PERSON}/membership/<name>")
    @requires(WRITES)
    def move_membership(responder_id: int, name: str) -> ResponseReturnValue:
        if name not in membership.MOVES:
            raise not_found("change of a membership")
        try:
            because = membership.reason(request.form.get("because", ""))
        except Problem as problem:
            return page(room, responder_id, errors={"because": problem.errors[0].detail}, typed=request.form), 422
        with room.services.write() as session:
            person = load(session, responder_id)
            if name == membership.SUSPEND:
                moved = room.above.suspend(session, responder_id, because, g.actor)
            else:
                moved = membership.change(session, person, name, because, g.actor)
        said = membership.MOVES[name].event.removeprefix("responder_") if moved else "unchanged"
        return redirect(url_for("people.person", responder_id=responder_id, said=said), 303)
