"""A certificate that opens one role alone: its holder shows the crew the way, and takes nobody's place at the patient."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from console.app import create_app
from dispatch.desk import board
from responder.certificates import verifying
from responder.models import Certification
from tests.desk.signed_in import Desk
from tests.stories.test_desk_asking import askable
from tests.stories.test_gates import chosen
from tests.stories.town import CENTRE, Town, Volunteer


@pytest.fixture
def town(town: Town) -> Town:
    """A town in which whoever has been identified may guide the crew."""
    town.plan(for_role={"guide": ["identity"]})
    return town


@pytest.fixture
def desk(town: Town) -> Desk:
    return Desk(create_app(town.services), town.services, name="anna")


def guide(town: Town, name: str, metres: float) -> Volunteer:
    return town.volunteer(name, metres, certified=["identity"])


def read(*volunteers: Volunteer) -> None:
    for volunteer in volunteers:
        volunteer.gets("CARDIAC")


@pytest.mark.both_databases
def test_guides_are_asked_beside_the_wave_and_get_that_role_alone(town: Town) -> None:
    guides = [guide(town, f"G{number}", 50 + number) for number in range(4)]
    people = town.street(12)
    town.emergency()
    for one in guides[:2]:
        one.gets("A: CARDIAC ARREST near you", "Can you show the crew the way?", "No duty")
    for one in guides[2:]:
        one.gets_nothing()
    assert town.asked() >= {one.name for one in people[:7]}, "they take nobody's place"
    people[7].gets_nothing()
    read(*people[:7])
    guides[0].texts("1")
    guides[0].gets("GO TO", "Meet the ambulance at the street and show the way.")
    guides[1].texts("1")
    guides[1].gets("enough helpers are on their way")
    for one in people[:2]:
        one.texts("1")
        one.gets("GO TO", "Straight to the patient.")
    assert town.incident()["covered"]
    for one in people[2:7]:
        one.gets("enough helpers")


def test_one_who_cannot_guide_brings_the_next_guide_and_nobody_else(town: Town) -> None:
    guides = [guide(town, f"G{number}", 50 + number) for number in range(3)]
    people = town.street(12)
    town.emergency()
    read(*guides[:2], *people[:7])
    guides[0].texts("2")
    guides[2].gets("show the crew the way")
    people[7].gets_nothing()


def test_silence_brings_the_next_guide_too(town: Town) -> None:
    first, second, third = (guide(town, f"G{number}", 50 + number) for number in range(3))
    town.emergency()
    read(first, second)
    town.turn(31)
    third.gets("show the crew the way")


def test_guides_alone_are_no_help_and_the_desk_is_told(town: Town) -> None:
    one = guide(town, "G", 50)
    town.emergency()
    read(one)
    assert "nobody_asked" in town.alarms()
    one.texts("1")
    one.gets("GO TO", "Meet the ambulance")
    assert not town.incident()["covered"]
    with town.services.read() as session:
        (shown,) = board.board(session, writable=True)["incidents"]
    assert [(row["role"], row["only_role"]) for row in shown["callouts"]] == [("guide", "guide")]


def test_whoever_may_do_more_is_asked_for_all_of_it(town: Town) -> None:
    both = town.volunteer("Both", 50, certified=["identity", "cpr"])
    town.emergency()
    both.gets("Can you go now?")
    both.texts("1")
    both.gets("GO TO", "Straight to the patient.")


@pytest.mark.parametrize("hindered", ["verdict taken back", "another plan"])
def test_what_made_them_right_to_ask_is_looked_at_again_when_the_text_leaves(town: Town, hindered: str) -> None:
    one = guide(town, "G", 50)
    with town.services.read() as session:
        certification_id = session.scalars(select(Certification.id)).one()
    chosen(town)
    if hindered == "another plan":
        town.correct(type="breathing")
    else:
        with town.services.write() as session:
            verifying.take_back(session, certification_id, "user:admin")
    town.settle()
    one.gets_nothing()
    assert one.state == "failed"


def test_who_was_called_covered_without_a_guide_wants_none(town: Town) -> None:
    one, near = guide(town, "G", 50), town.volunteer("Near", 100)
    town.emergency()
    read(one, near)
    near.texts("1")
    near.gets("GO TO")
    town.stand_down("covered")
    one.gets("enough helpers")
    one.texts("1")
    one.gets("enough helpers")


def test_a_town_whose_plan_opens_no_role_alone_asks_them_nothing(town: Town) -> None:
    town.plan()
    one = guide(town, "G", 50)
    town.emergency()
    one.gets_nothing()


def test_where_any_certificate_is_enough_nobody_is_asked_for_one_role(town: Town) -> None:
    town.plan(any_of=[], for_role={"guide": ["identity"]})
    one = guide(town, "G", 50)
    town.emergency()
    one.gets("Can you go now?")


def test_a_wave_that_comes_later_is_as_large_as_without_them(town: Town) -> None:
    guides = [guide(town, f"G{number}", 50 + number) for number in range(2)]
    town.emergency()
    read(*guides)
    people = town.street(12)
    town.turn(10)
    read(*people[:7])
    people[7].gets_nothing()


@pytest.mark.parametrize("helpers", [0, 12])
def test_a_preview_foresees_who_is_asked_for_one_role_alone(town: Town, desk: Desk, helpers: int) -> None:
    guides = [guide(town, f"G{number}", 50 + number) for number in range(4)]
    people = town.street(helpers)[:7]
    heart = {"type": "cardiac_arrest", "location": {"lat": CENTRE[0], "lon": CENTRE[1]}}
    foreseen = desk.does("/preview", heart)
    town.emergency()
    read(*guides[:2], *people)
    assert (foreseen["asked"], foreseen["by_only_role"]) == (len(people), {"guide": 2})
    assert desk.does("/preview", heart | {"hazards": ["violence"]})["by_only_role"] == {}


@pytest.mark.both_databases
def test_a_dispatcher_asks_one_more_guide_by_hand(town: Town, desk: Desk) -> None:
    guides = [guide(town, f"G{number}", 50 + number) for number in range(3)]
    near, helper = town.volunteer("Near", 100), town.volunteer("Helper", 3000)
    incident = town.emergency()
    read(*guides[:2], near)
    offered = askable(desk, incident)
    assert [(one["only_role"], one["distance_m"]) for one in offered] == [(None, 3000), ("guide", 52)]
    desk.does(f"/incidents/{incident}/ask", {"responder": offered[1]["responder"]})
    guides[2].gets("show the crew the way")
    guides[2].texts("1")
    guides[2].gets("GO TO", "Meet the ambulance")
    helper.gets_nothing()


def test_why_a_guide_cannot_be_asked_by_hand_is_said_plainly(town: Town, desk: Desk) -> None:
    guides = [guide(town, f"G{number}", 50 + number) for number in range(4)]
    incident = town.emergency()
    read(*guides[:2])
    third, fourth = (one["responder"] for one in askable(desk, incident, only_role="guide"))

    def refused(token: str) -> str:
        status, problem = desk.post(f"/incidents/{incident}/ask", {"responder": token})
        assert status == 409
        return str(problem["title"])

    guides[2].texts("OFF")
    guides[2].gets("You are off")
    assert "is OFF just now" in refused(third)
    guides[0].texts("1")
    guides[0].gets("GO TO")
    assert "one thing only" in refused(fourth)
    assert askable(desk, incident, only_role="guide") == []
