"""A drill is on every screen and marked there, and is counted nowhere."""

from __future__ import annotations

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from tests.desk.signed_in import Desk
from tests.races.stage import Stage

Numbers = dict[tuple[str, tuple[tuple[str, str], ...]], float]
COUNTED = ("doorstep_incidents_open", "doorstep_callouts", "doorstep_alarms")


def numbers(app: Flask) -> Numbers:
    page = app.test_client().get("/metrics").get_data(as_text=True)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name in COUNTED
    }


def one_of_each(stage: Stage, *, drill: bool) -> str:
    """An incident with people, one without, and one whose address fits nowhere."""
    opened = stage.open(drill=drill).incident_id
    stage.open(drill=drill, location={"lat": 61.5, "lon": 24.9})
    with pytest.raises(Exception, match="could not be placed"):
        stage.open(drill=drill, location=None, address="Nowhere Lane 12")
    return opened


def test_a_drill_moves_no_number(stage: Stage, app: Flask) -> None:
    stage.street(3)
    before = numbers(app)
    one_of_each(stage, drill=True)
    assert numbers(app) == before


def test_an_emergency_moves_every_one(stage: Stage, app: Flask) -> None:
    stage.street(3)
    one_of_each(stage, drill=False)
    counted = numbers(app)
    assert counted["doorstep_incidents_open", (("covered", "false"),)] == 2
    assert counted["doorstep_callouts", (("state", "queued"),)] == 3
    assert counted["doorstep_alarms", (("kind", "nobody_asked"),)] == 1
    assert counted["doorstep_alarms", (("kind", "address_refused"),)] == 1


def test_a_drill_is_marked_wherever_it_is_shown(stage: Stage, desk: Desk) -> None:
    stage.street(3)
    opened = one_of_each(stage, drill=True)
    assert all(one["drill"] for one in desk.board()["incidents"])
    assert {one["kind"]: one["drill"] for one in desk.red()} == {"nobody_asked": True, "address_refused": True}
    here = desk.incident(opened)["location"]
    preview = desk.does("/preview", {"type": "cardiac_arrest", "location": {"lat": here["lat"], "lon": here["lon"]}})
    assert [one["drill"] for one in preview["same_one"]] == [True]
    assert all(body.startswith("DRILL ") for body in stage.texts_to("v1"))
