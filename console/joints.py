"""What one room asks of another that it may not import: the shell, which stands above both, hands it over."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.services import Services
from dispatch.models import Callout
from dispatch.states import LIVE
from responder.models import Responder
from sms.models import Contact

_MOST_PHONES = 1000


def is_bound(session: Session, responder_id: int) -> bool:
    """Whether this responder is on a callout now, or was told to get away and is not known to be safe (an erasure waits)."""
    live = or_(Callout.state.in_(LIVE), Callout.unsafe_since.is_not(None))
    bound = select(Callout.id).where(Callout.responder_id == responder_id, live)
    return session.scalar(bound.limit(1)) is not None


def names_by_phone(services: Services) -> Mapping[str, str]:
    """Whose phone a number is, for the page of phones; demo people first, who are all that a first visit is about."""
    wanted = select(Contact.phone, Responder.name).join(Responder, Responder.contact_id == Contact.id)
    with services.read() as session:
        rows = session.execute(wanted.order_by(Contact.demo.desc(), Responder.id).limit(_MOST_PHONES))
        return dict(rows.all())
