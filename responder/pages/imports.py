"""/people/import: a CSV file is checked, then imported, with a bar that goes on wherever the admin meanwhile looks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core import words
from core.access import accepts_body, requires
from core.problems import Problem
from core.words import _
from responder.imports import columns, jobs, pieces, reasons, refused_rows, resuming, undoing, working
from responder.imports.models import PeopleImport
from responder.imports.parts import WHOLES
from responder.imports.table import COLUMNS, NEEDED
from responder.pages import wording
from responder.pages.room import READS, WRITES, Room, may_change

_FORM_AROUND_IT = 64 * 1024


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""
    _add_pages(routes, room)
    _add_matching(routes, room)
    _add_steps(routes, room)
    _add_undoing(routes, room)
    _add_files(routes, room)


def _add_pages(routes: Blueprint, room: Room) -> None:
    services = room.services

    @routes.get("/people/import")
    @requires(WRITES)
    def import_form() -> str:
        return _form(room)

    @routes.post("/people/import")
    @requires(WRITES)
    @accepts_body(jobs.LARGEST_BYTES + _FORM_AROUND_IT)
    def upload() -> ResponseReturnValue:
        given = request.files.get("file")
        if given is None or not given.filename:
            return _form(room, _("choose a CSV file")), 422
        try:
            with given.stream:
                import_id = jobs.begin(services, given.stream, request.form.get("unverified") == "yes", g.actor)
        except Problem as problem:
            return _form(room, problem.title), problem.status
        return _work_on(room, import_id, _found(room, import_id).state == jobs.CHECKING)

    @routes.get("/people/import/<import_id>")
    @requires(READS)
    def import_page(import_id: str) -> ResponseReturnValue:
        row = _found(room, import_id)
        if row.state == jobs.MATCHING:
            return redirect(url_for("people.columns_page", import_id=import_id), 303)
        return _page(room, row)


def _add_matching(routes: Blueprint, room: Room) -> None:
    services = room.services

    @routes.get("/people/import/<import_id>/columns")
    @requires(READS)
    def columns_page(import_id: str) -> str:
        _found(room, import_id, jobs.MATCHING)
        given = jobs.given(services, import_id)
        with services.read() as session:
            return _columns(import_id, given, columns.guess(given, columns.remembered(session)))

    @routes.post("/people/import/<import_id>/columns")
    @requires(WRITES)
    def match(import_id: str) -> ResponseReturnValue:
        _found(room, import_id, jobs.MATCHING)
        given = jobs.given(services, import_id)
        said = [request.form.get(f"column-{number}", columns.LEFT_OUT) for number in range(len(given))]
        chosen = [one if one in columns.CHOICES else columns.LEFT_OUT for one in said]
        if wrong := columns.problems(chosen):
            return _columns(import_id, given, chosen, wrong), 422
        return _work_on(room, import_id, jobs.match(services, import_id, given, chosen))


def _columns(import_id: str, given: Sequence[columns.Given], chosen: Sequence[str], wrong: Sequence[str] = ()) -> str:
    return render_template(
        "responder/import_columns.html",
        import_id=import_id,
        rows=list(zip(given, chosen, strict=True)),
        wrong=wrong,
        columns=COLUMNS,
        wholes=WHOLES,
        needed=NEEDED,
        may_change=may_change(),
    )


def _add_steps(routes: Blueprint, room: Room) -> None:
    services = room.services

    @routes.post("/people/import/<import_id>/go")
    @requires(WRITES)
    def go(import_id: str) -> ResponseReturnValue:
        return _work_on(room, import_id, jobs.move(services, import_id, (jobs.CHECKED,), jobs.IMPORTING, g.actor))

    @routes.post("/people/import/<import_id>/again")
    @requires(WRITES)
    def again(import_id: str) -> ResponseReturnValue:
        return _work_on(room, import_id, jobs.claim_stalled(services, import_id))

    @routes.post("/people/import/<import_id>/discard")
    @requires(WRITES)
    def discard(import_id: str) -> ResponseReturnValue:
        if jobs.discard_unused(services, import_id):
            return redirect(url_for("people.import_form"), 303)
        if _found(room, import_id).state in jobs.WRITES_NOBODY:
            raise Problem(409, "This import is at work; wait until it is done")
        raise Problem(409, "People have come in by this import; it can be undone, not forgotten")


def _add_undoing(routes: Blueprint, room: Room) -> None:
    services = room.services

    @routes.get("/people/import/<import_id>/undo")
    @requires(READS)
    def undo_page(import_id: str) -> str:
        row = _found(room, import_id, *jobs.UNDOABLE)
        with services.read() as session:
            preview = undoing.preview(session, row)
        reasons = wording.WHY_NOT_UNDONE
        shown: dict[str, Any] = {"row": row, "preview": preview, "reasons": reasons, "actor": wording.actor}
        return render_template("responder/import_undo.html", **shown, may_change=may_change())

    @routes.post("/people/import/<import_id>/undo")
    @requires(WRITES)
    def undo(import_id: str) -> ResponseReturnValue:
        return _work_on(room, import_id, jobs.move(services, import_id, jobs.UNDOABLE, jobs.UNDOING, g.actor))


def _add_files(routes: Blueprint, room: Room) -> None:
    services = room.services

    @routes.get("/people/import/<import_id>/refused.csv")
    @requires(READS)
    def refused(import_id: str) -> Response:
        _found(room, import_id)
        with services.read() as session:
            data = b"".join(pieces.of(session, import_id, pieces.REFUSED))
        named = {"Content-Disposition": 'attachment; filename="refused-rows.csv"'}
        return Response(data, content_type="text/csv; charset=utf-8", headers=named)

    @routes.get("/people/api/imports/<import_id>")
    @requires(READS)
    def progress(import_id: str) -> Response:
        return jsonify(_progress(_found(room, import_id)))


def _work_on(room: Room, import_id: str, is_ours: bool) -> ResponseReturnValue:
    """Begin the work where this request is the one that may, and show the page of it."""
    if is_ours:
        working.start(room.services, room.geocoder, import_id)
    return _to_page(import_id)


def _found(room: Room, import_id: str, *states: str) -> PeopleImport:
    """The import, in one of `states` where some are named: whoever asks for a step that it is not at, or past, is led to where
    it is. Problem 404 when there is none."""
    with room.services.read() as session:
        row = jobs.find(session, import_id)
    if states and row.state not in states:
        abort(_to_page(import_id))
    return row


def _to_page(import_id: str) -> Response:
    return redirect(url_for("people.import_page", import_id=import_id), 303)


def _progress(row: PeopleImport) -> dict[str, Any]:
    return {
        "state": row.state,
        "stalled": jobs.is_stalled(row),
        "done": row.done,
        "rows": row.rows,
        "people": row.people,
        "refused_rows": row.refused_rows,
    }


def _form(room: Room, error: str = "") -> str:
    with room.services.read() as session:
        last = jobs.latest(session)
    return render_template(
        "responder/import.html", error=error, last=last, columns=COLUMNS, largest_mb=jobs.LARGEST_BYTES // 2**20
    )


def _page(room: Room, row: PeopleImport) -> str:
    with room.services.read() as session:
        told = _told(session, row.id)
        stay = undoing.preview(session, row) if row.state == jobs.UNDONE else None
    stalled = jobs.is_stalled(row)
    return render_template(
        "responder/import_one.html",
        row=row,
        problem=reasons.read(row.problem or ""),
        told=told,
        most_told=refused_rows.MOST_TOLD,
        is_stalled=stalled,
        gives_up=row.tries >= resuming.MOST_TRIES,
        is_working=row.state in jobs.WORKING and not stalled,
        total=sum(row.people.values()),
        stay=stay,
        reasons=wording.WHY_NOT_UNDONE,
        actor=wording.actor,
        may_undo=row.state in jobs.UNDOABLE,
        undoable_days=jobs.UNDOABLE_FOR.days,
        may_change=may_change(),
    )


def _told(session: Session, import_id: str) -> list[list[Any]]:
    kept = b"".join(pieces.of(session, import_id, pieces.TOLD))
    return [[line, column, words.told(why)] for line, column, why in (json.loads(kept) if kept else ())]
