"""What one room asks of another that it may not import: the shell, which stands above both, hands it over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from console.accounts import signed_in
from core import ids
from core.services import Services
from core.settings import Settings
from dispatch import ledger, plans, sparing, suspending, to_people
from dispatch.desk import speech
from dispatch.models import Callout, Incident
from dispatch.states import LIVE
from responder.me.room import Above, Alert
from responder.models import Responder
from responder.pages.room import Asking
from sms.models import Contact

_MOST_PHONES = 1000
_MOST_ALERTS = 100


def is_bound(session: Session, responder_id: int) -> bool:
    """Whether this responder is on a callout now, or was told to get away and is not known to be safe (an erasure waits)."""
    live = or_(Callout.state.in_(LIVE), Callout.unsafe_since.is_not(None))
    bound = select(Callout.id).where(Callout.responder_id == responder_id, live)
    return session.scalar(bound.limit(1)) is not None


def suspend(settings: Settings, session: Session, responder_id: int, because: str, actor: str) -> bool:
    """Suspend this responder and take them off every emergency that they are on; whether they were not suspended before."""
    return suspending.suspend(session, settings, responder_id, because, actor)


def alerts_since(since: datetime) -> Select[int, int]:
    """Who was asked since then and how often, drills left out. A callout is made when its person is first asked: its id, which
    tells when that was, is the index that finds them."""
    return (
        select(Callout.responder_id, func.count().label("alerts"))
        .join(Incident, Incident.id == Callout.incident_id)
        .where(Callout.id >= ids.first_at(since), Incident.drill.is_(False))
        .group_by(Callout.responder_id)
    )


def alerts_of(session: Session, responder_id: int) -> Sequence[Alert]:
    """What this responder was asked to come to, newest first: when, what for, and what became of it; never where."""
    wanted = (
        select(Callout.queued_at, Callout.state, Incident.type, Incident.drill)
        .join(Incident, Incident.id == Callout.incident_id)
        .where(Callout.responder_id == responder_id)
    )
    rows = session.execute(wanted.order_by(Callout.queued_at.desc()).limit(_MOST_ALERTS))
    return [Alert(row.queued_at, row.type, row.drill, row.state) for row in rows]


def above_a_person(services: Services) -> Above:
    """What a person's own page asks of the rooms above."""
    return Above(
        is_bound=is_bound,
        alerts_of=alerts_of,
        ledger_of=ledger.of_person,
        recount=lambda session, responder_id: sparing.recount(session, services.settings, responder_id),
        send_link=partial(to_people.send_link, services),
        ask_consent=partial(to_people.ask_consent, services),
        tell_shared=partial(to_people.tell_shared, services),
        send_code=partial(to_people.send_code, services),
        network_of=lambda asked: signed_in.network(signed_in.address(asked)),
    )


def plans_on(session: Session) -> Sequence[Asking]:
    """The kinds of emergency that are on, with the certifications they ask for, by name."""
    return [Asking(plan.type, speech.type_name(plan.type), plan.all_of, plan.any_of) for plan in plans.on(session)]


def names_by_phone(services: Services) -> Mapping[str, str]:
    """Whose phone a number is, for the page of phones; demo people first, who are all that a first visit is about."""
    wanted = select(Contact.phone, Responder.name).join(Responder, Responder.contact_id == Contact.id)
    with services.read() as session:
        rows = session.execute(wanted.order_by(Contact.demo.desc(), Responder.id).limit(_MOST_PHONES))
        return dict(rows.all())
