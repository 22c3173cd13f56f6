"""Whose time ran out while nobody was wanted is asked once more when people are wanted again."""

from __future__ import annotations

import pytest

from dispatch import lifecycle
from tests.stories.talk import wait
from tests.stories.town import Town, Volunteer


def asked_of_few(town: Town, count: int = 3) -> list[Volunteer]:
    """`count` people, everybody in reach, each of whom has read their first text."""
    people = town.street(count)
    town.emergency()
    for person in people:
        person.gets("CARDIAC ARREST")
    return people


def go(town: Town) -> None:
    lifecycle.override_hazards(town.services, town.incidents[-1], "police are on scene", "user:dispatcher")
    town.settle()


@pytest.mark.parametrize("closed_after_s", [10, 310])
def test_whoever_was_told_at_the_close_that_it_is_over_is_asked_again_when_it_is_reopened(
    town: Town, closed_after_s: int
) -> None:
    people = asked_of_few(town)
    wait(town, closed_after_s)
    town.close("mistaken")
    for person in people:
        person.gets("over for volunteers")
        assert person.state == "expired"
    town.reopen()
    for person in people:
        person.gets("CARDIAC ARREST")
        assert person.state == "alerted"
    people[0].texts("1")
    people[0].gets("GO TO")


def test_but_once_for_one_reopening(town: Town) -> None:
    people = asked_of_few(town)
    town.close("mistaken")
    town.reopen()
    for person in people:
        person.gets("over for volunteers")
        person.gets("CARDIAC ARREST")
    wait(town, 310)
    town.turn(15)
    assert {person.state for person in people} == {"expired"}


def test_and_never_who_has_said_no(town: Town) -> None:
    said_no, silent = asked_of_few(town, 2)
    said_no.texts("2")
    town.close("mistaken")
    silent.gets("over for volunteers")
    town.reopen()
    silent.gets("CARDIAC ARREST")
    said_no.gets_nothing()


@pytest.mark.parametrize("go_by", ["dispatcher", "correction"])
def test_whose_time_ran_out_while_a_danger_held_it_is_asked_again_after_the_go(town: Town, go_by: str) -> None:
    people = asked_of_few(town)
    town.correct(hazards=["weapon"])
    wait(town, 310)
    assert {person.state for person in people} == {"expired"}
    if go_by == "dispatcher":
        go(town)
    else:
        town.correct(hazards=[])
    for person in people:
        person.gets("CARDIAC ARREST")
        assert person.state == "alerted"
    wait(town, 310)
    town.turn(15)
    assert {person.state for person in people} == {"expired"}, "once"


def test_whose_time_had_run_out_before_the_danger_was_known_is_not(town: Town) -> None:
    people = asked_of_few(town)
    wait(town, 310)
    town.correct(hazards=["weapon"])
    go(town)
    town.turn(15)
    assert {person.state for person in people} == {"expired"}
