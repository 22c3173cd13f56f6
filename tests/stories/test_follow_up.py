"""Looking after those who said that they go: late on the way, long on scene, and never freed after the end."""

from __future__ import annotations

from tests.stories.town import Town, Volunteer


def leap(town: Town, seconds: int) -> None:
    """A long time passes at once; what fell due in it happens at its end."""
    town.clock.turn(seconds - 1)
    town.turn(1)


def going(town: Town, *bodies: str) -> list[Volunteer]:
    """One volunteer for each of `bodies`, who has answered with it and has the address."""
    town.plan(roles=["direct"] * 9)
    people = [town.volunteer(f"P{number}", 100) for number in range(len(bodies))]
    town.emergency()
    for person, body in zip(people, bodies, strict=True):
        person.gets("CARDIAC ARREST")
        person.texts(body)
        person.gets("GO TO")
    return people


def test_five_minutes_past_their_own_estimate_each_is_asked_once(town: Town) -> None:
    soon, later, there, changed = going(town, "1 4", "1 10", "1 4", "1 4")
    there.texts("3")
    town.turn(60)
    changed.texts("1 20")
    leap(town, 4 * 60 + 5 * 60 - 60 - 5)
    soon.gets_nothing()
    town.turn(10)
    soon.gets("are you there?", "3 at the door")
    leap(town, 6 * 60)
    later.gets("are you there?")
    leap(town, 8 * 60)
    soon.gets_nothing()
    later.gets_nothing()
    there.gets("are you all right?")  # 20 minutes on scene
    leap(town, 3 * 60)
    changed.gets("are you there?")
    leap(town, 20 * 60)
    assert [one.state for one in (soon, later, changed)] == ["accepted"] * 3


def test_after_twenty_minutes_on_scene_each_is_asked_once(town: Town) -> None:
    stays, left = going(town, "1", "1")
    for person in (stays, left):
        person.texts("3")
    leap(town, 19 * 60)
    left.texts("4")
    stays.gets_nothing()
    town.turn(65)
    stays.gets("are you all right?", "4 when you have left", "0 if you need a call")
    leap(town, 40 * 60)
    stays.gets_nothing()
    assert [stays.state, left.state] == ["on_scene", "finished"]


def test_a_bare_no_answers_what_was_asked(town: Town) -> None:
    """Nobody who is on the way drops out, and nobody in need goes unheard, because "no" is also a 2."""
    late, there, refuses = going(town, "1", "1", "1")
    refuses.texts("no")
    assert refuses.state == "declined"
    there.texts("3")
    leap(town, 21 * 60)
    late.gets("are you there?")
    there.gets("are you all right?")
    late.texts("no")
    late.gets("on the dispatcher's screen")
    there.texts("no")
    there.gets("will ring you")
    assert [late.state, there.state] == ["accepted", "on_scene"]
    assert town.alarms() == ["unclear_words", "call_for_help"]
    late.texts("2")
    assert late.state == "declined"


def test_nobody_is_asked_how_it_goes_when_it_is_over(town: Town) -> None:
    coming, there = going(town, "1", "1")
    there.texts("3")
    town.close("ambulance_first")
    coming.gets("ambulance has arrived")
    there.gets("hand over")
    leap(town, 30 * 60)
    there.gets_nothing()


def test_whoever_never_says_that_they_left_is_free_again_an_hour_after_the_close(town: Town) -> None:
    (there,) = going(town, "1")
    there.texts("3")
    town.close()
    there.gets("this emergency is over")
    leap(town, 59 * 60)
    assert there.state == "on_scene"
    town.turn(65)
    assert there.state == "finished"
    town.emergency()
    there.gets("B: CARDIAC ARREST")


def test_a_reopened_emergency_does_not_tell_those_who_set_out_again_to_keep_away(town: Town) -> None:
    (anna,) = going(town, "1")
    town.close("unsafe")
    anna.gets("NOT SAFE")
    town.turn(30)
    town.reopen()
    anna.gets("CARDIAC ARREST")
    town.turn(61)
    anna.gets_nothing()
    assert town.alarms() == ["unsafe_not_away"]
    anna.texts("1")
    anna.gets("GO TO")
    assert town.alarms() == []
    town.turn(120)
    anna.gets_nothing()
    leap(town, 8 * 60)
    anna.gets("are you there?")


def test_a_4_frees_from_danger_whichever_emergency_came_next(town: Town) -> None:
    (anna,) = going(town, "1")
    first = town.incidents[0]
    town.stand_down("unsafe")
    anna.gets("A: DO NOT GO IN")
    second = town.emergency()
    anna.gets("B: CARDIAC ARREST")
    anna.texts("4")
    assert town.alarms() == []
    assert town.callout_of(anna, first)["state"] == "stood_down"
    assert town.callout_of(anna, second)["state"] == "alerted"
    town.turn(70)
    anna.gets_nothing()
