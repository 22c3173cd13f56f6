"""A 3 that was said before the address was corrected: nobody is at the right door yet, and nobody may believe so."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from dispatch.desk.shown import incidents_json
from dispatch.models import Callout, Incident
from tests.stories.talk import red_rows, wait
from tests.stories.test_corrections import ainokatu, goes
from tests.stories.town import Town, Volunteer


def at_the_wrong_door(town: Town, *names: str, first_m: float = 200) -> list[Volunteer]:
    """So many have said 3 at Ainokatu 5 when it turns out to be 50, and have read so."""
    ainokatu(town)
    people = [town.volunteer(name, first_m + 10 * number) for number, name in enumerate(names)]
    town.emergency(address="Ainokatu 5")
    for person in people:
        goes(person)
        person.texts("3")
    town.turn(60)
    town.correct(address="Ainokatu 50")
    for person in people:
        person.gets("A: ADDRESS WAS WRONG", "Go to Ainokatu 50")
    return people


def shown(town: Town) -> dict[str, Any]:
    with town.services.read() as session:
        return incidents_json(session, [session.get_one(Incident, town.incidents[-1])])[0]


def test_a_3_said_before_the_correction_is_shown_as_such_until_it_is_said_again(town: Town) -> None:
    (anna,) = at_the_wrong_door(town, "Anna")
    seen = shown(town)
    assert (anna.state, seen["callouts"][0]["at_old_address"]) == ("on_scene", True)
    assert (seen["going"], seen["on_scene"]) == (1, 0)
    town.turn(30)
    anna.texts("3")
    anna.gets_nothing()
    seen = shown(town)
    assert (anna.state, seen["callouts"][0]["at_old_address"]) == ("on_scene", False)
    assert (seen["going"], seen["on_scene"]) == (0, 1)


def test_the_nearest_is_not_turned_away_for_somebody_at_the_wrong_door(town: Town) -> None:
    town.plan(roles=["direct", "direct"])
    near = town.volunteer("Near", 380)
    anna, bo = at_the_wrong_door(town, "Anna", "Bo", first_m=20)
    near.gets("CARDIAC")
    near.gets("enough helpers")
    assert town.incident()["covered"], "the roles are held as before"
    near.texts("1")
    near.gets("GO TO Ainokatu 50")
    anna.texts("3")
    near.texts("2")
    assert [one.state for one in (anna, bo, near)] == ["on_scene", "on_scene", "declined"]
    near.texts("1")
    near.gets("enough helpers")


def test_they_are_asked_whether_they_are_there_as_whoever_is_coming(town: Town) -> None:
    (anna,) = at_the_wrong_door(town, "Anna")
    eta_s = town.callout_of(anna)["eta_s"]
    town.clock.turn(eta_s + 298)
    town.turn(1)
    anna.gets_nothing()
    town.turn(1)
    anna.gets("are you there? Text 3 at the door")
    anna.texts("3")
    wait(town, 20 * 60)
    anna.gets("are you all right?")


def test_a_2_at_the_wrong_door_frees_their_place(town: Town) -> None:
    """T6 asks for it."""
    town.plan(roles=["direct"])
    (anna,) = at_the_wrong_door(town, "Anna")
    fresh = town.volunteer("Fresh", 450)
    fresh.gets_nothing()
    anna.texts("2")
    anna.gets_nothing()
    assert (anna.state, town.callout_of(anna)["role"]) == ("stood_down", "direct")
    assert not town.incident()["covered"]
    fresh.gets("CARDIAC")


def test_a_2_at_the_wrong_door_brings_the_next_also_where_a_dispatcher_had_called_it_enough(town: Town) -> None:
    (anna,) = at_the_wrong_door(town, "Anna")
    town.stand_down("covered")
    fresh = town.volunteer("Fresh", 450)
    town.turn(30)
    fresh.gets_nothing()
    anna.texts("2")
    fresh.gets("CARDIAC")


def test_leaving_the_wrong_door_is_not_having_left_the_patient(town: Town) -> None:
    anna, bo = at_the_wrong_door(town, "Anna", "Bo")
    anna.texts("jag åker nu")
    anna.gets_nothing()
    bo.texts("leaving")
    bo.gets("on the dispatcher's screen")
    assert [one.state for one in (anna, bo)] == ["on_scene", "on_scene"]
    assert len(red_rows(town, "unclear_words")) == 1
    anna.texts("3")
    anna.texts("jag åker nu")
    assert anna.state == "finished"


def test_a_3_from_whom_the_correction_has_not_reached_is_about_the_old_door(town: Town) -> None:
    ainokatu(town)
    anna = town.volunteer("Anna", 200)
    town.emergency(address="Ainokatu 5")
    goes(anna)
    town.turn(60)
    town.carrier.hold_callbacks()
    town.correct(address="Ainokatu 50")
    anna.gets("ADDRESS WAS WRONG")
    anna.texts("3")
    assert shown(town)["callouts"][0]["at_old_address"]
    with town.services.read() as session:
        assert session.scalars(select(Callout.address_due_at)).one() is not None, "they are rung with the right one"
    town.turn(10)
    anna.texts("3")
    assert not shown(town)["callouts"][0]["at_old_address"], "said twice it is believed: not every carrier tells of a delivery"
    town.carrier.release_callbacks()
    town.settle()
