"""Finding who could be asked: the soonest there among those whom every rule allows, read live from the narrow table.

The search goes outwards ring by ring and stops as soon as no unseen cell can hold anyone sooner than those found.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from core import clock
from dispatch import near, sparing, states
from dispatch.models import Incident
from dispatch.plans import Plan
from geo import cells, zones
from geo.distance import Origin, box_around
from geo.travel import StraightLine, TravelTime
from responder import rules

RE_ASKABLE = (states.STOOD_DOWN,)
OTHERS = 3
"""Whoever is spared is not asked while at least so many others are in reach, free or asked here and in time to answer; with
fewer they are asked after those."""
FEW = 6
"""Fewer places than this in a ring of fine cells (the first is 0.1 km²): reading everything within reach is quicker."""
_SURROUNDINGS = "surroundings"


@dataclass(frozen=True)
class Question:
    """What a choice depends on, as values: where, for whom, how soon, and the moment in the agency's own time."""

    agency_id: int
    incident_id: str
    lat: float
    lon: float
    plan: Plan
    reach_s: int
    moment: rules.Moment
    but_not: tuple[str, ...] = ()
    """Whoever has what the plan asks for by a certificate of one of these kinds is left out."""

    @classmethod
    def of(cls, incident: Incident, plan: Plan, moment: rules.Moment, now: datetime) -> Question:
        """The question that `incident` puts now."""
        return cls(
            incident.agency_id, incident.id, incident.lat, incident.lon, plan, reach_s(plan, incident.ambulance_at, now), moment
        )


class Candidate(NamedTuple):
    """A responder who may be asked, at the place they would set out from. Candidates sort best first."""

    asked_elsewhere: bool
    spared: bool
    eta_s: int
    distance_m: int
    responder_id: int
    kind: str
    transport: str


def reach_s(plan: Plan, ambulance_at: datetime | None, now: datetime) -> int:
    """How many seconds of travel are still of use: the plan's limit, or the ambulance's arrival where that is sooner."""
    if ambulance_at is None:
        return plan.reach.travel_s
    return max(0, min(plan.reach.travel_s, clock.epoch_s(ambulance_at) - clock.epoch_s(now)))


def find(
    session: Session,
    question: Question,
    limit: int,
    asked: Mapping[int, str],
    newcomers: int = 100,
    *,
    in_play: int = 0,
    everybody: bool = False,
) -> list[Candidate]:
    """The best `limit` people for `question`, best first: free ones by travel time, then those who are spared, where fewer than
    `OTHERS` others are free or `in_play` here already, or `everybody` is wanted, then those asked elsewhere and silent.

    `asked` are the people who have a callout at this incident already, with its state; of these only those stood down come
    into question again. At most `newcomers` of the answer are people not asked before. Nobody in it has had as many alerts as
    they wish, those of this very second included.
    """
    if limit <= 0:
        return []
    others = None if everybody else OTHERS - in_play
    while True:
        found = _search(session, question, limit, asked, newcomers, others)
        enough = sparing.have_had_enough(session, [one.responder_id for one in found])
        if not enough:
            return found
        # Whose limit the last minute has filled, for the narrow table does not know it yet: the next soonest takes their place.
        asked = {**asked, **dict.fromkeys(enough, states.DECLINED)}


def _search(
    session: Session, question: Question, limit: int, asked: Mapping[int, str], newcomers: int, others: int | None
) -> list[Candidate]:
    search = _Search(session, question, limit, asked, newcomers, others)
    for ring in cells.search_rings(question.lat, question.lon, search.farthest_m):
        few = search.read(ring) < FEW
        if search.is_settled(ring):
            break
        if few:
            # So few people live here that every further look costs more than the places it could spare.
            search.read(cells.disk_over(question.lat, question.lon, search.farthest_m))
            break
    return search.best()


class _Search:
    """The state of one search: the best found so far, and how far out anyone can still be of interest."""

    def __init__(
        self,
        session: Session,
        question: Question,
        limit: int,
        asked: Mapping[int, str],
        newcomers: int,
        others: int | None,
    ) -> None:
        """`others`: how many free ones it takes to leave out who is spared; None when nobody is to be left out."""
        self._session, self._question, self._limit, self._others = session, question, limit, others
        self._asked, self._newcomers = asked, newcomers
        self._travel, self._area = surroundings(session, question.agency_id)
        self._judge = judge_of(question, self._travel, asked)
        self._found: dict[int, Candidate] = {}
        self._spared: dict[int, Candidate] = {}
        self._free = 0
        self._limit_s = question.reach_s
        self.farthest_m = min(question.plan.reach.ceiling_m, self._travel.fastest_reach_m(question.reach_s))

    def read(self, ring: cells.Ring) -> int:
        """Judge everyone in a ring who could still be among the best; returns how many that were."""
        question = self._question
        box = box_around(question.lat, question.lon, self.farthest_m)
        rows = near.places(self._session, ring, box, question.agency_id, question.incident_id, question.moment.now_s)
        for candidate in self._allowed(rows):
            found = self._spared if candidate.spared else self._found
            known = found.get(candidate.responder_id)
            if known is None or candidate < known:
                found[candidate.responder_id] = candidate
                self._free += known is None and not candidate.spared and not candidate.asked_elsewhere
        self._narrow()
        return len(rows)

    def best(self) -> list[Candidate]:
        """The best found so far, best first."""
        found = self._found.values() if self._may_spare() else [*self._found.values(), *self._spared.values()]
        if self._newcomers >= self._limit:
            return heapq.nsmallest(self._limit, found)
        # Newcomers beyond their number take nobody's place: behind them may live someone who was stood down.
        return list(islice(_within(sorted(found), self._asked, self._newcomers), self._limit))

    def _may_spare(self) -> bool:
        """Whether those who are spared are left out, or there are none."""
        return not self._spared or (self._others is not None and self._free >= self._others)

    def is_settled(self, ring: cells.Ring) -> bool:
        """Whether nobody in an unseen cell can be sooner than those found."""
        return self.farthest_m <= ring.unseen_from_m

    def _narrow(self) -> None:
        """Once all of the best are free and none is spared, nobody slower than the last of them is of interest any more."""
        best = self.best()
        if len(best) == self._limit and not best[-1].asked_elsewhere and not best[-1].spared:
            self._limit_s = best[-1].eta_s
            self.farthest_m = min(self.farthest_m, self._travel.fastest_reach_m(self._limit_s))

    def _allowed(self, rows: Sequence[near.PlaceNear]) -> Iterator[Candidate]:
        """The candidates among `rows`; the zones are asked about all of them at once, which is many times faster."""
        judged = [(one, row.lat, row.lon) for row in rows if (one := self._judge(row, self._limit_s)) is not None]
        if judged:
            candidates, lats, lons = zip(*judged, strict=True)
            yield from (one for one, inside in zip(candidates, self._area.inside(lats, lons), strict=True) if inside)


def _within(found: Iterable[Candidate], asked: Mapping[int, str], newcomers: int) -> Iterator[Candidate]:
    for candidate in found:
        if candidate.responder_id not in asked:
            if newcomers == 0:
                continue
            newcomers -= 1
        yield candidate


def surroundings(session: Session, agency_id: int) -> tuple[TravelTime, zones.ServiceArea]:
    """How one travels in an agency's area, and the area itself. Looked at once in a transaction, for none that chooses people
    changes a zone."""
    known: dict[int, tuple[TravelTime, zones.ServiceArea]] = session.info.setdefault(_SURROUNDINGS, {})
    if agency_id not in known:
        area = zones.service_area(session, agency_id)
        known[agency_id] = StraightLine(area.inhabitants_per_km2), area
    return known[agency_id]


Judge = Callable[[Any, int], Candidate | None]


def judge_of(question: Question, travel: TravelTime, asked: Mapping[int, str]) -> Judge:
    """One row and the longest travel time of interest in, a candidate out, or None for whoever a rule leaves out. Everything
    constant is looked up once; zones are left to the caller."""
    origin = Origin(question.lat, question.lon)
    plan, moment, ceiling_m = question.plan, question.moment, question.plan.reach.ceiling_m
    now_s, but_not = moment.now_s, question.but_not

    def judge(row: Any, limit_s: int) -> Candidate | None:
        distance_m = origin.distance_m(row.lat, row.lon)
        eta_s = travel.estimate_s(distance_m, row.transport)
        if eta_s > limit_s or distance_m > ceiling_m or row.elsewhere == near.BOUND_ELSEWHERE:
            return None
        if asked.get(row.responder_id, states.STOOD_DOWN) not in RE_ASKABLE:
            return None
        if rules.reason_against(row, plan.all_of, plan.any_of, moment) is not None:
            return None
        if but_not and rules.certified(row.certified, plan.all_of, but_not, moment.certified_s, moment.grace_s) is None:
            return None
        elsewhere = row.elsewhere == near.ASKED_ELSEWHERE
        spared = row.spared_until > now_s
        return Candidate(elsewhere, spared, eta_s, round(distance_m), row.responder_id, row.kind, row.transport)

    return judge
