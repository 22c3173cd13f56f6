"""What a kind of certificate opens, changed by an admin: a new version of each plan that it concerns.

Emergencies that are open keep the version that they were opened with.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import events
from core.problems import field_problem
from dispatch import plans
from dispatch.models import PlanRow
from dispatch.plans import Plan

EVERY_ROLE = "direct"
"""Whoever may go to the patient may have every other role."""


def set_opens(session: Session, key: str, wanted: Mapping[str, Collection[str]], actor: str, agency_id: int = 1) -> None:
    """Let certificates of kind `key` open these roles, by type of plan; plans that are not named stay as they are. Raises
    Problem 422 about `/opens` for a plan that would ask nobody in particular any more."""
    rows = select(PlanRow).where(PlanRow.agency_id == agency_id, PlanRow.current, PlanRow.type.in_(list(wanted)))
    for row in session.scalars(rows.order_by(PlanRow.type).with_for_update()).all():
        plan = plans.of(row)
        changed = with_kind(plan, key, wanted[row.type])
        if changed != plan:
            saved = plans.save(session, changed, row.is_on, agency_id)
            events.record(session, "plan_changed", actor, type=plan.type, version=saved.version)


def with_kind(plan: Plan, key: str, roles: Collection[str]) -> Plan:
    """The plan in which a certificate of kind `key` opens exactly these of its roles. One that asks for no kind in particular
    has no roles to open, and stays as it is."""
    if not plan.any_of:
        return plan
    any_of = _with(plan.any_of, key, there=EVERY_ROLE in roles)
    if not any_of:
        raise field_problem("/opens", "another kind first that goes to the patient: with none, everybody would be asked")
    for_role = {
        role: kinds
        for role in plans.LESSER_ROLES
        if (kinds := _with(plan.for_role.get(role, ()), key, there=role in roles and EVERY_ROLE not in roles))
    }
    return plan.model_copy(update={"any_of": any_of, "for_role": for_role})


def _with(kinds: tuple[str, ...], key: str, *, there: bool) -> tuple[str, ...]:
    if there:
        return kinds if key in kinds else (*kinds, key)
    return tuple(kind for kind in kinds if kind != key)
