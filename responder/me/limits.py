"""/me/limit: the most alerts that one wishes in seven days."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from core import events
from core.access import FORM, requires
from core.problems import field_problem
from core.words import fill
from responder.care.sparing import MOST_WISHED
from responder.me.room import HOME, NoVisit, Room, ended, visitor


def add(routes: Blueprint, room: Room) -> None:
    """Register the view."""

    @routes.post(f"{HOME}/limit")
    @requires(FORM)
    def limit() -> ResponseReturnValue:
        most = _most(request.form.get("most", ""))
        try:
            with room.services.write() as session:
                person = visitor(session)
                person.most_alerts = most
                session.flush()
                room.above.recount(session, person.id)
                events.record(session, "responder_limit", f"responder:{person.id}", responder_id=person.id, most=most)
        except NoVisit:
            return ended(room)
        return redirect(f"{HOME}?said=saved", 303)


def _most(typed: str) -> int | None:
    """What was chosen, None for no limit. Raises Problem 422 for what the page does not offer."""
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and 1 <= int(typed[:4]) <= MOST_WISHED):
        raise field_problem("/most", fill("a number from 1 to {most}, or nothing", most=MOST_WISHED))
    return int(typed)
