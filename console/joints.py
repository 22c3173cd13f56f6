"""What one room asks of another that it may not import: the shell, which stands above both, hands it over."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.services import Services
from dispatch.models import Callout
from dispatch.states import BOUND
from responder.models import Responder
from sms.models import Contact

_MOST_PHONES = 1000


def is_bound(session: Session, responder_id: int) -> bool:
    """Whether this responder is coming to or at an emergency now (an erasure waits for its end)."""
    bound = select(Callout.id).where(Callout.responder_id == responder_id, Callout.state.in_(BOUND))
    return session.scalar(bound.limit(1)) is not None


def names_by_phone(services: Services) -> Mapping[str, str]:
    """Whose phone a number is, for the page of phones; demo people first, who are all that a first visit is about."""
    wanted = select(Contact.phone, Responder.name).join(Responder, Responder.contact_id == Contact.id)
    with services.read() as session:
        rows = session.execute(wanted.order_by(Contact.demo.desc(), Responder.id).limit(_MOST_PHONES))
        return dict(rows.all())
