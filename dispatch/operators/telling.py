"""Whom to tell of what is wrong, and when: at first, again and again until somebody acknowledges it, and when it is over.

What is told holds no name, number, address or word of anybody: it goes to phones and services outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from gettext import gettext, ngettext

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from core import clock, events, fault_kinds
from core.fault_kinds import SOON, URGENT
from core.faults import Fault
from core.settings import Settings
from dispatch.operators import headings
from dispatch.writing import END_OF_LIFE
from sms import contacts, outbox, purposes
from sms.models import Contact

AGAIN_AFTER_S = {URGENT: (300, 600, 2700, 3600), SOON: (86_400,)}
"""Seconds from one telling to the next: urgent ones after 5, 15 and 60 minutes and then every hour, the others once a day."""
PAGE = "/admin#faults"


@dataclass(frozen=True)
class Notice:
    """What is told outside: one line, and for whoever reads mail the whole of it."""

    title: str
    body: str


@dataclass(frozen=True)
class Told:
    """What is known of a fault when it is decided whether to tell of it."""

    kind: str
    stood_at: datetime
    told: int = 0
    told_at: datetime | None = None


def is_due(fault: Told, now: datetime) -> bool:
    """Whether people are to be told (again) of a fault that stands and that nobody has acknowledged."""
    kind = fault_kinds.of(fault.kind)
    if fault.told_at is None:
        return now - fault.stood_at >= timedelta(seconds=kind.tell_after_s)
    gaps = AGAIN_AFTER_S[kind.severity]
    return now - fault.told_at >= timedelta(seconds=gaps[min(fault.told, len(gaps)) - 1])


def tell_due(session: Session, settings: Settings) -> Notice | None:
    """Note of everything that is due that it was told, and put the texts into the outbox, all in this transaction. Returns
    what is to be posted after its commit; None when nothing is due or nobody is to be told."""
    if not is_anything_due(session, settings):
        return None
    now = clock.now()
    # Of two processes that look at once, one gets each.
    begun = [one for one in _begun(session) if _claim(session, one, Fault.told == one.told, told=one.told + 1, told_at=now)]
    over = [one for one in _over(session) if _claim(session, one, Fault.end_told_at.is_(None), end_told_at=now)]
    if not begun and not over:
        return None
    told = notice(settings, begun, over)
    text(session, settings, settings.alert_addresses.numbers, told.title)
    events.record(session, "operators_told", faults=[fault.id for fault in begun], ended=[fault.id for fault in over])
    return told


def is_anything_due(session: Session, settings: Settings) -> bool:
    """Whether there is somebody to tell, and something to tell them now."""
    addresses = settings.alert_addresses
    return bool(addresses.numbers or addresses.services) and bool(_begun(session) or _over(session))


def _begun(session: Session) -> list[Fault]:
    now = clock.now()
    standing = select(Fault).where(Fault.ended_at.is_(None), Fault.acknowledged_at.is_(None)).order_by(Fault.stood_at, Fault.id)
    rows = session.scalars(standing.execution_options(populate_existing=True))
    return [one for one in rows if is_due(Told(one.kind, one.stood_at, one.told, one.told_at), now)]


def _over(session: Session) -> Sequence[Fault]:
    lately = Fault.ended_at > clock.now() - timedelta(days=1)
    wanted = select(Fault).where(lately, Fault.told > 0, Fault.end_told_at.is_(None)).order_by(Fault.ended_at, Fault.id)
    return session.scalars(wanted.execution_options(populate_existing=True)).all()


def _claim(session: Session, fault: Fault, unchanged: ColumnElement[bool], **values: object) -> bool:
    moved = update(Fault).where(Fault.id == fault.id, unchanged).values(**values).returning(Fault.id)
    return session.execute(moved.execution_options(synchronize_session=False)).first() is not None


def notice(settings: Settings, begun: Sequence[Fault], over: Sequence[Fault]) -> Notice:
    """The words: a title that fits a text, and a body with what to do about each."""
    link = settings.public_url + PAGE
    lines = [_of_begun(fault) for fault in begun] + [_of_over(fault) for fault in over]
    return Notice(f"{settings.organisation}: {_summary(begun, over)} {link}", "\n\n".join([*lines, link]))


def _summary(begun: Sequence[Fault], over: Sequence[Fault]) -> str:
    if begun:
        first = f"{headings.of(begun[0])}. {gettext(fault_kinds.of(begun[0].kind).do)}"
        more = len(begun) - 1
        return first + (" " + ngettext("And %d more.", "And %d more.", more) % more if more else "")
    first = gettext("Over: %s.") % headings.of(over[0])
    return first + (" " + ngettext("And %d more.", "And %d more.", len(over) - 1) % (len(over) - 1) if len(over) > 1 else "")


def _of_begun(fault: Fault) -> str:
    kind = fault_kinds.of(fault.kind)
    since = gettext("Since %s UTC.") % f"{fault.stood_at:%Y-%m-%d %H:%M}"
    return f"{headings.of(fault)}. {since}\n{gettext(kind.words)}\n{gettext(kind.do)}"


def _of_over(fault: Fault) -> str:
    return gettext("Over: %s.") % headings.of(fault)


def text(session: Session, settings: Settings, numbers: Iterable[str], words: str) -> None:
    """Put `words` into the outbox for these numbers (E.164)."""
    until = clock.now() + END_OF_LIFE[purposes.OPERATOR]
    drafts = [
        outbox.Draft(
            contact=_contact(session, settings, number),
            body=words,
            purpose=purposes.OPERATOR,
            about_kind=None,
            about_id=None,
            expires_at=until,
        )
        for number in numbers
    ]
    outbox.put(session, drafts)


def _contact(session: Session, settings: Settings, number: str) -> Contact:
    # One who is a volunteer too keeps the language of their own.
    known = session.scalars(select(Contact).where(Contact.agency_id == 1, Contact.phone == number)).first()
    return known or contacts.ensure(session, number, settings.default_language)
