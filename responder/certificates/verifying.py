"""The verdict on a proof: an admin verifies or rejects it, nobody their own, and a verdict can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.orm import Session

from core import clock, events
from core.problems import Problem, field_problem, not_found
from core.settings import Settings
from core.words import fill
from geo.names import plain
from responder import index
from responder.certificates import evidence
from responder.certificates.models import FirstAlarm, Reminder
from responder.fields import LAST_YEAR, day_ends
from responder.models import Certification, Responder
from sms import outbox
from sms.once import insert_once

ABOUT = "certification"
"""`about_kind` of every text about a certificate."""
REASONS = ("unreadable", "no_date", "ended", "other_person", "other_kind", "not_whole")
"""Why a proof is not accepted, as keys that pages and texts have words for; anything else is somebody's own words."""
LONGEST_REASON = 160
UNDO_WITHIN = timedelta(minutes=2)
"""A verdict that is taken back so soon was a slip, and nobody hears of it."""
_WAITS = (Certification.verified_at.is_(None), Certification.rejected_at.is_(None))
_DECIDED = ~(_WAITS[0] & _WAITS[1])


@dataclass(frozen=True)
class Read:
    """What a verifier reads off the proof. `expires` is its last day, None for one without an end."""

    expires: date | None
    number: str | None = None
    issuer: str | None = None


def verify(session: Session, settings: Settings, certification_id: int, read: Read, actor: str) -> bool:
    """Note that `actor` has seen the proof and what it says. Whether it was still waiting; nothing changes when not.

    Raises Problem: 404 for an unknown one, 403 for one's own, 422 when it has ended or no such day can be.
    """
    _refuse_own(session, certification_id, actor)
    now = clock.now()
    expires_at = _end(read.expires, settings, now)
    values: dict[str, Any] = {"verified_at": now, "verified_by": actor, "expires_at": expires_at}
    values |= {name: said for name, said in (("number", read.number), ("issuer", read.issuer)) if said}
    return _decided(session, certification_id, values, "certification_verified", actor)


def accept(session: Session, certification_id: int, actor: str) -> bool:
    """Note that `actor` has seen the proof of a certificate whose dates are known already; otherwise as `verify`."""
    _refuse_own(session, certification_id, actor)
    values = {"verified_at": clock.now(), "verified_by": actor}
    return _decided(session, certification_id, values, "certification_verified", actor)


def reject(session: Session, certification_id: int, because: str, actor: str) -> bool:
    """Note why the proof cannot be accepted, in the key of a reason or in words. Otherwise as `verify`."""
    because = " ".join(because.split())
    if not 1 <= len(because) <= LONGEST_REASON:
        raise field_problem("/because", fill("a reason of 1 to {most} characters", most=LONGEST_REASON))
    _refuse_own(session, certification_id, actor)
    values = {"rejected_at": clock.now(), "rejected_by": actor, "rejected_because": because}
    return _decided(session, certification_id, values, "certification_rejected", actor)


def take_back(session: Session, certification_id: int, actor: str) -> bool:
    """Undo a verdict: the proof waits again, with what was read off it. Whether there was one to undo."""
    _refuse_own(session, certification_id, actor)
    undone = dict.fromkeys(("verified_at", "verified_by", "rejected_at", "rejected_by", "rejected_because"))
    if not _move(session, certification_id, _DECIDED, undone, "certification_verdict_undone", actor):
        return False
    evidence.keep(session, certification_id)
    # Another end may be read off it next time, and is reminded of anew.
    session.execute(delete(Reminder).where(Reminder.certification_id == certification_id))
    outbox.cancel(session, ABOUT, [str(certification_id)])
    return True


def is_own(person: Responder, actor: str) -> bool:
    """Whether `actor` is this person: by the account noted with them, or by bearing the same name."""
    kind, _, name = actor.partition(":")
    return kind == "user" and name != "" and (name == person.account or plain(name) == person.sort_name)


def _refuse_own(session: Session, certification_id: int, actor: str) -> None:
    row = session.get(Certification, certification_id)
    person = session.get(Responder, row.responder_id) if row is not None else None
    if person is None or person.erased_at is not None:
        raise not_found("certificate")
    if is_own(person, actor):
        raise Problem(403, "Nobody decides about their own certificate: ask another admin")


def _end(day: date | None, settings: Settings, now: datetime) -> datetime | None:
    if day is None:
        return None
    if day.year > LAST_YEAR:
        raise field_problem("/expires", fill("a day before the year {year}", year=LAST_YEAR))
    end = day_ends(day, settings.zone_info)
    if end < now:
        raise field_problem(
            "/expires", "a day that is still to come: one that has ended is rejected, so that a new one is sent"
        )
    return end


def _decided(session: Session, certification_id: int, values: dict[str, Any], kind: str, actor: str) -> bool:
    if not _move(session, certification_id, _WAITS[0] & _WAITS[1], values, kind, actor):
        return False
    evidence.note_verdict(session, certification_id)
    if "verified_at" in values:
        _note_first(session, certification_id, values["verified_at"])
    return True


def _note_first(session: Session, certification_id: int, now: datetime) -> None:
    """Whoever had nothing verified before has a test alarm to come. Verified anew after a slip, they have it once."""
    responder_id = session.get_one(Certification, certification_id).responder_id
    other = exists().where(
        Certification.responder_id == responder_id,
        Certification.id != certification_id,
        Certification.verified_at.is_not(None),
    )
    if not session.scalar(select(other)):
        insert_once(session, FirstAlarm, responder_id=responder_id, verified_at=now, sent_at=None)
        to_come = update(FirstAlarm).where(FirstAlarm.responder_id == responder_id, FirstAlarm.sent_at.is_(None))
        session.execute(to_come.values(verified_at=now).execution_options(synchronize_session=False))


def _move(
    session: Session, certification_id: int, allowed: ColumnElement[bool], values: dict[str, Any], kind: str, actor: str
) -> bool:
    # The person first, as everybody does who changes something of theirs: two of them never wait for each other.
    whose = select(Certification.responder_id).where(Certification.id == certification_id).scalar_subquery()
    session.execute(select(Responder.id).where(Responder.id == whose).with_for_update(key_share=True))
    moved = session.execute(
        update(Certification)
        .where(Certification.id == certification_id, allowed)
        .values(**values)
        .returning(Certification.responder_id, Certification.type)
        .execution_options(synchronize_session=False)
    ).first()
    if moved is None:
        return False
    # A form that was opened before the verdict must not be saved over it.
    theirs = update(Responder).where(Responder.id == moved.responder_id).values(revision=Responder.revision + 1)
    session.execute(theirs.execution_options(synchronize_session=False))
    session.expire_all()
    index.refresh(session, [moved.responder_id])
    facts = {"type": moved.type, "certification_id": certification_id}
    events.record(session, kind, actor, responder_id=moved.responder_id, **facts)
    return True
