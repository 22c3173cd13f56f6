"""Who gets which stand-down, and what a late answer gets afterwards."""

from __future__ import annotations

import pytest

from core.problems import Problem
from tests.stories.town import Town, Volunteer


def one_of_each(town: Town) -> tuple[Volunteer, Volunteer, Volunteer]:
    """Somebody asked, somebody coming, somebody on scene."""
    asked, coming, there = town.volunteer("Asked", 300), town.volunteer("Coming", 200), town.volunteer("There", 100)
    town.emergency()
    for volunteer in (asked, coming, there):
        volunteer.gets("CARDIAC ARREST")
    for volunteer in (coming, there):
        volunteer.texts("1")
        volunteer.gets("GO TO")
    there.texts("3")
    return asked, coming, there


ENDED = ("stood_down", "stood_down", "on_scene")


@pytest.mark.parametrize(
    ("reason", "to_asked", "to_coming", "to_there", "states"),
    [
        ("covered", "enough helpers are on their way", None, None, ("stood_down", "accepted", "on_scene")),
        ("ambulance_on_scene", "over for volunteers", "ambulance has arrived", "hand over", ENDED),
        ("not_needed", "over for volunteers", "this emergency is over", "Leave when it is safe", ENDED),
        ("unsafe", "NOT SAFE", "NOT SAFE", "NOT SAFE", ENDED),
    ],
)
def test_each_reason_reaches_each_group(
    town: Town, reason: str, to_asked: str | None, to_coming: str | None, to_there: str | None, states: tuple[str, ...]
) -> None:
    people = one_of_each(town)
    town.stand_down(reason)
    for volunteer, text in zip(people, (to_asked, to_coming, to_there), strict=True):
        if text:
            volunteer.gets(text)
    assert tuple(volunteer.state for volunteer in people) == states
    assert town.incident()["state"] == "open"


@pytest.mark.parametrize(
    ("reason", "late"),
    [("ambulance_on_scene", "over for volunteers"), ("not_needed", "over for volunteers"), ("unsafe", "NOT SAFE")],
)
def test_a_late_yes_gets_a_true_answer_and_no_address(town: Town, reason: str, late: str) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("CARDIAC")
    town.stand_down(reason)
    anna.gets(late)
    anna.texts("1")
    anna.gets(late)
    assert anna.state == "stood_down"


@pytest.mark.parametrize(
    ("reason", "late"),
    [("ambulance_on_scene", "over for volunteers"), ("not_needed", "over for volunteers"), ("unsafe", "NOT SAFE")],
)
def test_covered_makes_nothing_of_what_is_over_and_no_place_safe(town: Town, reason: str, late: str) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("CARDIAC")
    town.stand_down(reason)
    anna.gets(late)
    town.stand_down("covered")
    assert town.incident()["asking"] == "ended"
    anna.texts("1")
    anna.gets(late)
    assert anna.state == "stood_down"


def test_whoever_declined_hears_nothing_more(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("CARDIAC")
    anna.texts("2")
    town.stand_down("not_needed")
    anna.gets_nothing()


def test_a_close_tells_everyone_and_a_4_still_counts(town: Town) -> None:
    asked, coming, there = one_of_each(town)
    town.close("ambulance_first")
    asked.gets("over for volunteers")
    coming.gets("ambulance has arrived")
    there.gets("hand over")
    assert (asked.state, coming.state, there.state) == ("expired", "stood_down", "on_scene")
    there.texts("4")
    assert there.state == "finished"
    incident = town.incident()
    assert (incident["state"], incident["outcome"]) == ("closed", "ambulance_first")


def test_a_closed_incident_refuses_what_needs_an_open_one_and_reopens_once(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("CARDIAC")
    with pytest.raises(Problem, match="open"):
        town.reopen()
    town.close()
    anna.gets("over for volunteers")
    for refused in (town.close, lambda: town.stand_down("covered"), lambda: town.correct(access_notes="x")):
        with pytest.raises(Problem) as problem:
            refused()
        assert problem.value.status == 409


def test_reopening_asks_again_for_the_roles_that_are_not_filled(town: Town) -> None:
    asked, coming, there = one_of_each(town)
    town.close("mistaken")
    asked.gets("over for volunteers")
    coming.gets("this emergency is over")
    there.gets("Leave when it is safe")
    town.reopen()
    for volunteer in (asked, coming):
        volunteer.gets("CARDIAC ARREST")
    coming.texts("1")
    coming.gets("GO TO")


def test_one_who_drops_out_is_replaced_at_once_by_those_stood_down_first(town: Town) -> None:
    near = [town.volunteer(f"Near{number}", 100 + number) for number in range(4)]
    far = [town.volunteer(f"Far{number}", 500 + number) for number in range(8)]
    town.emergency()
    for volunteer in [*near, *far[:3]]:
        volunteer.gets("CARDIAC")
    for volunteer in near[:3]:
        volunteer.texts("1")
        volunteer.gets("GO TO")
    for volunteer in [near[3], *far[:3]]:
        volunteer.gets("enough helpers")
    near[0].texts("2")
    assert not town.incident()["covered"]
    for volunteer in [near[3], *far[:3]]:
        volunteer.gets("CARDIAC")
    far[3].gets("CARDIAC")
    near[3].texts("1")
    near[3].gets("GO TO", "Straight to the patient")
    for volunteer in far[:4]:
        volunteer.gets("enough helpers")
    assert town.incident()["covered"]


def test_finished_is_no_drop_out(town: Town) -> None:
    people = [town.volunteer(f"P{number}", 100 + number) for number in range(4)]
    town.emergency()
    for person in people:
        person.gets("CARDIAC")
    for person in people[:3]:
        person.texts("1")
        person.gets("GO TO")
    people[3].gets("enough helpers")
    people[0].texts("3")
    people[0].texts("4")
    assert people[0].state == "finished"
    assert town.incident()["covered"]


def test_a_manual_covered_asks_again_when_one_who_is_coming_drops_out(town: Town) -> None:
    asked, coming = town.volunteer("Asked", 300), town.volunteer("Coming", 100)
    town.emergency()
    for volunteer in (asked, coming):
        volunteer.gets("CARDIAC")
    coming.texts("1")
    coming.gets("GO TO")
    town.stand_down("covered")
    asked.gets("enough helpers")
    coming.texts("2")
    asked.gets("CARDIAC")
