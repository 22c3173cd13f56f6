"""/people/bulk: something is done to many people, ticked or found by a search: looked at first, then done, and undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from core import clock, events
from core.access import requires
from core.problems import Problem
from responder import exporting, listing
from responder.bulk import actions, deeds, working
from responder.bulk.models import BulkAction
from responder.models import Responder
from responder.pages import asked_for, bulk_words, people
from responder.pages.actions import read_until
from responder.pages.room import READS, WRITES, Room, may_change

EXPORT = "export"
FOUND = "found"
"""The scope that stands for everybody whom the search finds."""
MOST_NAMED = 100


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""
    _add_beginning(routes, room)
    _add_steps(routes, room)

    @routes.get("/people/bulk/<action_id>")
    @requires(READS)
    def bulk(action_id: str) -> str:
        with room.services.read() as session:
            return _page(session, actions.find(session, action_id))

    @routes.get("/people/api/bulk/<action_id>")
    @requires(READS)
    def bulk_progress(action_id: str) -> Response:
        with room.services.read() as session:
            action = actions.find(session, action_id)
            done = _done(action, actions.became(session, action))
            return jsonify(state=action.state, stalled=actions.is_stalled(action), done=done, rows=action.people)


def _add_beginning(routes: Blueprint, room: Room) -> None:
    @routes.post("/people/bulk")
    @requires(WRITES)
    def begin_bulk() -> ResponseReturnValue:
        form = request.form
        try:
            with room.services.read() as session:
                who = _who(room, session)
            if form.get("deed") == EXPORT:
                return _export(room, who)
            until, error = read_until(room.services, form.get("until", "") if form.get("deed") == deeds.PAUSE else "")
            if error:
                return people.page(room, form, {"until": error}), 422
            because = form.get("because", "")
            action_id = actions.begin(room.services, form.get("deed", ""), because, until, who, g.actor)
        except Problem as problem:
            errors = {one.pointer.strip("/"): one.detail for one in problem.errors}
            return people.page(room, form, errors), problem.status
        return _to_page(action_id)


def _add_steps(routes: Blueprint, room: Room) -> None:
    services = room.services

    def work_on(action_id: str) -> ResponseReturnValue:
        working.start(services, room.above.of_deeds, action_id)
        return _to_page(action_id)

    @routes.post("/people/bulk/<action_id>/go")
    @requires(WRITES)
    def bulk_go(action_id: str) -> ResponseReturnValue:
        moved = actions.move(services, action_id, actions.LOOKED_AT, actions.WORKING, g.actor)
        return work_on(action_id) if moved else _to_page(action_id)

    @routes.post("/people/bulk/<action_id>/undo")
    @requires(WRITES)
    def bulk_undo(action_id: str) -> ResponseReturnValue:
        moved = actions.move(services, action_id, actions.DONE, actions.UNDOING, g.actor)
        return work_on(action_id) if moved else _to_page(action_id)

    @routes.post("/people/bulk/<action_id>/again")
    @requires(WRITES)
    def bulk_again(action_id: str) -> ResponseReturnValue:
        return work_on(action_id) if actions.claim_stalled(services, action_id) else _to_page(action_id)

    @routes.post("/people/bulk/<action_id>/discard")
    @requires(WRITES)
    def bulk_discard(action_id: str) -> ResponseReturnValue:
        actions.discard(services, action_id)
        return redirect(url_for("people.people"), 303)


def _who(room: Room, session: Session) -> Sequence[ColumnElement[bool]]:
    """Whom the form means: those ticked, or everybody whom the search finds. Raises Problem 422 when nobody is ticked."""
    if request.form.get("scope") == FOUND:
        at = room.standing_at(session, clock.now())
        return listing.matching(session, asked_for.read(request.form), at, room.above.alerts_since)
    ticked = [number for one in request.form.getlist("person")[: listing.PAGE] if (number := asked_for.number(one))]
    if not ticked:
        raise actions.nobody()
    return [Responder.agency_id == 1, Responder.erased_at.is_(None), Responder.id.in_(ticked)]


def _export(room: Room, who: Sequence[ColumnElement[bool]]) -> Response:
    with room.services.write() as session:
        events.record(session, "people_exported", g.actor, scope=request.form.get("scope", ""))
    named = {"Content-Disposition": 'attachment; filename="people.csv"'}
    body = stream_with_context(exporting.as_csv(room.services, who))
    return Response(body, content_type="text/csv; charset=utf-8", headers=named)


def _to_page(action_id: str) -> ResponseReturnValue:
    return redirect(url_for("people.bulk", action_id=action_id), 303)


def _page(session: Session, action: BulkAction) -> str:
    is_new = action.state == actions.LOOKED_AT
    counts = actions.expected(session, action) if is_new else actions.became(session, action)
    stalled = actions.is_stalled(action)
    shown: dict[str, Any] = {"action": action, "counts": counts, "done": _done(action, counts), "is_new": is_new}
    return render_template(
        "responder/bulk.html",
        **shown,
        named=actions.named(session, action, MOST_NAMED),
        most_named=MOST_NAMED,
        words=bulk_words,
        is_stalled=stalled,
        is_working=action.state in actions.AT_WORK and not stalled,
        may_undo=action.state == actions.DONE
        and deeds.DEEDS[action.deed].undo is not None
        and counts.get(actions.DONE_TO, 0) > 0,
        may_change=may_change(),
    )


def _done(action: BulkAction, became: Mapping[str, int]) -> int:
    """For how many the work is over; of an undo, all whom there was nothing to take back from included."""
    over = sum(became.values())
    return over - became.get(actions.DONE_TO, 0) if action.state == actions.UNDOING else over
