"""Corners: "Kaivokatu / Keskuskatu" is where the two streets meet."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from geo.address import MAX_LETTERS
from geo.gazetteer import Gazetteer
from geo.models import Crossing
from geo.resolution import MAX_OFFERS, Match, Resolution
from geo.street_index import KnownStreet

_MOST_STREETS = 100
_BETWEEN = re.compile(r"\s*[/&+×@]\s*|\s+(?:x|ja|och|and|et|und|at)\s+", re.IGNORECASE)
_CORNER_WORDS = re.compile(
    r"\b(?:risteys|risteyksessä|kulma|kulmassa|korsningen|korsning|hörnet|hörn|(?:the )?(?:corner|crossing)(?: of)?|angle)\b",
    re.IGNORECASE,
)


def resolve(session: Session, names: Gazetteer, text: str) -> Resolution | None:
    """The corner that `text` names, or None when it names no two streets (and so is another kind of address)."""
    where, *rest = text[:MAX_LETTERS].split(",")
    parts = [part for part in _BETWEEN.split(_CORNER_WORDS.sub(" ", where)) if part.strip()]
    if len(parts) != 2 or names.streets.named(where):
        return None
    one, other = (_streets(names, names.without_locality(part)) for part in parts)
    if not one or not other or set(one) & set(other):
        return None
    leftover = names.leftover([word for part in rest for word in part.split()])
    corners = _corners(session, one, other)
    elsewhere = any(leftover.elsewhere(street.town) for street in (*one, *other))
    if len(corners) == 1 and not leftover.not_understood and not elsewhere:
        return Resolution(corners[0], (corners[0],))
    middles = [Match(street.name, street.lat, street.lon) for street in (*one, *other)]
    return Resolution(None, tuple((corners or middles)[:MAX_OFFERS]))


def _streets(names: Gazetteer, part: str) -> tuple[KnownStreet, ...]:
    return names.streets.named(part) or names.streets.like(part).sure


def _corners(session: Session, one: Sequence[KnownStreet], other: Sequence[KnownStreet]) -> list[Match]:
    by_id = {street.id: street.name for street in (*one, *other)}
    first, second = ([street.id for street in streets[:_MOST_STREETS]] for streets in (one, other))
    here, there = Crossing.street_id, Crossing.other_street_id
    meeting = or_(and_(here.in_(first), there.in_(second)), and_(here.in_(second), there.in_(first)))
    columns = select(here, there, Crossing.lat, Crossing.lon)
    rows = session.execute(columns.where(meeting).order_by(Crossing.id).limit(MAX_OFFERS))
    spots = [(row.lat, row.lon, {row.street_id, row.other_street_id}) for row in rows]
    found = []
    for number, (lat, lon, pair) in enumerate(spots, start=1):
        names = sorted(pair, key=lambda street_id: street_id not in first)
        which = f" ({number})" if len(spots) > 1 else ""
        found.append(Match(" / ".join(by_id[street_id] for street_id in names) + which, lat, lon))
    return found
