"""The address: for those who said that they go, as often as they ask, and in no text to anybody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.services import Services
from geo.osm import Area, read_area, store_area
from tests.stories.talk import asked
from tests.stories.town import Town

HELSINKI = Path(__file__).parents[2] / "demo" / "helsinki.osm.pbf"
STREET, HOUSE, NOTES = "Mannerheimintie", "Mannerheimintie 5", "door code 1234"


@pytest.fixture(scope="session")
def helsinki_area() -> Area:
    return read_area(HELSINKI)


@pytest.fixture
def helsinki(services: Services, helsinki_area: Area) -> None:
    """Streets and house numbers for this test's town; ask for it before `town`."""
    with services.write() as session:
        store_area(session, helsinki_area)


@pytest.mark.usefixtures("helsinki")
def test_a_3_without_a_1_is_one_question_and_never_the_address(town: Town) -> None:
    """Asked, out of time, refused: whoever it comes from, only a 1 brings the address."""
    anna, bo, cilla = asked(town, "Anna", "Bo", "Cilla", address=HOUSE, access_notes=NOTES)
    bo.texts("2")
    for person, state in ((anna, "alerted"), (bo, "declined")):
        person.texts("3")
        body = person.gets("are you going", "text 1 first")
        assert STREET not in body
        assert NOTES not in body
        person.texts("3")
        person.gets_nothing()
        assert person.state == state
    town.turn(305)
    cilla.texts("at the door")
    assert STREET not in cilla.gets("text 1 first")
    assert cilla.state == "expired"
    for person in (anna, bo, cilla):
        person.texts("1")
        person.gets("GO TO", STREET)
        person.texts("3")
        assert person.state == "on_scene"


@pytest.mark.usefixtures("helsinki")
def test_where_brings_the_address_again_but_never_before_a_1(town: Town) -> None:
    anna, bo, cilla = asked(town, "Anna", "Bo", "Cilla", address=HOUSE, access_notes=NOTES)
    anna.texts("WHERE")
    assert STREET not in anna.gets("when you have said that you go")
    anna.texts("where?")
    anna.gets_nothing()
    assert anna.state == "alerted"
    for body in ("1", "where?", "Address?", "yes, where?"):
        anna.texts(body)
        anna.gets("GO TO", HOUSE, NOTES)
    anna.texts("3")
    anna.texts("missä?")
    anna.gets("GO TO", HOUSE)
    bo.texts("2")
    bo.texts("where?")
    bo.gets_nothing()
    cilla.texts("yes, where?")
    cilla.gets("GO TO", HOUSE)
    town.close()
    for person in (anna, cilla):
        person.gets("this emergency is over")
        person.texts("where")
    anna.gets_nothing()
    assert STREET not in cilla.gets("this emergency is over for volunteers")


@pytest.mark.usefixtures("helsinki")
def test_only_those_who_said_that_they_go_ever_read_the_address(town: Town) -> None:
    town.plan(roles=["direct", "direct"])
    people = town.street(8)
    coming, there, refused, unsure, silent, late, where, arrived = people
    town.emergency(address=HOUSE, access_notes=NOTES, caller_phone="+358401234567")
    for volunteer, bodies in (
        (refused, ("2", "where is it?", "3")),
        (unsure, ("what address?!", "what is going on")),
        (where, ("WHERE", "where?")),
        (arrived, ("3", "4")),
        (coming, ("1",)),
        (there, ("1", "3")),
    ):
        for body in bodies:
            volunteer.texts(body)
    late.texts("1")
    for body in ("where?", "3"):
        late.texts(body)
    town.correct(access_notes="stair B, code 777", address="Mannerheimintie 9")
    town.stand_down("ambulance_on_scene")
    town.close("helped")
    silent.texts("1")
    for volunteer in people:
        bodies = volunteer.inbox()
        volunteer.read = len(bodies)
        tells = [body for body in bodies if any(fact in body for fact in (STREET, "1234", "777", "stair B", "+3584"))]
        assert bool(tells) == (volunteer in (coming, there)), (volunteer.name, tells)
    assert not [body for volunteer in people for body in volunteer.inbox() if "401234567" in body]
