"""Danger at the place: nobody is asked before a dispatcher's go, and whoever is out there stands red."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.problems import Problem
from dispatch import intake, lifecycle
from dispatch.models import Alarm
from dispatch.reports import NewIncident
from tests.stories.town import CENTRE, Town, Volunteer

EXCLUDED = ("violence", "weapon", "fire_or_gas")


def go(town: Town, reason: str = "police are on scene") -> None:
    """A dispatcher's go."""
    lifecycle.override_hazards(town.services, town.incidents[-1], reason, "user:dispatcher")
    town.settle()


def goes(volunteer: Volunteer) -> None:
    volunteer.gets("CARDIAC")
    volunteer.texts("1")
    volunteer.gets("GO TO")


@pytest.mark.parametrize("hazard", EXCLUDED)
def test_with_an_excluded_hazard_it_is_created_and_asks_nobody_until_the_go(town: Town, hazard: str) -> None:
    anna = town.volunteer("Anna")
    town.emergency(hazards=[hazard])
    town.turn(40)
    assert town.asked() == set()
    incident = town.incident()
    assert (incident["state"], incident["hazards"]) == ("open", [hazard])
    assert town.alarms() == ["hazard_held"]
    anna.gets_nothing()
    go(town)
    anna.gets("CARDIAC")
    assert town.alarms() == []
    anna.texts("1")
    anna.gets("GO TO")


def test_a_go_needs_a_reason_and_something_that_waits_for_it(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.emergency(hazards=["weapon"])
    for nothing in ("", "   "):
        with pytest.raises(Problem) as problem:
            go(town, nothing)
        assert (problem.value.status, problem.value.errors[0].pointer) == (422, "/reason")
    assert town.alarms() == ["hazard_held"]
    go(town)
    anna.gets("CARDIAC")
    with pytest.raises(Problem) as problem:
        go(town)
    assert problem.value.status == 409


def test_the_reason_of_a_go_is_kept_with_the_red_row_it_answers(town: Town) -> None:
    town.emergency(hazards=["weapon"])
    go(town, "the weapon is secured")
    with town.services.read() as session:
        row = session.scalars(select(Alarm).where(Alarm.kind == "hazard_held")).one()
    assert (row.acknowledged_by, row.data["go"]) == ("user:dispatcher", "the weapon is secured")
    assert "secured" not in str(town.incident()["events"])


@pytest.mark.parametrize(
    ("hazard", "warning"),
    [
        ("traffic", "Mind the traffic"),
        ("water_or_ice", "Stay off ice"),
        ("suicide", "suicide attempt"),
        ("child_under_8", "small child"),
        ("care_facility", "Care home"),
    ],
)
def test_every_other_hazard_is_a_warning_in_the_second_text_and_not_in_the_first(town: Town, hazard: str, warning: str) -> None:
    anna = town.volunteer("Anna")
    town.emergency(hazards=[hazard])
    assert warning not in anna.gets("CARDIAC")
    anna.texts("1")
    anna.gets("GO TO", warning)
    assert town.alarms() == []


def test_a_hazard_that_is_added_later_stops_the_asking(town: Town) -> None:
    people = town.street(12)
    town.emergency()
    for person in people[:7]:
        person.gets("CARDIAC")
    town.correct(hazards=["violence"])
    people[0].texts("2")
    town.turn(60)
    assert len(town.asked()) == 7
    assert town.alarms() == ["hazard_held"]


def test_a_1_meanwhile_is_not_wanted_and_counts_again_after_the_go(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("CARDIAC")
    town.correct(hazards=["violence"])
    anna.texts("1")
    assert "GO TO" not in anna.gets("You need not go")
    assert anna.state == "stood_down"
    go(town)
    anna.gets("CARDIAC")
    anna.texts("1")
    anna.gets("GO TO")
    assert town.alarms() == []


def test_those_coming_or_on_scene_stand_red(town: Town) -> None:
    coming, there = town.volunteer("Coming", 200), town.volunteer("There", 100)
    town.emergency()
    for volunteer in (coming, there):
        goes(volunteer)
    there.texts("3")
    town.correct(hazards=["fire_or_gas"])
    assert town.alarms() == ["hazard_while_coming"]
    assert (coming.state, there.state) == ("accepted", "on_scene")
    go(town)
    assert town.alarms() == []


def test_those_on_scene_stand_red_even_when_the_asking_is_over_and_it_stays_over(town: Town) -> None:
    there, asked = town.volunteer("There", 100), town.volunteer("Asked", 200)
    town.emergency()
    asked.gets("CARDIAC")
    goes(there)
    there.texts("3")
    town.stand_down("ambulance_on_scene")
    there.gets("hand over")
    asked.gets("over for volunteers")
    town.correct(hazards=["weapon"])
    assert town.alarms() == ["hazard_while_coming"]
    town.correct(hazards=[])
    assert town.alarms() == []
    town.turn(15)
    asked.gets_nothing()


def test_a_hazard_that_is_removed_again_lets_it_ask_on(town: Town) -> None:
    people = town.street(12)
    town.emergency(hazards=["weapon", "traffic"])
    town.correct(hazards=["traffic"])
    for person in people[:7]:
        person.gets("CARDIAC")
    assert town.alarms() == []
    people[0].texts("1")
    people[0].gets("GO TO", "Mind the traffic")


def test_removed_again_while_one_is_coming_clears_the_red(town: Town) -> None:
    coming = town.volunteer("Coming")
    town.emergency()
    goes(coming)
    town.correct(hazards=["violence"])
    town.correct(hazards=[])
    assert town.alarms() == []
    coming.gets_nothing()


def test_a_go_for_one_danger_is_no_go_for_the_next(town: Town) -> None:
    anna, late = town.volunteer("Anna"), town.volunteer("Late", 200, available=False)
    town.emergency(hazards=["violence"])
    go(town)
    anna.gets("CARDIAC")
    town.correct(hazards=["violence", "weapon"])
    assert town.alarms() == ["hazard_held"]
    late.texts("ON")
    late.gets("You are on")
    town.turn(15)
    late.gets_nothing()
    anna.texts("1")
    anna.gets("You need not go")
    go(town, "all clear")
    late.gets("CARDIAC")
    anna.gets("CARDIAC")


def test_a_second_danger_while_waiting_is_shown_as_well(town: Town) -> None:
    town.emergency(hazards=["violence"])
    town.correct(hazards=["violence", "weapon"])
    with town.services.read() as session:
        shown = [row.data["hazards"] for row in session.scalars(select(Alarm).order_by(Alarm.id))]
    assert shown[-1] == ["violence", "weapon"]
    go(town)
    assert "hazard_held" not in town.alarms()


def test_a_first_text_that_had_not_left_never_leaves_and_its_person_is_asked_after_the_go(town: Town) -> None:
    anna = town.volunteer("Anna")
    wanted = NewIncident.model_validate({"type": "cardiac_arrest", "location": {"lat": CENTRE[0], "lon": CENTRE[1]}})
    opened = intake.open_incident(town.services, town.geocoder, wanted, "key:cad")
    town.incidents.append(opened.incident_id)
    town.correct(hazards=["violence"])
    anna.gets_nothing()
    go(town)
    anna.gets("CARDIAC")
    anna.gets_nothing()


def test_a_held_incident_can_be_stood_down_or_closed_and_reopens_held(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.emergency(hazards=["weapon"])
    town.close("unsafe")
    town.reopen()
    town.turn(15)
    anna.gets_nothing()
    assert town.alarms() == ["hazard_held"]


def test_covered_and_then_dangerous_nobody_is_asked_when_one_drops_out(town: Town) -> None:
    people, spare = town.street(3), town.volunteer("Spare", 400)
    town.emergency()
    spare.gets("CARDIAC")
    for person in people:
        goes(person)
    spare.gets("enough helpers")
    town.correct(hazards=["violence"])
    people[0].texts("2")
    town.turn(15)
    spare.gets_nothing()
    go(town)
    spare.gets("CARDIAC")


def test_covered_while_a_danger_holds_it_tells_those_asked_and_is_no_go(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("CARDIAC")
    town.correct(hazards=["weapon"])
    town.stand_down("covered")
    anna.gets("enough helpers")
    assert (town.incident()["asking"], town.alarms()) == ("held", ["hazard_held"])
    anna.texts("1")
    anna.gets("enough helpers")
    assert anna.state == "stood_down"
    go(town)
    anna.gets("CARDIAC")


def test_covered_while_a_danger_holds_it_one_who_drops_out_brings_nobody_before_the_go(town: Town) -> None:
    anna, bo = town.volunteer("Anna", 100), town.volunteer("Bo", 200)
    town.emergency()
    goes(anna)
    bo.gets("CARDIAC")
    town.correct(hazards=["weapon"])
    town.stand_down("covered")
    bo.gets("enough helpers")
    anna.texts("2")
    town.turn(15)
    bo.gets_nothing()
    assert (town.incident()["asking"], town.alarms()) == ("held", ["hazard_while_coming"])
    go(town)
    bo.gets("CARDIAC")


@pytest.mark.parametrize("first", ["covered", "danger"])
def test_a_danger_that_is_removed_again_brings_back_no_asking_that_was_called_covered(town: Town, first: str) -> None:
    anna, bo = town.volunteer("Anna", 100), town.volunteer("Bo", 200)
    town.emergency()
    goes(anna)
    bo.gets("CARDIAC")
    if first == "covered":
        town.stand_down("covered")
        town.correct(hazards=["weapon"])
    else:
        town.correct(hazards=["weapon"])
        town.stand_down("covered")
    bo.gets("enough helpers")
    town.correct(hazards=[])
    town.turn(15)
    bo.gets_nothing()
    anna.texts("2")
    bo.gets("CARDIAC")


def test_a_plan_may_exclude_more_or_less(town: Town) -> None:
    town.plan(excluded_hazards=("traffic",))
    anna = town.volunteer("Anna")
    town.emergency(hazards=["violence"])
    anna.gets("CARDIAC")
    anna.texts("1")
    anna.gets("wait for police")
    town.emergency(hazards=["traffic"])
    assert "hazard_held" in town.alarms()
