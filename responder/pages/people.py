"""/people: the list, searched and filtered, and the addresses that a form offers while somebody types one."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request

from core import clock
from core.access import requires
from core.problems import field_problem
from geo import suggesting
from responder import listing, standing
from responder.certificates import queue
from responder.listing import Wanted
from responder.pages import wording
from responder.pages.kinds import labels
from responder.pages.room import READS, Room, may_change
from responder.standing import Standing


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""

    @routes.get("/people")
    @requires(READS)
    def people() -> str:
        wanted, now = _wanted(), clock.now()
        with room.services.read() as session:
            at = standing.At.of(room.services.settings, now)
            found = listing.find(session, wanted, at)
            shown = [(person, standing.of(person, at)) for person in found.people]
            return render_template(
                "responder/people.html",
                wanted=wanted,
                found=found,
                shown=shown,
                total=listing.count(session),
                to_verify=queue.count(session),
                most_counted=queue.MOST_COUNTED,
                wording=wording,
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


def _wanted() -> Wanted:
    typed = request.args.get("q", "").strip()[:100]
    return Wanted(typed, _standing(request.args.get("standing", "")), _after(request.args.get("after", "")))


def _standing(text: str) -> Standing | None:
    if not text:
        return None
    try:
        return Standing(text)
    except ValueError:
        raise field_problem("/standing", "one of " + ", ".join(Standing)) from None


def _after(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise field_problem("/after", "the number of a person")
    return int(text)
