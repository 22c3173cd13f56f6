"""The digits: going, cannot, there, gone. What comes back, what moves, and what never happens."""

from __future__ import annotations

from tests.stories.talk import asked, set_out, words_of
from tests.stories.town import Town

# 1 and 2: going, and not


def test_a_1_may_name_minutes_and_transport_and_a_repeated_1_changes_at_most_those(town: Town) -> None:
    anna, bo, cilla = asked(town, "Anna", "Bo", "Cilla")
    reckoned_s = town.callout_of(bo)["eta_s"]
    set_out(anna, "1 4 bike")
    set_out(bo, "1")
    set_out(cilla, "1 12")
    town.clock.turn(1)
    for volunteer in (anna, bo):
        volunteer.texts("1")
        volunteer.gets_nothing()
    cilla.texts("1 3")
    cilla.gets_nothing()
    assert [town.callout_of(one)["eta_s"] for one in (anna, bo, cilla)] == [240, reckoned_s, 180]
    assert [one.state for one in (anna, bo, cilla)] == ["accepted"] * 3
    assert words_of(anna) == ["1 4 bike", "1"]


def test_a_text_that_the_carrier_brings_twice_counts_once(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    town.carrier.faults.inbound_doubled.next = 1
    set_out(anna)
    assert words_of(anna) == ["1"]
    assert len(town.events("text_heard")) == 1


def test_a_1_may_come_before_we_know_that_the_text_was_taken(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.carrier.faults.server_error_after.next = 1
    town.carrier.hold_callbacks()
    town.emergency()
    anna.gets("CARDIAC ARREST")
    assert anna.state == "queued"
    set_out(anna)
    town.carrier.release_callbacks()
    town.turn(120)
    assert anna.state == "accepted"


def test_a_1_counts_after_a_2_and_a_2_after_a_1_brings_the_next_at_once(town: Town) -> None:
    people = town.street(13)
    town.emergency()
    for person in people[:7]:
        person.gets("CARDIAC ARREST")
    anna, bo = people[:2]
    anna.texts("2")
    people[7].gets("CARDIAC ARREST")
    anna.texts("1")
    anna.gets("GO TO", "Straight to the patient")
    assert (anna.state, town.callout_of(anna)["role"]) == ("accepted", "direct")
    set_out(bo)
    bo.texts("2")
    assert bo.state == "declined"
    people[8].gets("CARDIAC ARREST")
    anna.texts("can't any more, sorry")
    assert anna.state == "declined"
    people[9].gets("CARDIAC ARREST")


def test_after_covered_asking_begins_again_when_a_late_comer_drops_out(town: Town) -> None:
    """Their silence had brought somebody already; it is their dropping out now that leaves a place free."""
    people = town.street(12)
    town.emergency()
    for person in people[:7]:
        person.gets("CARDIAC ARREST")
    town.turn(31)
    for person in people[7:]:
        person.gets("CARDIAC ARREST")
    set_out(people[0])
    town.stand_down("covered")
    for person in people[1:]:
        person.gets("enough helpers")
    people[0].texts("2")
    assert town.incident()["asking"] == "asking"
    for person in people[1:8]:
        person.gets("CARDIAC ARREST")


def test_covered_by_a_dispatcher_holds_although_somebody_had_dropped_out_before(town: Town) -> None:
    people = town.street(7)
    town.emergency()
    for person in people:
        person.gets("CARDIAC ARREST")
    set_out(people[0])
    set_out(people[1])
    people[0].texts("2")
    town.stand_down("covered")
    for person in people[2:]:
        person.gets("enough helpers")
    town.turn(30)
    assert town.incident()["asking"] == "filled"
    people[1].texts("2")
    assert town.incident()["asking"] == "asking"
    for person in people[2:]:
        person.gets("CARDIAC ARREST")


# 3 and 4: there, and gone again


def test_3_and_4_in_order(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    set_out(anna)
    for body, state in (("3", "on_scene"), ("I'm here", "on_scene"), ("1", "on_scene"), ("2", "on_scene"), ("4", "finished")):
        anna.texts(body)
        anna.gets_nothing()
        assert anna.state == state
    anna.texts("3")
    anna.texts("4")
    assert anna.state == "finished"


def test_a_4_without_a_3_frees_who_was_going_and_is_words_from_who_never_answered(town: Town) -> None:
    anna, bo = asked(town, "Anna", "Bo")
    set_out(anna)
    anna.texts("4")
    assert anna.state == "finished"
    anna.gets_nothing()
    bo.texts("4")
    bo.gets("could not read that", "1 if you are going")
    assert bo.state == "unclear"


def test_leaving_is_finished_from_someone_on_scene_and_a_note_before(town: Town) -> None:
    anna, bo = asked(town, "Anna", "Bo")
    set_out(anna)
    anna.texts("leaving")
    anna.gets("on the dispatcher's screen")
    assert anna.state == "accepted"
    anna.texts("3")
    anna.texts("leaving")
    assert anna.state == "finished"
    anna.gets_nothing()
    bo.texts("leaving")
    bo.gets("could not read that")
    assert bo.state == "unclear"


def test_leaving_now_is_going_before_an_answer_and_finished_on_scene(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    set_out(anna, "yes, leaving now")
    anna.texts("3")
    anna.texts("jag åker nu")
    assert anna.state == "finished"
