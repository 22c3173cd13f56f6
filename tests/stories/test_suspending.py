"""An admin suspends somebody at once: nobody asks them from that second, and whatever they are on, they are taken off it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.events import Event
from dispatch import suspending
from responder import membership
from responder.models import MembershipChange, Responder
from sms import inbox
from tests.stories.test_gates import chosen, why_failed
from tests.stories.test_passed_over import reasons
from tests.stories.town import Town, Volunteer

WHY = "a complaint that is looked into"


def suspend(town: Town, volunteer: Volunteer) -> bool:
    with town.services.write() as session:
        row = session.scalars(select(Responder.id).where(Responder.name == volunteer.name)).one()
        return suspending.suspend(session, town.services.settings, row, WHY, "user:anna")


def move(town: Town, volunteer: Volunteer, name: str) -> bool:
    with town.services.write() as session:
        person = session.scalars(select(Responder).where(Responder.name == volunteer.name)).one()
        return membership.change(session, person, name, "for the story", "user:anna")


def two_are_asked(town: Town) -> list[Volunteer]:
    """Three people, of whom the nearest two are asked for one role."""
    people = town.street(3)
    waves = {"preset": "replace", "evidence": "for the test", "first": 2, "all_below": 0, "most_asked": 30}
    town.plan(roles=["direct"], waves=waves)
    town.emergency()
    for person in people[:2]:
        person.gets("CARDIAC ARREST")
    return people


@pytest.mark.parametrize(
    ("last", "told"), [(None, "you need not go"), ("1", "you need not go on"), ("3", "not needed there any more")]
)
def test_whoever_is_suspended_is_off_their_emergency_at_once_and_replaced(town: Town, last: str | None, told: str) -> None:
    v1, v2, v3 = two_are_asked(town)
    if last:
        v1.texts("1")
        v1.gets("GO TO")
        v2.gets("enough helpers")
    if last == "3":
        v1.texts("3")
    assert suspend(town, v1)
    text = v1.gets(told)
    assert "uspend" not in text
    assert WHY not in text
    assert v1.state == "stood_down"
    if last:
        v2.gets("CARDIAC ARREST")
    v3.gets("CARDIAC ARREST")
    (event,) = (one for one in town.events("callout_stood_down") if one["data"]["stood_down_as"] == "taken_off")
    assert event["actor"] == "user:anna"
    v1.texts("1")
    v1.gets("you need not go")
    assert v1.state == "stood_down"
    v1.gets_nothing()


def test_suspended_between_choosing_and_leaving_nothing_leaves_and_the_next_is_asked(town: Town) -> None:
    street = town.street(12)
    chosen(town)
    suspend(town, street[2])
    town.settle()
    street[2].gets_nothing()
    for person in [*street[:2], *street[3:8]]:
        person.gets("CARDIAC")


def test_deactivated_between_choosing_and_leaving_the_gate_holds(town: Town) -> None:
    street = town.street(12)
    chosen(town)
    assert move(town, street[2], membership.DEACTIVATE)
    town.settle()
    street[2].gets_nothing()
    assert why_failed(town) == ["inactive"]
    for person in [*street[:2], *street[3:8]]:
        person.gets("CARDIAC")


def test_an_address_that_has_not_left_does_not_leave(town: Town) -> None:
    v1, v2, v3 = two_are_asked(town)
    town.carrier.text(v1.phone, "1")
    town.carrier.wait_idle()
    inbox.handle_due(town.wire)
    assert v1.state == "accepted"
    suspend(town, v1)
    v1.gets("you need not go on")
    v2.gets("CARDIAC ARREST")  # and nothing of enough helpers, which was right no more when its turn came
    v3.gets("CARDIAC ARREST")
    assert not any("GO TO" in body for body in v1.inbox())


def test_nobody_who_is_suspended_or_deactivated_is_asked_and_on_is_answered_truly(town: Town) -> None:
    v1, v2, v3 = town.street(3)
    suspend(town, v1)
    move(town, v2, membership.DEACTIVATE)
    v1.gets_nothing()
    v2.gets_nothing()
    v1.texts("ON")
    v1.gets("You are not asked at present")
    town.emergency()
    v3.gets("CARDIAC ARREST")
    v1.gets_nothing()
    v2.gets_nothing()
    assert reasons(town) == {"V1": "inactive", "V2": "inactive"}
    move(town, v1, membership.REACTIVATE)
    town.turn(12)
    v1.gets("CARDIAC ARREST")


def test_deactivating_leaves_whoever_is_on_the_way_to_finish(town: Town) -> None:
    (v1,) = town.street(1)
    town.emergency()
    v1.gets("CARDIAC ARREST")
    v1.texts("1")
    v1.gets("GO TO")
    move(town, v1, membership.DEACTIVATE)
    v1.gets_nothing()
    v1.texts("3")
    v1.texts("WHERE")
    v1.gets("GO TO")
    v1.texts("4")
    assert v1.state == "finished"


def test_each_change_has_its_event_and_its_reason_and_the_second_of_two_changes_nothing(town: Town) -> None:
    (v1,) = town.street(1)
    assert suspend(town, v1)
    assert not suspend(town, v1)
    assert move(town, v1, membership.REACTIVATE)
    assert not move(town, v1, membership.REACTIVATE)
    with town.services.read() as session:
        told = session.scalars(select(Event).where(Event.kind.startswith("responder_")).order_by(Event.number)).all()
        kept = session.scalars(select(MembershipChange).order_by(MembershipChange.id)).all()
    assert [(one.kind, one.actor) for one in told[1:]] == [
        ("responder_suspended", "user:anna"),
        ("responder_reactivated", "user:anna"),
    ]
    assert [one.data for one in told[1:]] == [{"change_id": one.id} for one in kept], "no words in what cannot be erased"
    assert [(one.membership, one.because, one.by) for one in kept] == [
        ("suspended", WHY, "user:anna"),
        ("active", "for the story", "user:anna"),
    ]


def test_a_1_that_comes_long_after_is_answered_and_sends_nobody(town: Town) -> None:
    (v1,) = town.street(1)
    town.emergency()
    v1.gets("CARDIAC ARREST")
    town.turn(310)
    assert v1.state == "expired"
    suspend(town, v1)
    v1.gets_nothing()
    v1.texts("1")
    v1.gets("you need not go to this emergency")
    assert v1.state == "stood_down"
