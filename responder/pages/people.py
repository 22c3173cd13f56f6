"""/people: the list, searched and filtered, and the addresses that a form offers while somebody types one."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request

from core import clock
from core.access import requires
from geo import districts, suggesting
from responder import listing, standing
from responder.certificates import queue
from responder.pages import asked_for, filter_words, wording
from responder.pages.kinds import labels
from responder.pages.room import READS, Room, may_change

MOST_DISTRICTS = 500
"""How many parts of town the form offers; others can be typed."""


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""

    @routes.get("/people")
    @requires(READS)
    def people() -> str:
        wanted, now = asked_for.read(request.args), clock.now()
        with room.services.read() as session:
            at = standing.At.of(room.services.settings, now)
            found = listing.find(session, wanted, at, room.alerts_since)
            shown = [(person, standing.of(person, at)) for person in found.people]
            return render_template(
                "responder/people.html",
                wanted=wanted,
                asked=asked_for.written(wanted),
                districts=districts.known(session).names_in_order(),
                found=found,
                shown=shown,
                total=listing.count(session),
                to_verify=queue.count(session),
                most_counted=queue.MOST_COUNTED,
                wording=wording,
                words=filter_words,
                most_districts=MOST_DISTRICTS,
                kinds=labels(session, room.services.settings.default_language),
                now=now,
                may_change=may_change(),
                is_erased=request.args.get("said") == "erased",
            )

    @routes.get("/people/api/addresses")
    @requires(READS)
    def addresses() -> Response:
        typed = request.args.get("q", "")
        with room.services.read() as session:
            found = suggesting.suggest(session, typed)
        return jsonify(matches=[one.label for one in found])
