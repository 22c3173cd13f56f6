"""/privacy/requests: for the admin to whom a caller or patient has written. What is searched for stands in no address, log or
event; that somebody searched, read, handed out or erased is an event each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from core import events
from core.access import requires
from core.problems import Problem, not_found
from core.services import Services
from core.words import _
from dispatch.desk import speech
from dispatch.models import Incident
from dispatch.retention import asked, incidents, strangers, told
from dispatch.retention.asked import Asked, Found

_WHERE = "/privacy/requests"
_ADMIN = "role:admin"
_ONE = f"{_WHERE}/<incident_id>"


_NOT_THE_CODE = _("the code of the emergency, as it stands above; nothing was erased")


def add(pages: Blueprint, services: Services) -> None:
    """Register the views."""

    @pages.get(_WHERE)
    @requires(_ADMIN)
    def requests() -> str:
        return _page(said=request.args.get("said", ""))

    @pages.post(_WHERE)
    @requires(_ADMIN)
    def search() -> ResponseReturnValue:
        try:
            wanted = asked.read(request.form, services.settings)
        except Problem as problem:
            return _page(typed=request.form, errors={one.pointer[1:]: one.detail for one in problem.errors}), 422
        deed = request.form.get("deed", "search")
        if deed == "erase_texts":
            return _erase_texts(services, wanted)
        if deed == "file":
            return _handed_out(services, wanted, request.form.get("only", ""))
        return _searched(services, wanted)

    @pages.post(f"{_ONE}/erase")
    @requires(_ADMIN)
    def erase(incident_id: str) -> ResponseReturnValue:
        with services.write() as session:
            incident = session.get(Incident, incident_id)
            if incident is None:
                raise not_found("incident")
            is_meant = request.form.get("code", "").strip().upper() == incident.code
            if is_meant:
                incidents.forget(session, incident_id, g.actor)
        if is_meant:
            return redirect(f"{_WHERE}?said=erased", 303)
        wanted = asked.read(request.form, services.settings)
        return _searched(services, wanted, {f"code-{incident_id}": _NOT_THE_CODE}), 422

    @pages.post(f"{_WHERE}/reports/<int(max=2147483647):alarm_id>/erase")
    @requires(_ADMIN)
    def erase_report(alarm_id: int) -> ResponseReturnValue:
        with services.write() as session:
            if not strangers.erase_report(session, alarm_id):
                raise Problem(409, "This report still stands red at the desk: somebody has to place or dismiss it first")
            events.record(session, "report_erased", g.actor, alarm_id=alarm_id)
        return redirect(f"{_WHERE}?said=erased", 303)


def _searched(services: Services, wanted: Asked, errors: Mapping[str, str] | None = None) -> str:
    with services.read() as session:
        found = asked.find(session, services.settings, wanted)
    with services.write() as session:
        _note(session, "caller_data_searched", wanted, found)
    return _page(typed=request.form, found=found, errors=errors)


def _handed_out(services: Services, wanted: Asked, only: str) -> ResponseReturnValue:
    """All that was found by somebody's own number; by a place or a day alone only the one that is named, because who else was
    there, or on that day, is none of theirs."""
    if wanted.phone is None and not only:
        raise Problem(422, "Say which of them is theirs: by a place or a day others' may be found too")
    with services.read() as session:
        found = asked.find(session, services.settings, wanted)
        found = found.only(only) if only else found
        body = told.as_file(session, services.settings, found)
    with services.write() as session:
        _note(session, "caller_data_exported", wanted, found)
    return _file(body)


def _erase_texts(services: Services, wanted: Asked) -> ResponseReturnValue:
    """Some at a time, and as many as there are; what is under way stays until it is not."""
    while True:
        with services.write() as session:
            gone = strangers.erase_texts(session, asked.texts_of(session, services.settings, wanted))
            if not gone:
                break
            events.record(session, "texts_erased", g.actor, texts=gone)
    with services.read() as session:
        is_all = not asked.texts_of(session, services.settings, wanted)
    return redirect(f"{_WHERE}?said={'erased' if is_all else 'later'}", 303)


def _note(session: Session, kind: str, wanted: Asked, found: Found) -> None:
    """By what was looked for is told, never for whom; which emergencies were seen is."""
    given = {"number": wanted.phone is not None, "address": bool(wanted.address), "day": wanted.day is not None}
    by = [name for name, is_given in given.items() if is_given]
    events.record(session, kind, g.actor, by=by, count=found.count)
    for incident in found.incidents:
        events.record(session, kind, g.actor, incident_id=incident.id)


def _file(body: str) -> Response:
    named = {"Content-Disposition": 'attachment; filename="what-we-know.json"'}
    return Response(body, content_type="application/json", headers=named)


def _page(
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    found: Found | None = None,
    said: str = "",
) -> str:
    values: dict[str, Any] = {"typed": typed or {}, "errors": errors or {}, "found": found, "said": said}
    return render_template("dispatch/retention_requests.html", most=asked.MOST, type_name=speech.type_name, **values)
