"""What stands red, as the desk shows it: with whom to ring and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from gettext import gettext
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, lazyload

from core.clock import rfc3339
from dispatch import alarms, writing
from dispatch.alarms import FOR_ADMIN
from dispatch.desk import loud, reading, speech
from dispatch.models import Alarm, Callout, Incident
from responder.models import Responder
from sms.models import Contact

MOST = 500
_Row = Row[Alarm, Incident, Callout, str, str, datetime | None]
_Words = dict[str, list[dict[str, Any]]]
_Others = dict[tuple[str, int], dict[str, Any]]


def standing(session: Session) -> list[dict[str, Any]]:
    """Every alarm that a dispatcher has to see to, the newest first."""
    wanted = _select().where(Alarm.acknowledged_at.is_(None), Alarm.kind.not_in(FOR_ADMIN))
    return _shown(session, session.execute(wanted.order_by(Alarm.raised_at.desc(), Alarm.id.desc()).limit(MOST)).all())


def one(session: Session, alarm_id: int) -> dict[str, Any] | None:
    """One alarm, standing or settled; None when there is none."""
    shown = _shown(session, session.execute(_select().where(Alarm.id == alarm_id)).all())
    return shown[0] if shown else None


def _select() -> Select[Alarm, Incident, Callout, str, str, datetime | None]:
    person = func.coalesce(Alarm.responder_id, Callout.responder_id)
    return (
        select(Alarm, Incident, Callout, Responder.name, Contact.phone, Responder.erased_at)
        .outerjoin(Incident, Incident.id == Alarm.incident_id)
        .outerjoin(Callout, Callout.id == Alarm.callout_id)
        .outerjoin(Responder, Responder.id == person)
        .outerjoin(Contact, Contact.id == Responder.contact_id)
        # The plan would come along by an inner join, which drops every alarm that belongs to no incident.
        .options(lazyload(Incident.plan))
    )


def _shown(session: Session, rows: Sequence[_Row]) -> list[dict[str, Any]]:
    unclear = [row.Alarm.callout_id for row in rows if row.Alarm.kind == alarms.UNCLEAR_WORDS]
    said = reading.words(session, select(Callout.id).where(Callout.id.in_(unclear))) if unclear else {}
    helpers = [row.Alarm for row in rows if row.Alarm.kind == alarms.CALL_FOR_HELP]
    others = _others(session, helpers) if helpers else {}
    return [_alarm(row, said, others) for row in rows]


def _alarm(row: _Row, said: _Words, others: _Others) -> dict[str, Any]:
    alarm: Alarm = row.Alarm
    incident: Incident | None = row.Incident
    # Settled, it is history: whom it was about is then nobody's business at the desk.
    known = alarm.acknowledged_at is None and row.erased_at is None and alarm.kind not in FOR_ADMIN
    name, phone = (row.name, row.phone) if known else (None, None)
    data = _data(alarm, incident, said, others)
    words = loud.words_of(alarm.kind, of_correction=incident is not None)
    values = _values(alarm, incident, name, phone)
    return {
        "id": alarm.id,
        "kind": alarm.kind,
        "incident_id": alarm.incident_id,
        "code": incident.code if incident else None,
        "callout_id": alarm.callout_id,
        "name": name,
        "phone": phone,
        "address": _address(alarm, incident),
        "raised_at": rfc3339(alarm.raised_at),
        "title": loud.said(words.title, values),
        "text": loud.said(words.text, values),
        "actions": list(words.actions) if alarm.acknowledged_at is None else [],
        "data": data,
        "drill": bool(incident.drill if incident else data.get("report", {}).get("drill")),
        "acknowledged_at": rfc3339(alarm.acknowledged_at),
        "acknowledged_by": alarm.acknowledged_by,
        "settled_as": alarm.settled_as,
    }


def _address(alarm: Alarm, incident: Incident | None) -> str | None:
    if alarm.kind == alarms.ADDRESS_REFUSED:
        return str(alarm.data.get("report", {}).get("address") or "") or None
    return writing.where(incident) if incident else None


def _values(alarm: Alarm, incident: Incident | None, name: str | None, phone: str | None) -> dict[str, str]:
    """What stands in the gaps of an alarm's words."""
    fields = [str(pointer).strip("/") for pointer in alarm.data.get("fields", [])]
    return {
        "who": name or str(alarm.data.get("actor", "")).removeprefix("key:") or gettext("a volunteer"),
        "phone": phone or gettext("them"),
        "where": _address(alarm, incident) or gettext("a place we do not know"),
        "code": incident.code if incident else "",
        "hazards": speech.listed(speech.HAZARDS, alarm.data.get("hazards", [])),
        "fields": speech.listed(speech.FIELDS, fields),
        "stopped": speech.minutes(int(alarm.data.get("stopped_s", 0))),
        "late": speech.late(alarm.data),
    }


def _data(alarm: Alarm, incident: Incident | None, said: _Words, others: _Others) -> dict[str, Any]:
    """The facts of an alarm, with words and names in the place of ids."""
    data = dict(alarm.data)
    if alarm.kind == alarms.CALL_FOR_HELP:
        people = [others.get((alarm.incident_id or "", person)) for person in data.pop("others", [])]
        data["others"] = [person for person in people if person]
    if alarm.kind == alarms.UNCLEAR_WORDS and alarm.acknowledged_at is None:
        data["words"] = [{"at": one["at"], "text": one["text"]} for one in said.get(alarm.callout_id or "", [])]
    if incident is not None and incident.drill:
        data["drill"] = True
    return data


def _others(session: Session, helpers: Sequence[Alarm]) -> _Others:
    """Who else was going or there when somebody called for help, as far as they still are, by incident and person."""
    people = {person for alarm in helpers for person in alarm.data.get("others", [])}
    wanted = (
        select(Callout)
        .where(Callout.incident_id.in_({alarm.incident_id for alarm in helpers}), Callout.responder_id.in_(people))
        .options(reading.WITH_PERSON)
    )
    return {
        (row.incident_id, row.responder_id): {
            "name": row.responder.name,
            "phone": row.responder.contact.phone,
            "state": row.state,
            "stood_down_as": row.stood_down_as,
            "at_old_address": row.at_old_address,
            "role": row.role,
        }
        for row in session.scalars(wanted)
        if reading.is_shown(row)
    }
