"""/coverage: how well each area is covered, what the months to come do to it, and where to recruit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access import requires
from responder.coverage import keeping, recruiting, sentences, squares
from responder.coverage.alone import MOST_TOLD, NEAR_M
from responder.coverage.facts import Square, covered, is_enough, lapses_told
from responder.coverage.months import DAY_H, NIGHT_H
from responder.models import Responder
from responder.pages.room import READS, WRITES, Room, may_change

_M_PER_KM = 1000
_MOST_AREAS = 20
"""So many in a list; the table below has them all."""


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""

    @routes.get("/coverage")
    @requires(READS)
    def coverage() -> str:
        with room.services.read() as session:
            kept = keeping.latest(session)
            alone = _alone(session, kept)
        return render_template("responder/coverage.html", kept=kept, alone=alone, may_change=may_change(), **_said(room, kept))

    @routes.get("/coverage/squares.json")
    @requires(READS)
    def coverage_squares() -> Response:
        with room.services.read() as session:
            kept = keeping.latest(session)
        return jsonify({"type": "FeatureCollection", "features": list(map(_drawn, kept.forecast.squares if kept else ()))})

    @routes.post("/coverage")
    @requires(WRITES)
    def count_again() -> ResponseReturnValue:
        keeping.make(room.services)
        return redirect(url_for("people.coverage"), 303)


def _said(room: Room, kept: keeping.Kept | None) -> dict[str, Any]:
    """What stands on the page whoever reads it, and, of a forecast, its sentences."""
    per_km2 = room.services.settings.coverage_per_km2
    fixed = {
        "per_km2": per_km2,
        "day_at": f"{DAY_H:02}:00",
        "night_at": f"{NIGHT_H:02}:00",
        "near_km": round(NEAR_M / _M_PER_KM),
        "most": MOST_TOLD,
        "most_areas": _MOST_AREAS,
    }
    if kept is None:
        return fixed
    made = kept.forecast
    return fixed | {
        "falls": list(sentences.falls(made, per_km2)),
        "edges": list(sentences.edges(made, per_km2)),
        "months": [
            (number, lapses_told(made.areas, number), *covered(made.areas, number)) for number in range(len(made.months) + 1)
        ],
        "wanted": recruiting.wanted(made),
        "called": lambda area: sentences.called(made, area),
        "month": lambda ahead: sentences.MONTHS[made.months[ahead - 1] - 1],
        "is_enough": is_enough,
    }


def _alone(session: Session, kept: keeping.Kept | None) -> Sequence[tuple[int, str, bool, bool]]:
    """Those without whom nobody is near: row, name, whether by day, whether by night."""
    if kept is None:
        return []
    by_day, by_night = set(kept.forecast.alone_by_day), set(kept.forecast.alone_by_night)
    alive = select(Responder.id, Responder.name).where(Responder.id.in_(by_day | by_night), Responder.erased_at.is_(None))
    rows = session.execute(alive.order_by(Responder.sort_name, Responder.id))
    return [(row.id, row.name, row.id in by_day, row.id in by_night) for row in rows]


def _drawn(square: Square) -> dict[str, Any]:
    facts = {"by_day": square.by_day, "by_night": square.by_night, "needed": square.needed}
    return {"type": "Feature", "properties": facts, "geometry": squares.outline(square)}
