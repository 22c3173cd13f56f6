"""/coverage: how well each area is covered for a kind of emergency, what the months to come do to it, and where to recruit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access import requires
from core.problems import not_found
from core.words import _, fill
from responder.coverage import keeping, recruiting, sentences, squares
from responder.coverage.alone import MOST_TOLD, NEAR_M
from responder.coverage.facts import Square, covered, is_enough, lapses_told
from responder.coverage.months import DAY_H, NIGHT_H
from responder.models import Responder
from responder.pages.kinds import labels
from responder.pages.room import READS, WRITES, Asking, Room, may_change

_M_PER_KM = 1000
_MOST_AREAS = 20
"""So many in a list; the table below has them all."""
_FIRST_LOOKED_AT = "cardiac_arrest"
"""The kind of emergency of a page that names none: minutes count most in it."""


_CERTIFICATES = {
    (True, True): _("{all} and one of {any}"),
    (True, False): _("{all}"),
    (False, True): _("one of {any}"),
    (False, False): _("any one that counts"),
}
"""Which certificates are asked for: by whether some are asked for without fail, and whether any of some."""


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""

    @routes.get("/coverage")
    @requires(READS)
    def coverage() -> str:
        with room.services.read() as session:
            plans = room.above.plans_on(session)
            plan = _picked(plans)
            kept = keeping.latest(session, plan.needs) if plan else None
            alone, kinds = _alone(session, kept), labels(session, room.services.settings.default_language)
        return render_template(
            "responder/coverage.html",
            plans=plans,
            plan=plan,
            certificates=_certificates(plan, kinds) if plan else "",
            kept=kept,
            alone=alone,
            may_change=may_change(),
            **_said(room, kept),
        )

    @routes.get("/coverage/squares.json")
    @requires(READS)
    def coverage_squares() -> Response:
        with room.services.read() as session:
            plan = _picked(room.above.plans_on(session))
            kept = keeping.latest(session, plan.needs) if plan else None
        return jsonify({"type": "FeatureCollection", "features": list(map(_drawn, kept.forecast.squares if kept else ()))})

    @routes.post("/coverage")
    @requires(WRITES)
    def count_again() -> ResponseReturnValue:
        keeping.make(room.services, lambda session: sorted({plan.needs for plan in room.above.plans_on(session)}))
        return redirect(url_for("people.coverage", plan=request.form.get("plan")), 303)


def _picked(plans: Sequence[Asking]) -> Asking | None:
    """The kind of emergency that is asked for, or the first to be looked at; None where none is on."""
    by_type = {plan.key: plan for plan in plans}
    wanted = request.args.get("plan")
    if wanted and wanted not in by_type:
        raise not_found("kind of emergency that is on")
    return by_type.get(wanted or _FIRST_LOOKED_AT) or next(iter(plans), None)


def _certificates(plan: Asking, kinds: Mapping[str, str]) -> str:
    """The certificates that it asks for, in words."""
    every, some = (", ".join(kinds.get(key, key) for key in keys) for keys in plan.needs)
    return fill(_CERTIFICATES[bool(every), bool(some)], all=every, any=some)


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
