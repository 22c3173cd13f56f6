"""/people: the list, searched and filtered, and the addresses that a form offers while somebody types one."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, jsonify, render_template, request

from core import clock
from core.access import requires
from geo import districts, suggesting
from responder import listing, standing
from responder.bulk import actions
from responder.certificates import queue
from responder.pages import asked_for, bulk_words, filter_words, wording
from responder.pages.kinds import labels
from responder.pages.room import READS, Room, may_change

MOST_DISTRICTS = 500
"""How many parts of town the form offers; others can be typed."""


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""

    @routes.get("/people")
    @requires(READS)
    def people() -> str:
        return page(room, request.args, {})

    @routes.get("/people/api/addresses")
    @requires(READS)
    def addresses() -> Response:
        typed = request.args.get("q", "")
        with room.services.read() as session:
            found = suggesting.suggest(session, typed)
        return jsonify(matches=[one.label for one in found if one.beside is None])


def page(room: Room, given: Mapping[str, str], errors: Mapping[str, str]) -> str:
    """The list that `given` asks for; `errors` are those of the form below it, by field, and `given` what was typed there."""
    wanted, now = asked_for.read(given), clock.now()
    with room.services.read() as session:
        at = room.standing_at(session, now)
        found = listing.find(session, wanted, at, room.above.alerts_since)
        return render_template(
            "responder/people.html",
            wanted=wanted,
            asked=asked_for.written(wanted),
            districts=districts.known(session).names_in_order(),
            most_districts=MOST_DISTRICTS,
            found=found,
            shown=[(person, standing.of(person, at)) for person in found.people],
            total=listing.count(session),
            to_verify=queue.count(session),
            most_counted=queue.MOST_COUNTED,
            wording=wording,
            signs=wording.signs(is_admin=may_change()),
            words=filter_words,
            deeds=bulk_words.DEEDS | {"export": bulk_words.EXPORT},
            latest_bulk=actions.latest(session),
            kinds=labels(session, room.services.settings.default_language),
            now=now,
            may_change=may_change(),
            is_erased=given.get("said") == "erased",
            errors=errors,
            typed=given,
            ticked=set(request.form.getlist("person")),
        )
