"""Willing now or not: OFF and ON, and what the carrier tells us about opting out."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from core import clock, events
from responder import index
from responder.care import call_backs
from responder.models import Responder
from sms.models import Contact

_NOTED_EVERY = timedelta(days=1)


def is_available(responder: Responder, now: datetime) -> bool:
    """Whether no OFF holds at `now`; hours, night and certificates are other questions."""
    return responder.off_until is None or responder.off_until <= now


def set_off(session: Session, responder: Responder, until: datetime | None, actor: str | None = None) -> None:
    """Ask this person nothing before `until` (None: until they say ON). `actor` is the person unless somebody else did it."""
    _is_there(responder)
    pause(session, responder, until, actor or f"responder:{responder.id}")


def pause(session: Session, responder: Responder, until: datetime | None, actor: str) -> None:
    """The same by somebody who has not heard of them: when that was the last time, and that they owe us an answer, stays."""
    _off(responder, until)
    index.refresh(session, [responder.id])
    events.record(session, "responder_off", actor, responder_id=responder.id, until=clock.rfc3339(until))


def end_pause(session: Session, responder: Responder, until: datetime | None, actor: str) -> None:
    """Take a pause back, to the OFF that there was before it (None: none). Nobody has said ON: whoever waits for a call goes on
    waiting."""
    if until is not None and until > clock.now():
        pause(session, responder, until, actor)
        return
    _on(responder)
    index.refresh(session, [responder.id])
    events.record(session, "responder_on", actor, responder_id=responder.id)


def begin_off(responder: Responder, until: datetime | None) -> None:
    """The columns of an OFF; whoever writes a person down otherwise brings `responder.index` up to date as well."""
    _off(responder, until)
    _is_there(responder)


def end_off(responder: Responder) -> None:
    """The columns of an ON, which also takes back the wish to be left alone."""
    responder.left_alone_at = None
    _on(responder)
    _is_there(responder)


def _off(responder: Responder, until: datetime | None) -> None:
    responder.off_until, responder.off_since, responder.off_asked_at = until or clock.FOREVER, clock.now(), None


def _on(responder: Responder) -> None:
    responder.off_until = responder.off_since = responder.off_asked_at = None


def _is_there(responder: Responder) -> None:
    """Whoever says ON or OFF has answered the question whether they are still there."""
    responder.said_on_at, responder.asked_on_at = clock.now(), None


def note_sign(session: Session, responder: Responder) -> None:
    """Whoever writes something that is understood, or opens their own page, is still there, whatever it is about; noted once a
    day, or at once where they were asked. A pause is ended by ON alone."""
    now = clock.now()
    if responder.asked_on_at is None and responder.said_on_at > now - _NOTED_EVERY:
        return
    not_paused = or_(Responder.off_until.is_(None), Responder.off_until < clock.FOREVER)
    noted = update(Responder).where(Responder.id == responder.id, not_paused).values(said_on_at=now, asked_on_at=None)
    session.execute(noted)


def set_on(session: Session, responder: Responder, actor: str | None = None) -> None:
    """Ask this person again from now on, even if they wait for a call. `actor` is the person unless somebody else did it."""
    end_off(responder)
    call_backs.release(session, responder.id)
    index.refresh(session, [responder.id])
    events.record(session, "responder_on", actor or f"responder:{responder.id}", responder_id=responder.id)


def on_opt(session: Session, contact: Contact, opted_out: bool) -> None:
    """For `Wire.opt_handlers`: whoever opted out is not asked any more, whoever opted in again is."""
    responder_id = session.scalar(select(Responder.id).where(Responder.contact_id == contact.id))
    if responder_id is None:
        return
    index.refresh(session, [responder_id])
    kind = "responder_opted_out" if opted_out else "responder_opted_in"
    events.record(session, kind, f"responder:{responder_id}", responder_id=responder_id)
