"""Everything that is kept about a person, as one file for the person."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.events import Event
from core.settings import Settings
from responder import records, view
from responder.care.models import CallBack, CareQuestion
from responder.certificates import states
from responder.joining import consents
from responder.joining.models import Consent
from responder.links.making import without_tokens
from responder.models import Certification, Responder
from sms.models import Message


def about(session: Session, settings: Settings, person: Responder, alerts_of: Callable[[Session, int], Sequence[Any]]) -> str:
    """The person as the API shows them, every text from and to them, their alerts, and everything that was ever done to them;
    then every record of them as it is stored."""
    now = clock.now()
    found = {
        "written_at": clock.rfc3339(now),
        "organisation": settings.organisation,
        "person": view.show(person, settings.zone_info, now).model_dump(mode="json"),
        "certificates": [_certificate(one, now) for one in sorted(person.certifications, key=lambda one: one.id)],
        "off_until": clock.rfc3339(person.off_until),
        "known_since": clock.rfc3339(person.created_at),
        "agreed": [_consent(one) for one in consents.of_person(session, person.id)],
        "alerts": [
            {"at": clock.rfc3339(one.at), "type": one.type, "became": one.state} for one in alerts_of(session, person.id)
        ],
        "how_you_were": [_care(one) for one in _of(session, CareQuestion, CareQuestion.asked_at, person)],
        "calls_promised": [_call(one) for one in _of(session, CallBack, CallBack.at, person)],
        "texts": [_text(one) for one in _texts(session, person)],
        "events": [_event(one) for one in _events(session, person)],
        "records": records.of_person(session, person),
    }
    return json.dumps(found, ensure_ascii=False, indent=2)


def _texts(session: Session, person: Responder) -> Sequence[Message]:
    return session.scalars(select(Message).where(Message.contact_id == person.contact_id).order_by(Message.created_at)).all()


def _events(session: Session, person: Responder) -> Sequence[Event]:
    return session.scalars(select(Event).where(Event.responder_id == person.id).order_by(Event.number)).all()


def _of(session: Session, kept: Any, at: Any, person: Responder) -> Sequence[Any]:
    return session.scalars(select(kept).where(kept.responder_id == person.id).order_by(at)).all()


def _care(one: CareQuestion) -> dict[str, Any]:
    return {"asked_at": clock.rfc3339(one.asked_at), "answer": one.answer, "answered_at": clock.rfc3339(one.answered_at)}


def _call(one: CallBack) -> dict[str, Any]:
    rung = {"rung_at": clock.rfc3339(one.done_at), "note": one.note}
    return {"wished_at": clock.rfc3339(one.at), "by": clock.rfc3339(one.due_at), **rung}


def _consent(one: Consent) -> dict[str, Any]:
    return {"at": clock.rfc3339(one.at), "given": one.given, "terms": one.version, "how": one.how}


def _certificate(one: Certification, now: datetime) -> dict[str, Any]:
    """One certificate with how it stands, also those that wait or were not accepted, which the API's person does not show."""
    return {
        "type": one.type,
        "stands": str(states.of(one, now)),
        "expires_at": clock.rfc3339(one.expires_at),
        "sent_at": clock.rfc3339(one.submitted_at),
        "not_accepted_because": one.rejected_because,
    }


def _text(one: Message) -> dict[str, Any]:
    return {"at": clock.rfc3339(one.created_at), "direction": one.direction, "body": without_tokens(one.body)}


def _event(one: Event) -> dict[str, Any]:
    by = "you" if one.actor == f"responder:{one.responder_id}" else "others"
    return {"at": clock.rfc3339(one.at), "what": one.kind, "by": by}
