"""People whom a certificate of theirs lets do one role alone: show the crew the way, say, and not go to the patient.

They are asked beside the waves, which are for those who may do all of it, and take nobody's place there. How many are wanted is
counted anew at every look, so a silence or a refusal of theirs brings the next one without a debt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch import candidates, coverage, states, waves
from dispatch.candidates import Candidate, Question
from dispatch.models import Callout
from dispatch.plans import LesserRole, Plan, Waves

PER_ROLE = 2
"""How many may be asked at the same time for each such role that is free: the shipped waves ask 7 for 3 roles."""
WORDS = {"aed": "may fetch the defibrillator alone", "guide": "may show the crew the way alone"}


@dataclass(frozen=True)
class Wanted:
    """So many people for one role alone."""

    role: LesserRole
    people: int


def wanted(plan: Plan, rows: Sequence[Callout], now: datetime) -> list[Wanted]:
    """Whom an incident with the callouts `rows` asks for one role alone, beside its waves: nobody where those ask everybody."""
    if not plan.any_of:
        return []
    left = Counter(coverage.unfilled(plan.roles, rows))
    asked = Counter(row.only_role for row in rows if row.state in states.WAITING and not waves.is_silent(row, plan.waves, now))
    people = {role: PER_ROLE * left[role] - asked[role] for role in plan.for_role}
    return [Wanted(role, wanted) for role, wanted in people.items() if wanted > 0]


def others(rows: Sequence[Callout]) -> list[Callout]:
    """Those of `rows` who may do every role: whom the waves count."""
    return [row for row in rows if row.only_role is None]


def need_of_others(policy: Waves, rows: Sequence[Callout], now: datetime, *, starting: bool) -> waves.Need:
    """What the waves need, which count nobody who was asked for one role alone, but for the most that one incident asks."""
    own = others(rows)
    need = waves.need(policy, own, now, starting=starting)
    return replace(need, newcomers=max(0, need.newcomers - (len(rows) - len(own))))


def free(plan: Plan, asking: str, rows: Sequence[Callout]) -> list[LesserRole]:
    """The roles that somebody may have alone and that nobody has yet, while an incident with the callouts `rows` is `asking`: a
    1 is taken from nobody else who may do no more than that."""
    if asking != coverage.ASKING or not plan.any_of:
        return []
    left = coverage.unfilled(plan.roles, rows)
    return [role for role in plan.for_role if role in left]


def choose(
    session: Session, question: Question, beside: Sequence[Wanted], asked: Mapping[int, str], newcomers: int
) -> list[tuple[Candidate, LesserRole]]:
    """The soonest for each role in `beside` among those who may not do more than that. `asked` and `newcomers` are as in
    `candidates.find`. Writes nothing."""
    known = dict(asked)
    chosen: list[tuple[Candidate, LesserRole]] = []
    for one in beside:
        left = max(0, newcomers - len(chosen))
        for candidate in candidates.find(session, alone(question, one.role), one.people, known, left):
            known[candidate.responder_id] = states.QUEUED
            chosen.append((candidate, one.role))
    return chosen


def alone(question: Question, role: LesserRole) -> Question:
    """The same question, put to those who may have this role and no other."""
    narrow = question.plan.model_copy(update={"any_of": question.plan.for_role[role]})
    return replace(question, plan=narrow, but_not=question.plan.any_of)


def settle(rows: Sequence[Callout], policy: Waves, now: datetime) -> None:
    """Nobody stands in for them by a debt, which would start an asking again that a dispatcher has ended."""
    for row in rows:
        if row.only_role is not None and waves.owes_a_replacement(row, policy, now):
            row.replaced_at = now
