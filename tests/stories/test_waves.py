"""Who is asked when: seven at a time, the next on each refusal, failure or silence."""

from __future__ import annotations

from core.clock import rfc3339
from dispatch.plans import RURAL, STOCKHOLM, Reach
from tests.stories.town import Town, Volunteer


def read_first_text(volunteers: list[Volunteer]) -> None:
    for volunteer in volunteers:
        volunteer.gets("CARDIAC ARREST near you")


def test_of_twelve_in_reach_the_seven_soonest_are_asked(town: Town) -> None:
    people = town.street(12)
    town.emergency()
    read_first_text(people[:7])
    assert town.asked() == {"V1", "V2", "V3", "V4", "V5", "V6", "V7"}
    assert all(callout["wave"] == 1 and callout["reason"] for callout in town.incident()["callouts"])


def test_fewer_than_ten_in_reach_are_all_asked_at_once(town: Town) -> None:
    people = town.street(9)
    town.emergency()
    read_first_text(people)


def test_each_refusal_brings_the_next_soonest_at_once(town: Town) -> None:
    people = town.street(12)
    town.emergency()
    read_first_text(people[:7])
    people[2].texts("2")
    read_first_text([people[7]])
    people[0].texts("cannot, sorry")
    read_first_text([people[8]])
    assert town.callout_of(people[8])["wave"] == 3


def test_a_failed_delivery_brings_the_next_soonest(town: Town) -> None:
    people = town.street(12)
    town.carrier.faults.switched_off.add(people[1].phone)
    town.emergency()
    people[1].read = 1  # it lies at the carrier and never arrives
    read_first_text([people[0], *people[2:8]])
    assert people[1].state == "failed"


def test_silence_brings_the_next_once_per_person_and_withdraws_nobody(town: Town) -> None:
    people = town.street(20)
    town.emergency()
    read_first_text(people[:7])
    town.turn(29)
    assert len(town.asked()) == 7
    town.turn(2)
    read_first_text(people[7:14])
    people[0].texts("2")  # silence has brought somebody already
    assert len(town.asked()) == 14
    people[1].texts("1")
    people[1].gets("GO TO")


def test_words_that_cannot_be_read_stop_no_timer(town: Town) -> None:
    people = town.street(12)
    town.emergency()
    read_first_text(people[:7])
    people[3].texts("what is this about then")
    people[3].gets("could not read that", "1 if you are going")
    assert people[3].state == "unclear"
    town.turn(31)
    read_first_text(people[7:12])
    assert town.incident()["shortfall"] == "5 of 7: nobody else certified within reach"


def test_nor_when_they_come_before_we_know_that_the_text_was_taken(town: Town) -> None:
    town.plan(waves={"preset": "replace", "evidence": "for the test", "first": 1, "all_below": 0, "most_asked": 30})
    early, later = town.volunteer("Early", 100), town.volunteer("Later", 200)
    town.carrier.faults.server_error_after.next = 1
    town.carrier.hold_callbacks()
    town.emergency()
    early.gets("CARDIAC ARREST")
    assert early.state == "queued"
    early.texts("what is this about then")
    early.gets("could not read that")
    assert (early.state, town.callout_of(early)["alerted_at"]) == ("unclear", rfc3339(town.clock.now()))
    town.turn(10)
    town.carrier.release_callbacks()
    town.settle()
    town.turn(19)
    later.gets_nothing()
    town.turn(1)
    later.gets("CARDIAC ARREST")


def test_no_more_than_thirty_are_ever_asked(town: Town) -> None:
    people = town.street(40, step_m=10)
    town.emergency()
    for _ in range(6):
        town.turn(31)
    assert len(town.asked()) == 30
    for person in people[:30]:
        person.gets("CARDIAC ARREST")
    assert "most that one incident may ask" in town.incident()["shortfall"]


def test_an_unanswered_callout_expires_and_its_late_yes_still_counts(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("CARDIAC ARREST")
    town.turn(305)
    assert anna.state == "expired"
    anna.texts("1")
    anna.gets("GO TO")
    assert anna.state == "accepted"


def test_stockholm_asks_everyone_within_500_m_at_once(town: Town) -> None:
    town.plan(waves=STOCKHOLM.model_dump(), reach=Reach(ceiling_m=500).model_dump())
    people = town.street(20, first_m=60, step_m=25)
    town.emergency()
    read_first_text(people[:18])
    assert len(town.asked()) == 18


def test_rural_reaches_farther_and_asks_all_at_once(town: Town) -> None:
    town.plan(waves=RURAL.model_dump(), reach=Reach(travel_s=900, ceiling_m=5000).model_dump())
    near, far = town.volunteer("Near", 200), town.volunteer("Far", 2500, transport="car")
    town.emergency()
    read_first_text([near, far])


def test_nobody_is_asked_who_would_come_after_the_ambulance(town: Town) -> None:
    near, far = town.volunteer("Near", 100), town.volunteer("Far", 500)
    town.emergency(ambulance_eta_s=180)
    read_first_text([near])
    assert town.asked() == {"Near"}
    far.gets_nothing()


def test_whoever_comes_sooner_by_bike_is_asked_before_someone_nearer_on_foot(town: Town) -> None:
    town.street(9, first_m=300)
    rider = town.volunteer("Rider", 700, transport="bike")
    slow = town.volunteer("Slow", 690)
    town.emergency()
    assert "Rider" in town.asked()
    assert "Slow" not in town.asked()
    rider.gets("CARDIAC ARREST")
    read_first_text([one for one in town.volunteers if one.name in town.asked() and one is not rider])
    slow.gets_nothing()


def test_when_nobody_can_be_asked_it_says_so_loudly(town: Town) -> None:
    town.volunteer("Lapsed", certified=[])
    town.emergency()
    assert town.alarms() == ["nobody_asked"]
    assert town.events("nobody_asked")
    assert town.incident()["shortfall"] == "0 of 7: nobody else certified within reach"


def test_someone_who_becomes_available_is_asked_after_all(town: Town) -> None:
    anna = town.volunteer("Anna", available=False)
    town.emergency()
    assert town.asked() == set()
    anna.texts("ON")
    anna.gets("You are on")
    town.turn(11)
    anna.gets("CARDIAC ARREST")


def test_after_all_places_are_taken_a_nearer_late_yes_is_still_taken(town: Town) -> None:
    far = [town.volunteer(f"Far{number}", 600 + number) for number in range(3)]
    near = town.volunteer("Near", 60)
    town.emergency()
    read_first_text([*far, near])
    for person in far:
        person.texts("1")
        person.gets("GO TO")
    near.gets("enough helpers")
    near.texts("1")
    near.gets("GO TO", "Straight to the patient")
    assert near.state == "accepted"


def test_but_not_when_somebody_is_there_already(town: Town) -> None:
    far = [town.volunteer(f"Far{number}", 600 + number) for number in range(3)]
    near = town.volunteer("Near", 60)
    town.emergency()
    read_first_text([*far, near])
    for person in far:
        person.texts("1")
        person.gets("GO TO")
    near.gets("enough helpers")
    far[0].texts("3")
    near.texts("1")
    near.gets("enough helpers")
    assert near.state == "stood_down"


def test_whoever_is_asked_elsewhere_and_silent_is_asked_only_when_nobody_else_is_left(town: Town) -> None:
    people = town.street(8)
    first = town.emergency()
    read_first_text(people)
    fresh = town.volunteer("Fresh", 900, transport="car")
    second = town.emergency()
    assert second != first
    fresh.gets("A: CARDIAC")
    assert {v.name for v in people} <= town.asked()
    for person in people:
        person.gets("B: CARDIAC")
    reasons = {callout["responder_id"]: callout["reason"] for callout in town.incident()["callouts"]}
    assert "asked elsewhere" in reasons["v1"]
    assert "asked elsewhere" not in reasons["fresh"]
