"""Response plans: what an incident type needs, as versioned data. Plans ship as below and an admin edits copies of them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from core import clock
from core.problems import field_problem
from core.words import fill
from dispatch.models import PlanRow
from responder.coverage.needs import Needs

Role = Literal["direct", "aed", "guide"]
LesserRole = Literal["aed", "guide"]
"""Roles that somebody may have who may not go to the patient."""
LESSER_ROLES: tuple[LesserRole, ...] = ("aed", "guide")
Hazard = Literal["violence", "weapon", "fire_or_gas", "traffic", "water_or_ice", "suicide", "child_under_8", "care_facility"]
HAZARDS: tuple[Hazard, ...] = (
    "violence",
    "weapon",
    "fire_or_gas",
    "traffic",
    "water_or_ice",
    "suicide",
    "child_under_8",
    "care_facility",
)
EXCLUDED_AS_SHIPPED: tuple[Hazard, ...] = ("violence", "weapon", "fire_or_gas")


class Data(BaseModel):
    """Immutable, and strict about names."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Reach(Data):
    """How far away a person may be: by travel time, within a ceiling in a straight line."""

    travel_s: int = Field(600, ge=60, le=3600)
    ceiling_m: int = Field(1500, ge=100, le=20_000)


class Waves(Data):
    """How many are asked at once and what brings the next.

    `first` None asks everyone in reach at once; otherwise everyone when fewer than `all_below` are in reach.
    """

    preset: str
    evidence: str
    first: int | None = Field(7, ge=1, le=100)
    all_below: int = Field(10, ge=0, le=100)
    silence_s: int = Field(30, ge=5, le=600)
    most_asked: int = Field(30, ge=1, le=100)


REPLACE = Waves(
    preset="replace",
    evidence="Alert 7 and replace each who declines: van den Berg 2026 (29,307 GoodSAM NZ alerts, simulated); silence 20-45 s:"
    " Mobile Retter; a nearer late answer still taken: own simulation of 2026-11-22",
)
STOCKHOLM = Waves(
    preset="stockholm",
    evidence="Everyone within 500 m at once: Ringh 2015, the Stockholm trial; the bound of 100 is HartslagNu's",
    first=None,
    most_asked=100,
)
RURAL = Waves(
    preset="rural",
    evidence="Few people far apart, all at once: TrygFonden's 5 km for sparse areas (2021)",
    first=None,
)
PRESETS: dict[str, tuple[Waves, Reach]] = {
    "replace": (REPLACE, Reach()),
    "stockholm": (STOCKHOLM, Reach(ceiling_m=500)),
    "rural": (RURAL, Reach(travel_s=900, ceiling_m=5000)),
}


RING_EVIDENCE = (
    "Noticing, not the network, is what takes time: 35 % of reasons for not acting were an alert noticed too late (AED-Alert,"
    " Resuscitation 2011;82:1273), so a text is followed by a call after 20 to 30 s. 30: by then the silence has also brought"
    " the next person, and half of all who answer by text have not been disturbed"
)


_FIRST_FOR = {"aed": "T1_aed", "guide": "T1_guide"}


class Plan(Data):
    """What happens when an incident of this type comes in.

    Whoever has a certificate of every kind in `all_of` and of one in `any_of` may have every role. `for_role` names the kinds
    that stand in for `any_of` where somebody has one role alone; in a plan whose `any_of` is empty it has nothing to add.
    """

    type: str = Field(pattern="^[a-z][a-z0-9_]{1,39}$")
    all_of: tuple[str, ...] = ()
    any_of: tuple[str, ...]
    for_role: dict[LesserRole, tuple[str, ...]] = {}
    reach: Reach = Reach()
    waves: Waves = REPLACE
    roles: tuple[Role, ...] = ("direct", "direct", "guide")
    excluded_hazards: tuple[Hazard, ...] = EXCLUDED_AS_SHIPPED
    answer_within_s: int = Field(300, ge=30, le=3600)
    ring_after_s: int = Field(30, ge=5, le=600)
    ring_evidence: str = RING_EVIDENCE
    first_text: str = "T1"

    def any_of_for(self, only_role: str | None) -> tuple[str, ...] | None:
        """The kinds one of which somebody needs, who is asked for one role alone or (None) for whatever is free; None where no
        certificate opens that role alone."""
        return self.any_of if only_role is None else {str(role): kinds for role, kinds in self.for_role.items()}.get(only_role)

    def first_text_for(self, only_role: str | None) -> str:
        """The key of the text that asks them."""
        return self.first_text if only_role is None else _FIRST_FOR[only_role]


ANY_HELPER = ("cpr", "first_aid", "medical")
SHIPPED: tuple[tuple[Plan, bool], ...] = (
    (Plan(type="cardiac_arrest", any_of=ANY_HELPER), True),
    (Plan(type="breathing", any_of=("first_aid", "medical")), True),
    (Plan(type="bleeding", any_of=("first_aid", "medical")), True),
    (Plan(type="fire", any_of=ANY_HELPER, first_text="T1_fire"), False),
)
"""The plans as shipped, each with whether it is on."""


def ensure_shipped(session: Session, agency_id: int = 1) -> None:
    """Write the shipped plans of an agency that has none of that type; plans an admin has edited are left alone."""
    have = set(session.scalars(select(PlanRow.type).where(PlanRow.agency_id == agency_id)))
    session.add_all(_row(agency_id, plan, 1, is_on) for plan, is_on in SHIPPED if plan.type not in have)
    session.flush()


def save(session: Session, plan: Plan, is_on: bool, agency_id: int = 1) -> PlanRow:
    """Make `plan` the current version of its type; incidents keep the version they were opened with."""
    rows = session.scalars(select(PlanRow).where(PlanRow.agency_id == agency_id, PlanRow.type == plan.type)).all()
    for row in rows:
        row.current = False
    row = _row(agency_id, plan, max((row.version for row in rows), default=0) + 1, is_on)
    session.add(row)
    session.flush()
    return row


def _row(agency_id: int, plan: Plan, version: int, is_on: bool) -> PlanRow:
    return PlanRow(
        agency_id=agency_id,
        type=plan.type,
        version=version,
        is_on=is_on,
        current=True,
        data=plan.model_dump(mode="json"),
        created_at=clock.now(),
    )


def current(session: Session, type_: str, agency_id: int = 1) -> PlanRow:
    """The plan in force for a type; a 422 naming the types that are on when it is unknown or switched off."""
    statement = select(PlanRow).where(PlanRow.agency_id == agency_id, PlanRow.current, PlanRow.is_on)
    rows = {row.type: row for row in session.scalars(statement)}
    if type_ not in rows:
        types = ", ".join(sorted(rows)) or fill("none")
        raise field_problem("/type", fill("not a type that is on; the types that are on: {types}", types=types))
    return rows[type_]


def on(session: Session, agency_id: int = 1) -> list[Plan]:
    """The plans in force of the types that are on, by type."""
    rows = select(PlanRow).where(PlanRow.agency_id == agency_id, PlanRow.current, PlanRow.is_on).order_by(PlanRow.type)
    return [of(row) for row in session.scalars(rows)]


def in_order(session: Session, agency_id: int = 1) -> list[PlanRow]:
    """The plans in force, on and off, in the order in which their types came: an edit moves none of them, for the first is what
    the form of a new emergency says before anybody chooses."""
    made = aliased(PlanRow)
    came = select(func.min(made.id)).where(made.agency_id == PlanRow.agency_id, made.type == PlanRow.type).scalar_subquery()
    return list(session.scalars(select(PlanRow).where(PlanRow.agency_id == agency_id, PlanRow.current).order_by(came)))


def needs_now(session: Session) -> list[Needs]:
    """What the plans that are on ask of a volunteer, each set of certifications once."""
    return sorted({Needs.of(plan.all_of, plan.any_of) for plan in on(session)})


def of(row: PlanRow) -> Plan:
    """The plan in a row."""
    return Plan.model_validate(row.data)
