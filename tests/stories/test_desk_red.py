"""A refused emergency that a dispatcher places, and what stands red on the way, over the wire."""

from __future__ import annotations

import pytest

from console.app import create_app
from core.problems import Problem
from dispatch import passed_over
from tests.desk.signed_in import Desk
from tests.stories.town import CENTRE, Town


@pytest.fixture
def desk(town: Town) -> Desk:
    return Desk(create_app(town.services), town.services, name="anna")


def test_a_refused_emergency_is_placed_and_people_come(town: Town, desk: Desk) -> None:
    v1 = town.volunteer("V1")
    with pytest.raises(Problem, match="could not be placed"):
        town.emergency(address="Nowhere Lane 12", access_notes="door code 1234")
    v1.gets_nothing()
    (alarm,) = desk.red()
    assert (alarm["kind"], alarm["actions"]) == ("address_refused", ["place", "dismiss"])
    where = {"location": {"lat": CENTRE[0], "lon": CENTRE[1]}, "address": "Kaivokatu 8"}
    opened = desk.does(f"/alarms/{alarm['id']}/place", where)["incident"]
    town.incidents.append(opened["id"])
    v1.gets("A: CARDIAC ARREST")
    v1.texts("1")
    v1.gets("GO TO Kaivokatu 8", "door code 1234")
    assert desk.red() == []
    (event,) = town.events("alarm_placed")
    assert event["actor"] == "user:anna"


def test_when_nobody_can_be_asked_the_reasons_reach_the_board_by_themselves(town: Town, desk: Desk) -> None:
    anna = town.volunteer("Anna")
    anna.texts("OFF")
    anna.gets("You are off")
    opened = town.emergency()
    before = desk.board()["number"]
    passed_over.explain_due(town.services)
    (changed,) = desk.get("/changes", after=before)[1]["incidents"]
    assert (changed["id"], changed["passed_over"]) == (opened, [{"reason": "off", "count": 1}])
    assert desk.red("nobody_asked")[0]["incident_id"] == opened
