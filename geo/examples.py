"""An address of this town, to show people how they may write theirs."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.geocoding import Match
from geo.models import HouseNumber, Street


def of_town(session: Session) -> Match | None:
    """Some house of the index, always the same one until another area is imported; None while there is no index."""
    wanted = (
        select(Street.name, HouseNumber.number, HouseNumber.lat, HouseNumber.lon)
        .join(Street, Street.id == HouseNumber.street_id)
        .order_by(HouseNumber.id)
        .limit(1)
    )
    row = session.execute(wanted).first()
    return Match(f"{row.name} {row.number}", row.lat, row.lon) if row else None
