"""The place is corrected while people are on their way: how soon they are at the right one, and what they are told."""

from __future__ import annotations

import pytest

from tests.stories.talk import wait
from tests.stories.test_corrections import ainokatu, goes, hears, north
from tests.stories.town import CENTRE, METRES_PER_DEGREE, Town


def test_the_nearest_to_the_right_place_is_not_turned_away_for_those_who_set_out_for_the_wrong_one(town: Town) -> None:
    people, near = town.street(3), town.volunteer("Near", 690)
    town.emergency()
    near.gets("CARDIAC")
    for person in people:
        goes(person)
    near.gets("enough helpers")
    wait(town, 370)
    town.correct(**north(640))
    for person in people:
        person.gets("ADDRESS WAS WRONG")
    near.texts("1")
    near.gets("GO TO")
    assert near.state == "accepted"


def test_they_are_asked_where_they_are_when_they_should_be_at_the_right_place(town: Town) -> None:
    anna = town.volunteer("Anna", 100)
    town.emergency()
    goes(anna)
    town.turn(60)
    town.correct(**north(640))
    anna.gets("ADDRESS WAS WRONG")
    town.clock.turn(town.callout_of(anna)["eta_s"] + 298)
    town.turn(1)
    anna.gets_nothing()
    town.turn(1)
    anna.gets("are you there? Text 3 at the door")


def test_their_own_minutes_said_after_it_count_from_when_they_said_them(town: Town) -> None:
    anna = town.volunteer("Anna", 100)
    town.emergency()
    goes(anna)
    town.correct(**north(640))
    anna.gets("ADDRESS WAS WRONG")
    town.turn(120)
    anna.texts("1 4")
    town.clock.turn(240 + 298)
    town.turn(1)
    anna.gets_nothing()
    town.turn(1)
    anna.gets("are you there? Text 3 at the door")


@pytest.mark.parametrize("again", ["notes", "where"])
def test_whoever_has_the_wrong_address_is_told_so_though_the_text_taken_back_was_another(town: Town, again: str) -> None:
    ainokatu(town)
    anna = town.volunteer("Anna", 200)
    town.emergency(address="Ainokatu 5")
    goes(anna)
    town.carrier.faults.too_many.share = 1.0  # keeps the second text with the old address from leaving
    if again == "notes":
        town.correct(access_notes="door code 12")
    else:
        town.carrier.text(anna.phone, "WHERE")
        hears(town)
    town.correct(address="Ainokatu 50")
    town.carrier.faults.reset()
    town.turn(5)
    anna.gets("ADDRESS WAS WRONG", "Go to Ainokatu 50", "not 5")
    anna.gets_nothing()


@pytest.mark.parametrize(("hours", "kept"), [("Mo-Fr 02:00-03:00", False), ("24/7", True)])
def test_how_soon_they_are_there_is_reckoned_from_where_they_can_be_now(town: Town, hours: str, kept: bool) -> None:
    """The stories begin on a Monday at noon; the right place is next to where Anna works, far from where she lives."""
    home, work = ({"kind": kind, "lat": CENTRE[0] + metres / METRES_PER_DEGREE, "lon": CENTRE[1]} for kind, metres in
                  (("home", 100), ("work", 1390)))  # fmt: skip
    anna = town.volunteer("Anna", places=[home | {"hours": "24/7"}, work | {"hours": hours}])
    town.emergency()
    goes(anna)
    town.correct(**north(1400))
    if kept:
        anna.gets("ADDRESS WAS WRONG")
        assert town.callout_of(anna)["distance_m"] == pytest.approx(10, abs=2)
    else:
        anna.gets("others are nearer now")
    assert anna.state == ("accepted" if kept else "stood_down")


def test_where_they_set_out_from_counts_although_its_hours_have_passed(town: Town) -> None:
    home, work = ({"kind": kind, "lat": CENTRE[0] + metres / METRES_PER_DEGREE, "lon": CENTRE[1]} for kind, metres in
                  (("home", 5000), ("work", 100)))  # fmt: skip
    anna = town.volunteer("Anna", places=[home, work | {"hours": "Mo-Fr 08:00-14:01"}])
    town.emergency()
    goes(anna)
    wait(town, 120)
    town.correct(**north(50))
    anna.gets("ADDRESS WAS WRONG")
    assert town.callout_of(anna)["distance_m"] == pytest.approx(50, abs=2)
