"""What waits for an admin: volunteers who want no more texts, or say so in words. About a person, and about no emergency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from gettext import gettext

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.problems import not_found
from core.services import Services
from core.settings import Settings
from dispatch import alarms, settling
from dispatch.desk import loud, speech
from dispatch.models import Alarm
from responder.models import Responder
from sms.carriers.routes import number_for

MOST = 50


@dataclass(frozen=True)
class Task:
    """One of them, as the page shows it."""

    id: int
    title: str
    words: str
    responder_id: int
    name: str
    raised_at: datetime


def waiting(session: Session, settings: Settings) -> Sequence[Task]:
    """The oldest `MOST` that nobody has seen to. Of people who were erased there is nothing left to do."""
    rows = session.execute(
        select(Alarm, Responder)
        .join(Responder, Responder.id == Alarm.responder_id)
        .where(Alarm.kind.in_(alarms.FOR_ADMIN), Alarm.acknowledged_at.is_(None), Responder.erased_at.is_(None))
        .order_by(Alarm.raised_at, Alarm.id)
        .limit(MOST)
    )
    return [_task(alarm, person, settings) for alarm, person in rows]


def done(services: Services, alarm_id: int, actor: str) -> None:
    """An admin has seen to it; said again it changes nothing. Raises 404 for anything that is no task of an admin."""
    with services.read() as session:
        alarm = session.get(Alarm, alarm_id)
        if alarm is None or alarm.kind not in alarms.FOR_ADMIN:
            raise not_found("task")
    settling.acknowledge(services, alarm_id, actor)


def _task(alarm: Alarm, person: Responder, settings: Settings) -> Task:
    said = loud.KINDS[alarm.kind]
    values = {
        "number": number_for(settings, person.contact) or gettext("the number that our texts come from"),
        "trouble": speech.say(speech.TROUBLES, alarm.data.get("trouble", "")),
    }
    return Task(alarm.id, gettext(said.title), loud.said(said.text, values), person.id, person.name, alarm.raised_at)
