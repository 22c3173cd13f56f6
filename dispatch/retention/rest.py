"""What else has its time: texts about anything, settled alarms, calls with volunteers, proofs, what could never be stored."""

from __future__ import annotations

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from core import clock
from core.services import Services
from core.settings import Settings
from dispatch.models import Alarm
from dispatch.retention import incidents
from dispatch.retention.strangers import IS_NOBODYS
from responder.bulk import actions
from responder.care import forgetting as forgetting_care
from responder.certificates import evidence
from responder.links import making
from sms import forgetting
from sms.spool import Spool

_AT_ONCE = 500


def forget_texts(services: Services) -> int | None:
    """Empty the next texts that are too old. Returns how many; None when none is left."""
    before = clock.now() - services.settings.texts_kept
    with services.read() as session:
        if not forgetting.count_older(session, before, 1):
            return None
    with services.write() as session:
        return forgetting.older(session, before, incidents.is_of_an_open_one(), _AT_ONCE)


def count_texts(session: Session, settings: Settings, most: int) -> int:
    """How many texts are too old, counted to `most`."""
    return forgetting.count_older(session, clock.now() - settings.texts_kept, most)


def forget_strangers(services: Services) -> int | None:
    """Forget the next numbers of people who are no volunteers and have had no text for as long as one is kept. Returns how
    many; None when none is left."""
    before = clock.now() - services.settings.texts_kept
    with services.read() as session:
        if session.scalar(forgetting.unused_numbers(before, IS_NOBODYS).limit(1)) is None:
            return None
    with services.write() as session:
        unused = list(session.scalars(forgetting.unused_numbers(before, IS_NOBODYS).limit(_AT_ONCE)))
        forgetting.forget_numbers(session, unused)
        return len(unused)


def count_strangers(session: Session, settings: Settings, most: int) -> int:
    """How many of those there are, counted to `most`."""
    unused = forgetting.unused_numbers(clock.now() - settings.texts_kept, IS_NOBODYS).limit(most)
    return session.scalar(select(func.count()).select_from(unused.subquery())) or 0


def delete_alarms(services: Services) -> int | None:
    """Delete the next alarms that were settled long ago: they hold what was reported, word for word. That there were any is
    told by events. Returns how many; None when none is left."""
    with services.read() as session:
        ids = list(session.scalars(_settled(services.settings).limit(_AT_ONCE)))
    if not ids:
        return None
    with services.write() as session:
        session.execute(delete(Alarm).where(Alarm.id.in_(ids)).execution_options(synchronize_session=False))
    return len(ids)


def count_alarms(session: Session, settings: Settings, most: int) -> int:
    """How many alarms were settled too long ago, counted to `most`."""
    return session.scalar(select(func.count()).select_from(_settled(settings).limit(most).subquery())) or 0


def forget_care(services: Services) -> int | None:
    """Forget the next calls with volunteers, and what they answered to how they are. Returns how many; None when none is
    left."""
    before = clock.now() - services.settings.care_kept
    with services.read() as session:
        if not forgetting_care.count_older(session, before, 1):
            return None
    with services.write() as session:
        return forgetting_care.older(session, before, _AT_ONCE)


def count_care(session: Session, settings: Settings, most: int) -> int:
    """How many of those are too old, counted to `most`."""
    return forgetting_care.count_older(session, clock.now() - settings.care_kept, most)


def delete_proofs(services: Services) -> int | None:
    """Delete the next proofs whose time is over. Returns how many; None when none is left."""
    return evidence.delete_due(services) or None


def delete_links(services: Services) -> int | None:
    """Delete the next links to own pages that ended long ago: each has a number. Returns how many; None when none is left."""
    with services.read() as session:
        if not making.old(session, 1):
            return None
    with services.write() as session:
        return making.delete_old(session, _AT_ONCE)


def delete_bulk(services: Services) -> int | None:
    """Delete some of the oldest action on several people that cannot be taken back any more. Returns how many actions are gone
    by that; None when none is left."""
    with services.read() as session:
        oldest = session.scalar(actions.old(1))
    if oldest is None:
        return None
    with services.write() as session:
        return actions.delete_some(session, oldest)


def count_bulk(session: Session, _settings: Settings, most: int) -> int:
    """How many of those there are, counted to `most`."""
    return session.scalar(select(func.count()).select_from(actions.old(most).subquery())) or 0


def delete_set_aside(services: Services) -> int | None:
    """Delete what the carrier told and nobody could store, once it is as old as a text may be. Returns how many; None: none."""
    return Spool(services.settings.data_dir).forget_set_aside(clock.now() - services.settings.texts_kept) or None


def count_set_aside(_session: Session, settings: Settings, most: int) -> int:
    """How many of those there are on this machine, counted to `most`."""
    return len(Spool(settings.data_dir).set_aside_before(clock.now() - settings.texts_kept)[:most])


def _settled(settings: Settings) -> Select[int]:
    return select(Alarm.id).where(Alarm.acknowledged_at <= clock.now() - settings.caller_kept).order_by(Alarm.acknowledged_at)
