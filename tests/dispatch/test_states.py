"""The callout's state machine: the table is the contract's, and nothing ever moves outside it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import clock, ids
from core.events import Event
from core.services import Services
from dispatch import callouts, plans, states
from dispatch.models import Callout, Incident
from responder.models import Responder
from sms.models import Contact

CARRIER_SAYS = {
    # "queued: the first text is not yet taken by the carrier. alerted: taken. failed: the carrier refused it or reported failed
    # or undelivered." A person's answer beats what the carrier says.
    "taken": ({"queued"}, "alerted"),
    "fail": ({"queued", "alerted"}, "failed"),
    # "alerted: taken", be it after nobody could say for so long whether it was that they counted as failed.
    "taken_late": ({"failed"}, "alerted"),
}
TIME_SAYS = {
    # Expired, the contract says: 5 minutes or the close passed without an answer.
    "expire": ({"queued", "alerted", "unclear"}, "expired"),
}
PERSON_SAYS = {
    # "a 1 from `queued alerted unclear declined failed expired stood_down` to `accepted` while … wanted, else to `stood_down`"
    "accept": ({"queued", "alerted", "unclear", "declined", "failed", "expired", "stood_down"}, "accepted"),
    "accept_too_late": ({"queued", "alerted", "unclear", "declined", "failed", "expired", "stood_down"}, "stood_down"),
    # "a 2 from `queued alerted unclear failed expired stood_down` to `declined`"; "`accepted` -> … `declined`"
    "decline": ({"queued", "alerted", "unclear", "failed", "expired", "stood_down", "accepted"}, "declined"),
    # "what is not understood from `queued alerted` to `unclear`"
    "not_understood": ({"queued", "alerted"}, "unclear"),
    # "`accepted` -> `on_scene declined finished stood_down`; `on_scene` -> `finished stood_down`"
    "arrive": ({"accepted"}, "on_scene"),
    "finish": ({"accepted", "on_scene"}, "finished"),
}
DISPATCHER_SAYS = {
    # Texts.md: asked means alerted, unclear, expired, and queued; of those coming and on scene the contract says so above.
    "stand_down": ({"queued", "alerted", "unclear", "expired", "accepted", "on_scene"}, "stood_down"),
    # "Asking someone again reuses the row, back to `queued` with a new wave": whoever is not asked, bound or done.
    "ask_again": ({"declined", "failed", "expired", "stood_down"}, "queued"),
}
CONTRACT = CARRIER_SAYS | TIME_SAYS | PERSON_SAYS | DISPATCHER_SAYS
CONTRACT_STATES = {
    *("queued", "alerted", "unclear", "failed", "expired"),
    *("accepted", "declined", "on_scene", "finished", "stood_down"),
}


def test_the_table_is_the_contracts() -> None:
    assert {name: (set(move.before), move.after) for name, move in states.MOVES.items()} == CONTRACT


def test_the_states_are_the_contracts() -> None:
    assert set(states.STATES) == CONTRACT_STATES
    assert len(states.STATES) == len(CONTRACT_STATES)


def test_every_group_of_states_is_made_of_states() -> None:
    for group in (states.WAITING, states.BOUND, states.LIVE, states.FILLING, states.ASKED, states.COMING):
        assert set(group) <= CONTRACT_STATES


def test_nobody_is_ever_stuck_but_those_who_have_finished() -> None:
    left = {state for before, _ in CONTRACT.values() for state in before}
    assert CONTRACT_STATES - left == {"finished"}


@dataclass
class Machine:
    """One callout in a database."""

    services: Services

    def make(self) -> str:
        """A new callout of a new person at a new incident, asked a moment ago."""
        with self.services.write() as session:
            plan = session.scalars(select(plans.PlanRow).where(plans.PlanRow.type == "cardiac_arrest")).one()
            person = _person(session)
            incident = _incident(plan)
            callout = _callout(incident, person)
            session.add_all([incident, callout])
        return callout.id

    def move(self, callout_id: str, name: str) -> tuple[bool, str, str]:
        """Make a move; returns whether it moved, and the state in the object and in the database."""
        with self.services.write() as session:
            callout = session.get_one(Callout, callout_id)
            moved = callouts.move(session, callout, name, "test")
            return moved, callout.state, session.scalars(select(Callout.state).where(Callout.id == callout_id)).one()

    def events(self, callout_id: str) -> list[Event]:
        """Its events, oldest first."""
        with self.services.read() as session:
            return list(session.scalars(select(Event).where(Event.callout_id == callout_id).order_by(Event.number)))


@pytest.fixture
def machine(services: Services) -> Machine:
    """A database with the shipped plans."""
    with services.write() as session:
        plans.ensure_shipped(session)
    return Machine(services)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from(sorted(CONTRACT)), min_size=1, max_size=12))
def test_no_sequence_of_moves_leaves_the_table(machine: Machine, names: list[str]) -> None:
    callout_id = machine.make()
    model, told = "queued", 0
    for name in names:
        before, after = CONTRACT[name]
        legal = model in before
        expected = after if legal else model
        assert machine.move(callout_id, name) == (legal, expected, expected)
        told += legal
        noted = machine.events(callout_id)
        assert len(noted) == told, "a legal move is one event, another none"
        if legal:
            assert (noted[-1].kind, noted[-1].data["move"], noted[-1].data["before"]) == (f"callout_{after}", name, model)
        model = expected


@pytest.mark.parametrize("name", sorted(CONTRACT))
def test_every_move_from_every_state(machine: Machine, name: str) -> None:
    """What the random sequences may miss: each of the 110 pairs once."""
    before, after = CONTRACT[name]
    for state in sorted(CONTRACT_STATES):
        callout_id = machine.make()
        with machine.services.write() as session:
            session.execute(update(Callout).where(Callout.id == callout_id).values(state=state))
        expected = after if state in before else state
        assert machine.move(callout_id, name) == (state in before, expected, expected), f"{name} from {state}"


def test_a_move_decides_by_the_row_and_not_by_what_was_read_before(machine: Machine) -> None:
    callout_id = machine.make()
    with machine.services.read() as session:
        stale = session.get_one(Callout, callout_id)
        session.expunge(stale)
    assert machine.move(callout_id, "decline")[0]
    with machine.services.write() as session:
        stale = session.merge(stale, load=False)
        assert stale.state == "queued"
        assert not callouts.move(session, stale, "taken", "carrier")
        assert stale.state == "declined"
    assert len(machine.events(callout_id)) == 1


def test_a_refused_move_writes_none_of_its_values(machine: Machine) -> None:
    callout_id = machine.make()
    with machine.services.write() as session:
        callout = session.get_one(Callout, callout_id)
        assert not callouts.move(session, callout, "arrive", on_scene_at=clock.now(), role="direct")
    with machine.services.read() as session:
        row = session.get_one(Callout, callout_id)
        assert (row.on_scene_at, row.role) == (None, None)
        assert session.scalar(select(func.count()).select_from(Event)) == 0


def test_nobody_is_bound_to_two_incidents(machine: Machine) -> None:
    """The last guard is the unique index on people who are going: whoever goes past the locks changes nothing at all."""
    first = machine.make()
    with machine.services.write() as session:
        plan = session.scalars(select(plans.PlanRow).where(plans.PlanRow.type == "cardiac_arrest")).one()
        incident = _incident(plan)
        callout = _callout(incident, session.get_one(Callout, first).responder)
        session.add_all([incident, callout])
        second = callout.id
    assert machine.move(first, "accept")[0]
    with pytest.raises(IntegrityError):
        machine.move(second, "accept")
    with machine.services.read() as session:
        assert session.get_one(Callout, second).state == "queued"
    assert machine.events(second) == []


_numbers = itertools.count(1)


def _person(session: Session) -> Responder:
    number = next(_numbers)
    contact = Contact(phone=f"+44770090{number:06d}", language="en", demo=False, created_at=clock.now())
    person = Responder(external_id=f"p{number}", name=f"P{number}", contact=contact, created_at=clock.now())
    session.add(person)
    session.flush()
    return person


def _incident(plan: plans.PlanRow) -> Incident:
    now = clock.now()
    return Incident(
        id=ids.new_id(),
        code=f"{next(_numbers):010d}",
        type=plan.type,
        plan=plan,
        asking="asking",
        lat=60.17,
        lon=24.94,
        placed_at=now,
        hazards=[],
        door_code="4711",
        opened_at=now,
        opened_by="test",
    )


def _callout(incident: Incident, person: Responder) -> Callout:
    now = clock.now()
    return Callout(
        id=ids.new_id(),
        incident=incident,
        responder=person,
        letter="A",
        state=states.QUEUED,
        wave=1,
        distance_m=100,
        eta_s=90,
        transport="foot",
        reason="for the test",
        queued_at=now,
        expires_at=now,
    )
