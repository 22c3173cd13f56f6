"""What would happen if this emergency were raised now: the very same choosing, writing nothing and making nobody wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.problems import Problem
from core.settings import Settings
from core.words import _
from dispatch import asking, candidates, letters, one_role, placing, waves, writing
from dispatch.candidates import Candidate, Question
from dispatch.models import OPEN, Incident
from dispatch.placing import Place
from dispatch.plans import LesserRole, Plan
from geo.distance import Origin, box_around
from responder import rules

SAME_WITHIN_M = 300
SAME_WITHIN = timedelta(minutes=10)
_MOST_ALIKE = 5


@dataclass(frozen=True)
class Wanted:
    """An emergency that somebody is about to raise."""

    plan: Plan
    hazards: tuple[str, ...]
    ambulance_eta_s: int | None
    drill: bool


@dataclass(frozen=True)
class Foreseen:
    """Who would be asked, of how many wanted, with which first text ("" when none would leave); and who would be asked beside
    them for one role alone."""

    chosen: Sequence[Candidate]
    wanted: int
    text: str
    beside: Sequence[tuple[Candidate, LesserRole]] = ()

    @property
    def by_transport(self) -> dict[str, int]:
        """How many would come by what."""
        return dict(Counter(one.transport for one in self.chosen))

    @property
    def by_only_role(self) -> dict[str, int]:
        """How many would be asked for which role alone."""
        return dict(Counter(role for _, role in self.beside))


@dataclass(frozen=True)
class SameOne:
    """An open incident so near and so recent that it may be the same emergency."""

    incident: Incident
    distance_m: int
    minutes: int


def held_by(wanted: Wanted) -> list[str]:
    """The dangers for which nobody would be asked until a dispatcher's go."""
    return [hazard for hazard in wanted.hazards if hazard in wanted.plan.excluded_hazards]


def problem_with(session: Session, place: Place) -> str | None:
    """Why an emergency cannot be raised at `place`, in words; None when it can."""
    if place.lat == 0 and place.lon == 0:
        return _("0,0 is what a device sends when it does not know where it is")
    try:
        placing.check_inside(session, 1, place)
    except Problem as problem:
        return problem.errors[0].detail
    return None


def foresee(session: Session, settings: Settings, wanted: Wanted, place: Place) -> Foreseen:
    """The first wave, and whoever is asked beside it, as they would leave if the emergency were raised at `place` now."""
    now, plan = clock.now(), wanted.plan
    ambulance_at = None if wanted.ambulance_eta_s is None else now + timedelta(seconds=wanted.ambulance_eta_s)
    question = Question(
        agency_id=1,
        incident_id="",
        lat=place.lat,
        lon=place.lon,
        plan=plan,
        reach_s=candidates.reach_s(plan, ambulance_at, now),
        moment=rules.moment_of(settings, now),
    )
    need = waves.need(plan.waves, [], now, starting=True)
    if held_by(wanted):
        return Foreseen([], need.people, "")
    chosen = asking.choose(session, question, need, [], now)
    beside = one_role.choose(session, question, one_role.wanted(plan, [], now), {}, need.newcomers - len(chosen))
    return Foreseen(chosen, need.people, _first_text(session, settings, wanted, place, chosen), beside)


def _first_text(session: Session, settings: Settings, wanted: Wanted, place: Place, chosen: Sequence[Candidate]) -> str:
    if not chosen:
        return ""
    soonest = chosen[0]
    return writing.first_words(
        settings,
        wanted.plan.first_text,
        settings.default_language,
        letter=letters.for_people(session, [soonest.responder_id])[soonest.responder_id],
        type_=wanted.plan.type,
        distance_m=soonest.distance_m,
        district=placing.district_of(session, place),
        drill=wanted.drill,
    )


def same_ones(session: Session, place: Place) -> list[SameOne]:
    """Open incidents of the last ten minutes within 300 m, the nearest first: perhaps the same emergency, told twice."""
    box, now = box_around(place.lat, place.lon, SAME_WITHIN_M), clock.now()
    near = select(Incident).where(
        Incident.state == OPEN,
        Incident.opened_at >= now - SAME_WITHIN,
        Incident.lat.between(box.south, box.north),
        Incident.lon.between(box.west, box.east),
    )
    origin = Origin(place.lat, place.lon)
    measured = [
        SameOne(one, round(origin.distance_m(one.lat, one.lon)), int((now - one.opened_at).total_seconds() // 60))
        for one in session.scalars(near.order_by(Incident.opened_at.desc()).limit(100))
    ]
    within = [one for one in measured if one.distance_m <= SAME_WITHIN_M]
    return sorted(within, key=lambda one: one.distance_m)[:_MOST_ALIKE]
