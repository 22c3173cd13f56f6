"""/people/waiting: people somebody has to look after, each list with the reason and what helps."""

from __future__ import annotations

from flask import Blueprint, render_template

from core.access import requires
from responder import still_there
from responder.joining import shared_numbers
from responder.pages.room import READS, Room, may_change

MOST_SHOWN = 200


def add(routes: Blueprint, room: Room) -> None:
    """Register the view."""

    @routes.get("/people/waiting")
    @requires(READS)
    def waiting() -> str:
        with room.services.read() as session:
            return render_template(
                "responder/waiting.html",
                paused=still_there.paused(session, MOST_SHOWN),
                shared=shared_numbers.waiting(session, MOST_SHOWN),
                most=MOST_SHOWN,
                may_change=may_change(),
            )
