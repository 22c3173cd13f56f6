"""What somebody says who asks what we know of them: their number, where it was, the day; and what is found by that."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.orm import Session

from core import clock, ids
from core.problems import Problem, field_problem
from core.settings import Settings
from dispatch import alarms
from dispatch.models import Alarm, Incident
from dispatch.retention import strangers
from geo.names import key
from sms import contacts
from sms.models import Message

MOST = 50
"""Of each: whoever has more to find says more of it."""
MOST_REPORTS = 1000
"""Reports that were refused are kept for some months and are few; so many of the newest are looked through."""
_WITH_A_REPORT = (alarms.ADDRESS_REFUSED, alarms.CONFLICTING_REPORT)
SHORTEST_ADDRESS = 4


@dataclass(frozen=True)
class Asked:
    """At least one of them is given; all that are must fit."""

    phone: str | None
    address: str
    day: date | None


@dataclass(frozen=True)
class Found:
    """Emergencies; reports that were refused and became none; and texts from and to a number that is no volunteer's."""

    incidents: Sequence[Incident]
    reports: Sequence[Alarm]
    texts: Sequence[Message]

    def only(self, one: str) -> Found:
        """The one emergency of that id, or the one report (`report-` and its number): others at that place or on that day were
        other people's."""
        reports = [report for report in self.reports if f"report-{report.id}" == one]
        return Found([incident for incident in self.incidents if incident.id == one], reports, ())

    @property
    def count(self) -> int:
        """How much that is."""
        return len(self.incidents) + len(self.reports) + len(self.texts)


def read(typed: Mapping[str, str], settings: Settings) -> Asked:
    """What was typed. Raises Problem 422 that names the field."""
    phone, address = typed.get("phone", "").strip(), " ".join(typed.get("address", "").split())
    if address and len(key(address)) < SHORTEST_ADDRESS:
        raise field_problem("/address", "more of the address: at least four letters")
    asked = Asked(_number(phone, settings) if phone else None, address[:200], _day(typed.get("day", "").strip()))
    if asked.phone is None and not asked.address and asked.day is None:
        raise field_problem("/phone", "a number, an address or a day")
    return asked


def find(session: Session, settings: Settings, asked: Asked) -> Found:
    """What we know, the newest first, at most `MOST` of each."""
    reports = _reports(session, settings, asked)
    of_reports = {one.incident_id for one in reports if one.incident_id is not None}
    became_none = [one for one in reports if one.incident_id is None and one.kind == alarms.ADDRESS_REFUSED]
    found = _incidents(session, settings, asked, of_reports)
    return Found(found, became_none[:MOST], texts_of(session, settings, asked))


def texts_of(session: Session, settings: Settings, asked: Asked) -> Sequence[Message]:
    """Texts from and to this number, where it is no volunteer's: words and numbers are kept for some days only."""
    if asked.phone is None or asked.address:
        return ()
    since = ids.first_at(clock.now() - settings.texts_kept - timedelta(days=1))
    theirs = (Message.phone == asked.phone, strangers.is_of_a_stranger())
    wanted = select(Message).where(Message.id > since, *theirs, *_within(Message.created_at, settings, asked.day))
    return session.scalars(wanted.order_by(Message.id.desc()).limit(MOST)).all()


def _incidents(session: Session, settings: Settings, asked: Asked, of_reports: Collection[str]) -> Sequence[Incident]:
    """Those that it fits, and those that a report is kept of which it fits: another one may have rung about them too."""
    in_time = _within(Incident.opened_at, settings, asked.day)
    fits = [Incident.caller_phone == asked.phone] if asked.phone is not None else []
    if asked.address:
        fits.append(Incident.id.in_(_there(session, select(Incident).where(*in_time, *fits), asked.address)))
    wanted = select(Incident).where(or_(and_(true(), *in_time, *fits), Incident.id.in_(of_reports)))
    return session.scalars(wanted.order_by(Incident.opened_at.desc()).limit(MOST)).all()


def _there(session: Session, among: Select[Incident], address: str) -> Sequence[str]:
    """The newest that were at an address, compared as people type it and not as a database spells it: in lower case Å is å on
    one and stays Å on the other. Only those that are not forgotten have any."""
    known = or_(Incident.address.is_not(None), Incident.address_given.is_not(None))
    columns = among.with_only_columns(Incident.id, Incident.address, Incident.address_given).where(known)
    rows = session.execute(columns.order_by(Incident.opened_at.desc()).execution_options(yield_per=1000))
    fitting = (row.id for row in rows if key(address) in f"{key(row.address or '')} {key(row.address_given or '')}")
    return list(islice(fitting, MOST))


def _reports(session: Session, settings: Settings, asked: Asked) -> Sequence[Alarm]:
    """Reports that were refused, or that contradicted an earlier one: each is kept as it was given."""
    wanted = select(Alarm).where(Alarm.kind.in_(_WITH_A_REPORT), *_within(Alarm.raised_at, settings, asked.day))
    newest = session.scalars(wanted.order_by(Alarm.id.desc()).limit(MOST_REPORTS))
    return [one for one in newest if _fits(one.data.get("report", {}), settings, asked)]


def _fits(report: Mapping[str, Any], settings: Settings, asked: Asked) -> bool:
    """A report is kept as it was given, its number too."""
    if asked.phone is not None and _number_or_none(str(report.get("caller_phone", "")), settings) != asked.phone:
        return False
    return key(asked.address) in key(str(report.get("address", "")))


def _within(column: Any, settings: Settings, day: date | None) -> Sequence[ColumnElement[bool]]:
    if day is None:
        return ()
    begins = datetime.combine(day, time(), settings.zone_info).astimezone(UTC)
    ends = datetime.combine(day + timedelta(days=1), time(), settings.zone_info).astimezone(UTC)
    return (column >= begins, column < ends)


def _number(text: str, settings: Settings) -> str:
    try:
        return contacts.normalise(text, settings.default_region)
    except ValueError as error:
        raise field_problem("/phone", error.args[0]) from error


def _number_or_none(text: str, settings: Settings) -> str | None:
    try:
        return _number(text, settings)
    except Problem:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise field_problem("/day", "a day such as 2026-11-27") from None
