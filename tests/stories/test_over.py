"""What somebody writes about an emergency that ended while they typed: they hear that it is over, and wonder no longer."""

from __future__ import annotations

import pytest

from tests.stories.talk import asked, set_out, words_of
from tests.stories.town import Town

TYPED = ["where do i go", "which floor??", "leaving", "so where is it then"]


@pytest.mark.parametrize("ended", ["closed", "stood down"])
def test_words_as_it_ended_are_kept_and_answered_once_with_that_it_is_over(town: Town, ended: str) -> None:
    people = asked(town, "Anna", "Bo", "Cilla", "Dag", "Eva")
    anna, *waiting, eva = people
    set_out(anna)
    set_out(eva)
    eva.texts("3")
    if ended == "closed":
        town.close()
    else:
        town.stand_down("not_needed")
    for person in people:
        person.gets("this emergency is over")
    for person, words in zip((anna, *waiting), TYPED, strict=False):
        town.clock.turn(1)
        person.texts(words)
        person.gets("this emergency is over for volunteers. You need not go.")
        person.texts("hello?")
        person.gets_nothing()
        assert {words, "hello?"} <= set(words_of(person))
    eva.texts("the door is locked")
    eva.gets("on the dispatcher's screen")
    assert [one.state for one in (anna, eva)] == ["stood_down", "on_scene"]
    assert town.alarms() == ["unclear_words"], "nobody has to read what is over"


def test_after_unsafe_words_bring_the_warning_again(town: Town) -> None:
    anna, bo = asked(town, "Anna", "Bo")
    town.close("unsafe")
    for person in (anna, bo):
        person.gets("DO NOT GO IN")
    bo.texts("where do i go")
    bo.gets("DO NOT GO IN")
    anna.texts("where do i go")
    anna.gets("DO NOT GO IN")


def test_a_thank_you_and_words_of_whoever_declined_or_has_left_stay_without_an_answer(town: Town) -> None:
    anna, bo, cilla = asked(town, "Anna", "Bo", "Cilla")
    set_out(anna)
    anna.texts("3")
    anna.texts("4")
    bo.texts("2")
    town.close()
    cilla.gets("this emergency is over")
    for person, words in ((anna, "he was breathing again"), (bo, "where was it?"), (cilla, "ok"), (cilla, "kiitos!")):
        person.texts(words)
        person.gets_nothing()


def test_long_after_it_words_are_answered_as_if_there_had_been_no_emergency(town: Town) -> None:
    anna, bo, cilla = asked(town, "Anna", "Bo", "Cilla")
    bo.texts("2")
    town.close()
    for person in (anna, cilla):
        person.gets("this emergency is over")
    town.clock.turn(3599)
    anna.texts("off till tomorrow")
    anna.gets("this emergency is over for volunteers")
    town.clock.turn(1)
    for person in (bo, cilla):
        person.texts("off till tomorrow")
        person.gets("could not act on that", "OFF 8h")
        person.texts("hello?")
        person.gets_nothing()
    assert "off till tomorrow" in words_of(cilla), "the desk has them, as all words about an emergency"
