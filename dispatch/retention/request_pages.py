"""/privacy/requests: for the admin to whom a caller or patient has written. What is searched for stands in no address, log or
event; that somebody searched, read, handed out or erased is an event each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from core import events
from core.access import requires
from core.problems import Problem, field_problem, not_found
from core.services import Services
from dispatch.desk import speech
from dispatch.models import Alarm, Incident
from dispatch.retention import asked, incidents, told
from dispatch.retention.asked import Asked, Found
from sms.models import Message

_WHERE = "/privacy/requests"
_ADMIN = "role:admin"
_ONE = f"{_WHERE}/<incident_id>"


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
        with services.read() as session:
            found = asked.find(session, services.settings, wanted)
            body = told.as_file(session, services.settings, found) if deed == "file" else None
        with services.write() as session:
            _note(session, "caller_data_searched" if body is None else "caller_data_exported", wanted, found)
        return _page(typed=request.form, found=found) if body is None else _file(body)

    @pages.post(f"{_ONE}/erase")
    @requires(_ADMIN)
    def erase(incident_id: str) -> ResponseReturnValue:
        with services.write() as session:
            incident = session.get(Incident, incident_id)
            if incident is None:
                raise not_found("incident")
            if request.form.get("code", "").strip().upper() != incident.code:
                raise field_problem("/code", "the code of the emergency, as it stands beside it; nothing was erased")
            incidents.forget(session, incident_id, g.actor)
        return redirect(f"{_WHERE}?said=erased", 303)

    @pages.post(f"{_WHERE}/reports/<int(max=2147483647):alarm_id>/erase")
    @requires(_ADMIN)
    def erase_report(alarm_id: int) -> ResponseReturnValue:
        with services.write() as session:
            settled = delete(Alarm).where(Alarm.id == alarm_id, Alarm.incident_id.is_(None), Alarm.acknowledged_at.is_not(None))
            gone = session.execute(settled.returning(Alarm.id).execution_options(synchronize_session=False)).first()
            if gone is None:
                raise Problem(409, "This report still stands red at the desk: somebody has to place or dismiss it first")
            events.record(session, "report_erased", g.actor, alarm_id=alarm_id)
        return redirect(f"{_WHERE}?said=erased", 303)


def _erase_texts(services: Services, wanted: Asked) -> ResponseReturnValue:
    with services.write() as session:
        theirs = [one.id for one in asked.texts_of(session, services.settings, wanted)]
        emptied = update(Message).where(Message.id.in_(theirs), Message.handled_at.is_not(None)).values(body="", phone="")
        session.execute(emptied.execution_options(synchronize_session=False))
        events.record(session, "texts_erased", g.actor, texts=len(theirs))
    return redirect(f"{_WHERE}?said=erased", 303)


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
