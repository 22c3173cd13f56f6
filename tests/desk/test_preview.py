"""The preview says what raising would do, and does nothing; raising then does just that."""

from __future__ import annotations

from typing import Any

import pytest

from core.clock import HandClock
from core.services import Services
from dispatch import plans
from dispatch.desk import preview as desk_preview
from dispatch.desk.inputs import Preview
from dispatch.placing import Place
from geo.models import EXCLUSION, SERVICE_AREA, Zone
from sms.segments import count
from tests.desk.signed_in import Desk
from tests.dispatch.test_query_counts import counted
from tests.geo.town import add_street
from tests.races.stage import CENTRE, Stage

HERE = {"lat": CENTRE[0], "lon": CENTRE[1]}
HEART = {"type": "cardiac_arrest", "location": HERE}


def preview(desk: Desk, **body: Any) -> Any:
    return desk.does("/preview", HEART | body)


@pytest.mark.parametrize("people", [0, 3, 9, 12])
def test_what_is_previewed_is_what_raising_then_does(stage: Stage, desk: Desk, people: int) -> None:
    stage.street(people)
    foreseen = preview(desk)
    opened = desk.does("/incidents", HEART)["incident"]
    assert foreseen["asked"] == opened["asked"] == len(opened["callouts"])
    assert foreseen["wanted"] == 7
    assert foreseen["soonest_s"] == min((one["eta_s"] for one in opened["callouts"]), default=None)
    assert foreseen["last_s"] == max((one["eta_s"] for one in opened["callouts"]), default=None)
    assert foreseen["farthest_m"] == max((one["distance_m"] for one in opened["callouts"]), default=None)
    assert foreseen["by_transport"] == ({"foot": foreseen["asked"]} if people else {})
    if people:
        assert stage.texts_to("v1") == [foreseen["text"]]
        assert foreseen["segments"] == count(foreseen["text"]).segments == 1
    else:
        assert (foreseen["text"], foreseen["segments"]) == ("", 0)


def test_a_preview_writes_nothing_and_costs_a_fixed_few_reads(stage: Stage, desk: Desk, services: Services) -> None:
    stage.street(30, step_m=10)
    preview(desk)
    before = desk.board()
    given = Preview.model_validate(HEART | {"hazards": ["traffic"]})
    with counted(services) as counts, services.read() as session:
        desk_preview.shown(session, services.settings, given, Place(CENTRE[0], CENTRE[1], None, None), ())
    assert all(statement.startswith("SELECT") for statement in counts), counts
    assert counts.total() <= 10, counts
    after = desk.board()
    assert (after["number"], after["incidents"]) == (before["number"], [])


def test_the_text_of_a_drill_says_so(stage: Stage, desk: Desk) -> None:
    stage.street(1)
    assert preview(desk, drill=True)["text"].startswith("DRILL A: CARDIAC ARREST")
    assert preview(desk)["text"].startswith("A: CARDIAC ARREST")


def test_the_ambulances_arrival_is_how_far_people_may_come_from(stage: Stage, desk: Desk) -> None:
    stage.street(3, first_m=100, step_m=200)
    assert preview(desk)["asked"] == 3
    near = preview(desk, ambulance_eta_s=120)
    assert (near["asked"], near["last_s"] <= 120) == (1, True)


def test_a_danger_that_the_plan_excludes_holds_everybody(stage: Stage, desk: Desk) -> None:
    stage.street(3)
    held = preview(desk, hazards=["traffic", "violence"])
    assert (held["held"], held["asked"], held["text"]) == (["violence"], 0, "")
    assert preview(desk, hazards=["traffic"])["held"] == []


def test_a_place_that_is_none_is_said_and_not_refused(stage: Stage, desk: Desk, services: Services) -> None:
    ring = [[24.9, 60.1], [25.0, 60.1], [25.0, 60.2], [24.9, 60.2], [24.9, 60.1]]
    inner = [[24.93, 60.16], [24.935, 60.16], [24.935, 60.165], [24.93, 60.165], [24.93, 60.16]]
    with services.write() as session:
        session.add(Zone(kind=SERVICE_AREA, name="town", polygon={"type": "Polygon", "coordinates": [ring]}))
        session.add(Zone(kind=EXCLUSION, name="base", polygon={"type": "Polygon", "coordinates": [inner]}))
    assert preview(desk)["problem"] is None
    assert "outside the service area" in preview(desk, location={"lat": 61.0, "lon": 24.9})["problem"]
    assert "base" in preview(desk, location={"lat": 60.162, "lon": 24.932})["problem"]
    nowhere = preview(desk, location={"lat": 0.0, "lon": 0.0})
    assert "0,0" in nowhere["problem"]
    assert (nowhere["asked"], nowhere["place"]) == (0, {"lat": 0.0, "lon": 0.0, "address": None})


def test_an_address_is_placed_or_offers_what_it_could_be(stage: Stage, desk: Desk, services: Services) -> None:
    add_street(services, "Kaivokatu", {"8": (60.1702, 24.9402), "10": (60.1703, 24.9403)})
    found = preview(desk, location=None, address="Kaivokatu 8")
    assert found["place"] == {"lat": 60.1702, "lon": 24.9402, "address": "Kaivokatu 8"}
    assert (found["problem"], found["matches"]) == (None, [])
    several = preview(desk, location=None, address="Kaivokatu 9")
    assert several["place"] is None
    assert "Kaivokatu 8" in [one["label"] for one in several["matches"]]
    assert "several" in several["problem"]
    assert "no place known" in preview(desk, location=None, address="Nowhere Lane 12")["problem"]
    assert desk.red() == [], "typing is no refused emergency"


def test_without_a_place_there_is_nothing_to_say_yet(desk: Desk) -> None:
    shown = preview(desk, location=None)
    assert (shown["place"], shown["problem"], shown["asked"], shown["same_one"]) == (None, None, 0, [])


@pytest.mark.parametrize(("metres", "seconds", "is_same"), [(0, 0, True), (290, 590, True), (310, 0, False), (0, 601, False)])
def test_an_open_incident_near_and_recent_may_be_the_same_one(
    stage: Stage, desk: Desk, clock: HandClock, metres: int, seconds: int, is_same: bool
) -> None:
    stage.open(location={"lat": CENTRE[0] + metres / 111_412.0, "lon": CENTRE[1]})
    clock.turn(seconds)
    same = preview(desk)["same_one"]
    assert len(same) == is_same
    if is_same:
        assert same[0]["distance_m"] == pytest.approx(metres, abs=2)
        assert same[0]["minutes"] == seconds // 60
        assert set(same[0]) >= {"id", "code", "type_name", "address", "minutes", "distance_m"}
    assert desk.post("/incidents", HEART)[0] == 201, "it never blocks"


def test_a_closed_incident_is_not_the_same_one(stage: Stage, desk: Desk) -> None:
    opened = stage.open().incident_id
    desk.does(f"/incidents/{opened}/close", {"outcome": "mistaken"})
    assert preview(desk)["same_one"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"type": "unheard_of"}, "/type"),
        ({"type": "fire"}, "/type"),
        ({"hazards": ["dragons"]}, "/hazards/0"),
        ({"location": {"lat": 91, "lon": 0}}, "/location/lat"),
        ({"ambulance_eta_s": -1}, "/ambulance_eta_s"),
        ({"wishes": 3}, "/wishes"),
    ],
)
def test_what_cannot_be_used_is_named(desk: Desk, body: dict[str, Any], pointer: str) -> None:
    for path in ("/preview", "/incidents"):
        status, problem = desk.post(path, HEART | body)
        assert status == 422, path
        assert problem["errors"][0]["pointer"] == pointer


def test_a_dispatchers_own_slip_stands_red_nowhere(stage: Stage, desk: Desk) -> None:
    status, problem = desk.post("/incidents", {"type": "cardiac_arrest", "address": "Nowhere Lane 12"})
    assert status == 422
    assert problem["matches"] == []
    assert desk.red() == []


def test_a_picked_place_is_called_as_it_was_picked(stage: Stage, desk: Desk) -> None:
    opened = desk.does("/incidents", HEART | {"address": "Kaivokatu 8 B"})["incident"]
    assert opened["location"] == HERE | {"address": "Kaivokatu 8 B"}
    moved = desk.does(
        f"/incidents/{opened['id']}", {"location": {"lat": 60.171, "lon": 24.94}, "address": "Kaivokatu 10"}, "PATCH"
    )
    assert moved["incident"]["location"] == {"lat": 60.171, "lon": 24.94, "address": "Kaivokatu 10"}


def test_a_plan_in_force_decides(stage: Stage, desk: Desk, services: Services) -> None:
    stage.street(5)
    stage.plan(waves={"preset": "replace", "evidence": "for the test", "first": 2, "all_below": 0})
    shown = preview(desk)
    assert (shown["asked"], shown["wanted"]) == (2, 2)
    with services.read() as session:
        assert plans.of(plans.current(session, "cardiac_arrest")).waves.first == 2
