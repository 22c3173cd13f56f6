"""Whether one person would be asked right now, per kind of emergency and place: the very rules that choosing uses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.settings import Settings
from geo import zones
from responder import rules
from responder.models import ReachablePlace
from responder.rules import Reason

Verdicts = dict[str, Reason | None]
"""By kind of place: the reason against asking there, or None."""


def verdicts(
    session: Session,
    settings: Settings,
    responder_id: int,
    needs: Sequence[tuple[tuple[str, ...], tuple[str, ...]]],
    now: datetime,
) -> list[Verdicts]:
    """For each need (certifications: all of these, any of those), what speaks against each of the person's places."""
    rows = session.scalars(select(ReachablePlace).where(ReachablePlace.responder_id == responder_id)).all()
    moment = rules.moment_of(settings, now)
    inside = zones.service_area(session).inside([row.lat for row in rows], [row.lon for row in rows])
    served = {row.kind: bool(one) for row, one in zip(rows, inside, strict=True)}
    return [
        {
            row.kind: rules.reason_against(row, all_of, any_of, moment) or (None if served[row.kind] else Reason.OUTSIDE_ZONE)
            for row in rows
        }
        for all_of, any_of in needs
    ]
