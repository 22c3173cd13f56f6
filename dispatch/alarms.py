"""What stands red on the console until a person acknowledges it. Raising one is also an event and a log line."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, events, log
from dispatch.models import Alarm

ADDRESS_NOT_DELIVERED = "address_not_delivered"
ADDRESS_REFUSED = "address_refused"
ANSWERS_ITSELF = "answers_itself"
CALL_FOR_HELP = "call_for_help"
CONFLICTING_REPORT = "conflicting_report"
HAZARD_HELD = "hazard_held"
HAZARD_WHILE_COMING = "hazard_while_coming"
NOBODY_ASKED = "nobody_asked"
NUMBER_TROUBLE = "number_trouble"
OPTED_OUT = "opted_out"
RAN_LATE = "ran_late"
RING_OPTED_OUT = "ring_opted_out"
UNCLEAR_WORDS = "unclear_words"
UNSAFE_NOT_AWAY = "unsafe_not_away"
WISHES_TO_OPT_OUT = "wishes_to_opt_out"


FOR_ADMIN = (OPTED_OUT, WISHES_TO_OPT_OUT, NUMBER_TROUBLE)
"""Tasks of an admin, about a person and no emergency: they do not stand on the dispatcher's screen. Who opts out while on a
callout stands there by a kind of its own."""

_log = log.get("alarms")


def raise_alarm(
    session: Session,
    kind: str,
    *,
    incident_id: str | None = None,
    callout_id: str | None = None,
    responder_id: int | None = None,
    **data: Any,
) -> Alarm:
    """Put a red row on the console.

    `data` may hold what a dispatcher must read of the report itself (an address as given, names of fields) and never goes into
    the event; of a person only the id is kept, so that erasing them is complete.
    """
    alarm = Alarm(
        kind=kind,
        incident_id=incident_id,
        callout_id=callout_id,
        responder_id=responder_id,
        data=data,
        raised_at=clock.now(),
    )
    session.add(alarm)
    session.flush()
    events.record(
        session,
        "alarm_raised",
        incident_id=incident_id,
        callout_id=callout_id,
        responder_id=responder_id,
        alarm=kind,
        alarm_id=alarm.id,
    )
    _log.warning("alarm", kind=kind, alarm_id=alarm.id, incident_id=incident_id, callout_id=callout_id)
    return alarm


def raise_once(
    session: Session,
    kind: str,
    *,
    incident_id: str | None = None,
    callout_id: str | None = None,
    responder_id: int | None = None,
    **data: Any,
) -> bool:
    """The same, unless one of this kind still stands red for this incident, callout and person. Returns whether it is new."""
    about = {"incident_id": incident_id, "callout_id": callout_id, "responder_id": responder_id}
    standing = select(Alarm.id).filter_by(kind=kind, acknowledged_at=None, **about)
    if session.scalars(standing.limit(1)).first() is not None:
        return False
    raise_alarm(session, kind, incident_id=incident_id, callout_id=callout_id, responder_id=responder_id, **data)
    return True


def raise_for_each(session: Session, kind: str, *, incident_id: str, facts: dict[str, Any], **data: Any) -> None:
    """The same, unless one of this kind with these very `facts` still stands red for this incident: what is said again is one
    row, what is new is another."""
    standing = select(Alarm).where(Alarm.kind == kind, Alarm.incident_id == incident_id, Alarm.acknowledged_at.is_(None))
    if not any(alarm.data | facts == alarm.data for alarm in session.scalars(standing)):
        raise_alarm(session, kind, incident_id=incident_id, **facts, **data)


def clear(session: Session, kind: str, *, incident_id: str, callout_id: str | None, actor: str, **data: Any) -> None:
    """Acknowledge what the world itself has settled: a 4 from someone who was told to get away. `data` stays with the row."""
    standing = select(Alarm).where(
        Alarm.kind == kind, Alarm.incident_id == incident_id, Alarm.callout_id == callout_id, Alarm.acknowledged_at.is_(None)
    )
    for alarm in session.scalars(standing.limit(20)):
        alarm.acknowledged_at, alarm.acknowledged_by, alarm.settled_as = clock.now(), actor, "cleared"
        alarm.data = alarm.data | data
        events.record(session, "alarm_cleared", actor, incident_id=incident_id, callout_id=callout_id, alarm_id=alarm.id)
