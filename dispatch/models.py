"""Tables of the emergency: plans, incidents, callouts, who was passed over and why, and what waits red for a dispatcher."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from core import clock
from core.database import Base
from dispatch.states import ON_SCENE
from responder.models import HOME, Responder

OPEN, CLOSED = "open", "closed"
TO_FORGET = "closed_at IS NOT NULL AND forgotten_at IS NULL"
"""Emergencies that are over and still hold what they tell of caller and patient."""


class PlanRow(Base):
    """One version of the response plan of an incident type; `data` is a `dispatch.plans.Plan`."""

    __tablename__ = "plans"
    __table_args__ = (UniqueConstraint("agency_id", "type", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(default=1)
    type: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    is_on: Mapped[bool]
    current: Mapped[bool]
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class Incident(Base):
    """One emergency at one place."""

    __tablename__ = "incidents"
    __table_args__ = (
        UniqueConstraint("agency_id", "external_id"),
        UniqueConstraint("code"),
        Index("ix_incidents_state_opened_at", "state", "opened_at"),
        Index("ix_incidents_to_forget", "closed_at", sqlite_where=text(TO_FORGET), postgresql_where=text(TO_FORGET)),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    agency_id: Mapped[int] = mapped_column(default=1)
    code: Mapped[str] = mapped_column(String(10))
    external_id: Mapped[str | None] = mapped_column(String(80))
    type: Mapped[str] = mapped_column(String(40))
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    state: Mapped[str] = mapped_column(String(10), default=OPEN)
    asking: Mapped[str] = mapped_column(String(12))
    starting: Mapped[bool] = mapped_column(default=True)
    covered: Mapped[bool] = mapped_column(default=False)
    lat: Mapped[float] = mapped_column(Float)
    lon: Mapped[float] = mapped_column(Float)
    address: Mapped[str | None] = mapped_column(String(300))
    address_given: Mapped[str | None] = mapped_column(String(300))
    district: Mapped[str | None] = mapped_column(String(120))
    placed_at: Mapped[datetime]
    access_notes: Mapped[str | None] = mapped_column(String(300))
    caller_phone: Mapped[str | None] = mapped_column(String(20))
    ambulance_at: Mapped[datetime | None]
    hazards: Mapped[list[str]]
    hazards_overridden: Mapped[str | None] = mapped_column(String(300))
    drill: Mapped[bool] = mapped_column(default=False)
    door_code: Mapped[str] = mapped_column(String(4))
    opened_at: Mapped[datetime]
    opened_by: Mapped[str] = mapped_column(String(120))
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    outcome: Mapped[str | None] = mapped_column(String(20))
    stood_down_as: Mapped[str | None] = mapped_column(String(20))
    shortfall: Mapped[str | None] = mapped_column(String(300))
    """As `dispatch.shortfall` keeps it."""
    next_look_at: Mapped[datetime | None] = mapped_column(index=True)
    waves: Mapped[int] = mapped_column(default=0)
    explained_waves: Mapped[int] = mapped_column(default=-1)
    """Of how many waves the reasons are written down; -1: not even yet of having found nobody."""
    forgotten_at: Mapped[datetime | None]
    """When what it told of caller and patient was erased (`dispatch.retention.incidents`)."""

    plan: Mapped[PlanRow] = relationship(lazy="joined", innerjoin=True)


class Callout(Base):
    """One responder asked to come to one incident. Its state moves only by `dispatch.callouts.move`."""

    __tablename__ = "callouts"
    __table_args__ = (
        UniqueConstraint("incident_id", "responder_id"),
        # A person goes to one incident at a time: held here, because a check before the write can be overtaken.
        Index(
            "uq_callouts_one_incident_at_a_time",
            "responder_id",
            unique=True,
            sqlite_where=text("state IN ('accepted', 'on_scene')"),
            postgresql_where=text("state IN ('accepted', 'on_scene')"),
        ),
        # What a person is bound by elsewhere, read for every place looked at while choosing: from the index alone.
        Index(
            "ix_callouts_live",
            "responder_id",
            "incident_id",
            "state",
            sqlite_where=text("state IN ('queued', 'alerted', 'unclear', 'accepted', 'on_scene')"),
            postgresql_where=text("state IN ('queued', 'alerted', 'unclear', 'accepted', 'on_scene')"),
        ),
        Index("ix_callouts_responder_id_queued_at", "responder_id", "queued_at"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.id"))
    responder_id: Mapped[int] = mapped_column(ForeignKey("responders.id"))
    letter: Mapped[str] = mapped_column(String(1))
    state: Mapped[str] = mapped_column(String(10))
    state_at: Mapped[datetime] = mapped_column(default=clock.now)
    """Since when it has been in this state."""
    role: Mapped[str | None] = mapped_column(String(10))
    only_role: Mapped[str | None] = mapped_column(String(10))
    """The one role that they were asked for, whose certificates open no other (`dispatch.one_role`)."""
    wave: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10), default=HOME)
    """Which of their places they would set out from."""
    extra: Mapped[bool] = mapped_column(default=False)
    """Asked by a dispatcher although all roles were filled: wanted all the same, and not let go when the roles are full."""
    distance_m: Mapped[int]
    eta_s: Mapped[int]
    transport: Mapped[str] = mapped_column(String(4))
    reason: Mapped[str] = mapped_column(String(300))
    queued_at: Mapped[datetime]
    alerted_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    on_scene_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]
    stood_down_as: Mapped[str | None] = mapped_column(String(20))
    asked_what_to_send_at: Mapped[datetime | None]
    asked_where_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    look_at: Mapped[datetime | None] = mapped_column(index=True)
    unsafe_since: Mapped[datetime | None]
    unsafe_told: Mapped[int] = mapped_column(default=0)

    # Ringing (`dispatch.ringing`). `ring_at`: from when they are rung because the first text cannot reach them; `rung_at`: when
    # they were, in this asking. `address_text` is the newest text with the address; unless that has arrived they are rung at
    # `address_due_at`, and were at `address_rung_at`. Nobody is rung before `on_the_phone_until`: they are talking to us.
    ring_at: Mapped[datetime | None]
    rung_at: Mapped[datetime | None]
    address_text: Mapped[str | None] = mapped_column(String(26))
    address_due_at: Mapped[datetime | None]
    address_rung_at: Mapped[datetime | None]
    on_the_phone_until: Mapped[datetime | None]

    incident: Mapped[Incident] = relationship()
    responder: Mapped[Responder] = relationship()
    may_be_rung: Mapped[bool] = column_property(
        select(Responder.calls).where(Responder.id == responder_id).correlate_except(Responder).scalar_subquery(),
        deferred=True,
        expire_on_flush=False,
    )
    """Whether its person has agreed to calls: read with all callouts of an incident, for every look at one asks it of all."""

    @property
    def is_open(self) -> bool:
        """Whether the incident it belongs to is open."""
        return self.incident.state == OPEN

    @property
    def at_old_address(self) -> bool:
        """Whether their 3 was said before the address was corrected: they have still to come to the right one."""
        return self.state == ON_SCENE and self.on_scene_at is not None and self.on_scene_at < self.incident.placed_at

    @property
    def set_out_at(self) -> datetime | None:
        """From when `eta_s` counts for one who is coming: from their answer, or since the address was corrected after it."""
        return self.answered_at and max(self.answered_at, self.incident.placed_at)


class PassedOver(Base):
    """Somebody near who was not asked, and why; the nearest 50 by name, the others as a count per reason."""

    __tablename__ = "passed_over"
    __table_args__ = (Index("ix_passed_over_incident_id", "incident_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.id"))
    wave: Mapped[int]
    responder_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(40))
    distance_m: Mapped[int | None]
    eta_s: Mapped[int | None]
    count: Mapped[int] = mapped_column(default=1)


class IncidentNote(Base):
    """What a dispatcher wrote down about an incident; the event of it holds only this row's id, never the words."""

    __tablename__ = "incident_notes"
    __table_args__ = (Index("ix_incident_notes_incident_id", "incident_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(String(1000))


class Alarm(Base):
    """Something that stands red on the console until a person acknowledges it.

    `settled_as` says how it ended: acknowledged, dismissed, placed (`incident_id` is then what it became), or cleared by the
    world itself.
    """

    __tablename__ = "alarms"
    __table_args__ = (Index("ix_alarms_acknowledged_at", "acknowledged_at", "raised_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(default=1)
    kind: Mapped[str] = mapped_column(String(40))
    incident_id: Mapped[str | None] = mapped_column(String(26))
    callout_id: Mapped[str | None] = mapped_column(String(26))
    responder_id: Mapped[int | None]
    data: Mapped[dict[str, Any]]
    raised_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(String(120))
    settled_as: Mapped[str | None] = mapped_column(String(12))
