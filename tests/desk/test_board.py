"""What the desk shows: shapes, counts, who is shown while, and how much it costs to read."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from core.clock import HandClock
from core.services import Services
from dispatch import conductor, lifecycle, passed_over
from dispatch.desk import board
from sms import inbox
from tests.desk.signed_in import Desk
from tests.dispatch.test_query_counts import counted
from tests.races.stage import CENTRE, Stage

INCIDENT = {
    *("id", "code", "external_id", "state", "covered", "asking", "shortfall", "type", "location", "access_notes"),
    *("caller_phone", "ambulance_at", "hazards", "drill", "opened_at", "closed_at", "outcome", "callouts", "type_name"),
    *("district", "held", "hazards_overridden", "roles", "going", "on_scene", "asked", "silent", "passed_over", "number"),
}
CALLOUT = {
    *("id", "responder_id", "role", "state", "wave", "distance_m", "eta_s", "reason", "alerted_at", "answered_at", "words"),
    *("name", "phone", "letter", "transport", "kind", "place", "since", "queued_at", "on_scene_at", "ended_at", "delivered"),
    "at_old_address",
    *("no_address", "rung", "unsafe", "set_out_at"),
}
ALARM = {
    *("id", "kind", "incident_id", "code", "callout_id", "name", "phone", "address", "raised_at", "title", "text", "actions"),
    "data",
}


def hear(stage: Stage, name: str, body: str) -> None:
    stage.text(name, body)
    inbox.handle_due(stage.wire)


def test_an_empty_board_says_what_there_is_to_choose_from(desk: Desk) -> None:
    shown = desk.board()
    assert shown["incidents"] == []
    assert shown["alarms"] == []
    assert shown["writable"] is True
    assert {plan["type"]: plan["is_on"] for plan in shown["plans"]} == {
        "cardiac_arrest": True,
        "breathing": True,
        "bleeding": True,
        "fire": False,
    }
    assert shown["plans"][0]["name"] == "Cardiac arrest"
    assert shown["plans"][0]["roles"] == ["direct", "direct", "guide"]
    assert shown["plans"][0]["excluded_hazards"] == ["violence", "weapon", "fire_or_gas"]
    assert "violence" in shown["hazards"]
    assert "helped" in shown["outcomes"]
    assert shown["reasons"] == ["covered", "ambulance_on_scene", "not_needed", "unsafe"]


@pytest.mark.both_databases
def test_an_edit_of_a_plan_moves_it_to_no_other_place_in_the_form(stage: Stage, desk: Desk) -> None:
    before = [plan["type"] for plan in desk.board()["plans"]]
    stage.plan(for_role={"guide": ["identity"]})
    shown = desk.board()["plans"]
    assert [plan["type"] for plan in shown] == before
    assert shown[0]["type"] == "cardiac_arrest", "what a new emergency is before anybody chooses"


def test_an_incident_and_its_callouts_have_every_name_of_the_sheet(stage: Stage, desk: Desk) -> None:
    stage.street(1)
    opened = stage.open().incident_id
    shown = desk.incident(opened)
    assert set(shown) >= INCIDENT
    assert "events" not in shown
    assert set(shown["callouts"][0]) >= CALLOUT
    assert shown["roles"] == [{"role": role, "filled_by": None} for role in ("direct", "direct", "guide")]
    assert (shown["asked"], shown["going"], shown["on_scene"], shown["silent"], shown["held"]) == (1, 0, 0, 0, False)


def test_counts_roles_and_times_follow_what_people_answer(stage: Stage, desk: Desk, clock: HandClock) -> None:
    stage.street(3)
    opened = stage.open().incident_id
    stage.send()
    clock.turn(10)
    hear(stage, "v1", "1")
    clock.turn(60)
    hear(stage, "v1", "3")
    shown = desk.incident(opened)
    first = desk.person(opened, "v1")
    assert (shown["going"], shown["on_scene"], shown["asked"], shown["silent"]) == (0, 1, 3, 2)
    assert shown["roles"][0] == {"role": "direct", "filled_by": first["id"]}
    assert shown["roles"][1]["filled_by"] is None
    assert first["since"] == first["on_scene_at"] == "2026-11-23T12:01:10Z"
    assert first["queued_at"] == "2026-11-23T12:00:00Z"
    assert first["ended_at"] is None


def test_a_person_is_shown_while_on_an_open_callout_and_not_after(stage: Stage, desk: Desk) -> None:
    stage.street(2)
    opened = stage.open().incident_id
    stage.send()
    hear(stage, "v1", "is it the red house?")
    shown = desk.person(opened, "v1")
    assert (shown["name"], shown["phone"], shown["kind"]) == ("v1", stage.phones["v1"], "home")
    assert [one["text"] for one in shown["words"]] == ["is it the red house?"]
    assert shown["place"]["lat"] == pytest.approx(CENTRE[0], abs=0.01)
    hear(stage, "v1", "2")
    gone = desk.person(opened, "v1")
    assert gone["state"] == "declined"
    assert (gone["name"], gone["phone"], gone["place"], gone["words"]) == (None, None, None, [])
    assert gone["ended_at"] is not None
    assert desk.person(opened, "v2")["name"] == "v2"


def test_whoever_stands_red_for_their_safety_stays_named(stage: Stage, desk: Desk) -> None:
    stage.street(1)
    opened = stage.open().incident_id
    stage.send()
    hear(stage, "v1", "1")
    desk.does(f"/incidents/{opened}/stand-down", {"reason": "unsafe"})
    shown = desk.person(opened, "v1")
    assert (shown["state"], shown["name"], shown["unsafe"]) == ("stood_down", "v1", True)
    assert shown["place"] is None
    (alarm,) = desk.red("unsafe_not_away")
    assert (alarm["name"], alarm["phone"]) == ("v1", stage.phones["v1"])
    desk.does(f"/alarms/{alarm['id']}/acknowledge")
    assert desk.person(opened, "v1")["name"] is None
    assert desk.red() == []


def test_whoever_goes_without_the_address_stands_red_by_name(stage: Stage, desk: Desk, clock: HandClock) -> None:
    stage.street(1)
    opened = stage.open().incident_id
    stage.send()
    hear(stage, "v1", "1")
    stage.send()
    assert desk.person(opened, "v1")["no_address"] is False
    clock.turn(20)
    conductor.tick(stage.services)
    assert desk.person(opened, "v1")["no_address"] is True
    (alarm,) = desk.red("address_not_delivered")
    assert alarm["title"] == "NO ADDRESS YET: v1"
    assert stage.phones["v1"] in alarm["text"]
    hear(stage, "v1", "3")
    assert (desk.person(opened, "v1")["no_address"], desk.red()) == (False, [])


def test_those_passed_over_are_counts_and_no_names(stage: Stage, desk: Desk) -> None:
    stage.street(12)
    stage.volunteer("off", 50, available=False)
    opened = stage.open().incident_id
    passed_over.explain_due(stage.services)
    shown = desk.incident(opened)
    assert {one["reason"]: one["count"] for one in shown["passed_over"]} == {"others_sooner": 5, "off": 1}
    assert "off" not in [one["name"] for one in shown["callouts"]]


def test_a_closed_incident_stays_two_hours(stage: Stage, desk: Desk, clock: HandClock) -> None:
    opened = stage.open().incident_id
    desk.does(f"/incidents/{opened}/close", {"outcome": "mistaken"})
    clock.turn(2 * 3600 - 60)
    assert [one["id"] for one in desk.board()["incidents"]] == [opened]
    clock.turn(120)
    assert desk.board()["incidents"] == []


def test_changes_are_what_happened_after_a_number(stage: Stage, desk: Desk) -> None:
    one, other = stage.open().incident_id, stage.open().incident_id
    before = desk.board()["number"]
    assert desk.get("/changes", after=before)[1] | {"alarms": []} == {
        "number": before,
        "incidents": [],
        "alarms": [],
        "faults": [],
        "reset": False,
    }
    lifecycle.stand_down(stage.services, other, "not_needed", "user:anna")
    changed = desk.get("/changes", after=before)[1]
    assert [shown["id"] for shown in changed["incidents"]] == [other]
    assert changed["number"] > before
    assert changed["incidents"][0]["number"] == changed["number"]
    assert {shown["id"] for shown in desk.get("/changes", after=0)[1]["incidents"]} == {one, other}


def test_too_much_changed_or_a_number_of_another_log_is_a_reset(
    stage: Stage, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.open()
    assert desk.get("/changes", after=10_000)[1]["reset"] is True
    monkeypatch.setattr(board, "MOST_EVENTS", 1)
    shown = desk.get("/changes", after=0)[1]
    assert (shown["reset"], shown["incidents"]) == (True, [])


@pytest.mark.parametrize("after", ["-1", "x", "99999999999999999999999"])
def test_a_number_that_is_none_is_refused_by_name(desk: Desk, after: str) -> None:
    status, problem = desk.get("/changes", after=after)
    assert status == 422
    assert problem["errors"][0]["pointer"] == "/after"


def test_opening_a_closed_incident_is_one_event_a_look(stage: Stage, desk: Desk, app: Flask, clock: HandClock) -> None:
    opened = stage.open().incident_id
    desk.get(f"/incidents/{opened}")
    assert stage.kinds(opened)["closed_incident_opened"] == 0
    desk.does(f"/incidents/{opened}/close", {"outcome": "mistaken"})
    before = desk.board()["number"]
    for _ in range(3):
        desk.get(f"/incidents/{opened}")
    assert stage.kinds(opened)["closed_incident_opened"] == 0, "whoever closes it has it before them"
    assert desk.get("/changes", after=before)[1]["incidents"] == [], "looking is no change of what is shown"
    auditor = Desk(app, stage.services, "auditor")
    for _ in range(3):
        status, shown = auditor.get(f"/incidents/{opened}")
        assert status == 200
    assert stage.kinds(opened)["closed_incident_opened"] == 1
    assert shown["events"][-1]["text"] == "auditor looked at the closed emergency"
    clock.turn(601)
    desk.get(f"/incidents/{opened}")
    assert stage.kinds(opened)["closed_incident_opened"] == 2


def test_closed_incidents_are_listed_without_people(stage: Stage, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = []
    for _ in range(3):
        ids.append(stage.open().incident_id)
        desk.does(f"/incidents/{ids[-1]}/close", {"outcome": "mistaken"})
    monkeypatch.setattr("dispatch.desk.opened.PAGE", 2)
    first = desk.get("/incidents", state="closed")[1]
    second = desk.get("/incidents", state="closed", after=first["next"])[1]
    assert sorted(one["id"] for one in first["incidents"] + second["incidents"]) == sorted(ids)
    assert second["next"] is None
    assert "callouts" not in first["incidents"][0]


def test_an_unknown_incident_is_a_404(desk: Desk) -> None:
    assert desk.get("/incidents/none")[0] == 404
    assert desk.get("/incidents/none/askable")[0] == 404
    assert desk.post("/incidents/none/close", {"outcome": "helped"})[0] == 404


def test_an_auditor_looks_and_changes_nothing(stage: Stage, app: Flask, desk: Desk) -> None:
    stage.street(1)
    opened = stage.open().incident_id
    auditor = Desk(app, stage.services, "auditor")
    assert auditor.board()["writable"] is False
    assert auditor.get(f"/incidents/{opened}")[0] == 200
    assert auditor.get(f"/incidents/{opened}/askable")[0] == 200
    before = desk.board()["number"]
    for path, body in WRITES:
        assert auditor.post(path.format(opened), body)[0] == 403, path
    assert desk.board()["number"] == before


def test_an_admin_sees_no_patient(stage: Stage, app: Flask) -> None:
    opened = stage.open().incident_id
    admin = Desk(app, stage.services, "admin")
    for path in ("/board", "/changes", f"/incidents/{opened}", f"/incidents/{opened}/askable", "/incidents", "/addresses"):
        assert admin.get(path)[0] == 403, path


def test_nobody_signed_in_gets_a_401(app: Flask) -> None:
    answer = app.test_client().get("/desk/api/board")
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"


WRITES: list[tuple[str, Any]] = [
    ("/incidents", {"type": "cardiac_arrest", "location": {"lat": CENTRE[0], "lon": CENTRE[1]}}),
    ("/preview", {"type": "cardiac_arrest"}),
    ("/incidents/{}/ask-next", {"people": 1}),
    ("/incidents/{}/ask", {"responder": "x"}),
    ("/incidents/{}/stand-down", {"reason": "covered"}),
    ("/incidents/{}/close", {"outcome": "helped"}),
    ("/incidents/{}/reopen", {}),
    ("/incidents/{}/go", {"reason": "police there"}),
    ("/incidents/{}/note", {"text": "x"}),
    ("/incidents/{}/callouts/x/take-off", {}),
    ("/alarms/1/acknowledge", {}),
    ("/alarms/1/dismiss", {}),
    ("/alarms/1/place", {"address": "x"}),
]


def full_board(stage: Stage, incidents: int, people: int) -> None:
    stage.plan(waves={"preset": "stockholm", "evidence": "for the test", "first": None, "most_asked": 100})
    for number in range(incidents):
        far = 1.0 + number  # so far apart that each has people of its own
        for person in range(people):
            home = {"kind": "home", "lat": CENTRE[0] + person / 1e4, "lon": CENTRE[1] + far}
            stage.volunteer(f"p{number}-{person}", 0, places=[home])
        stage.open(location={"lat": CENTRE[0], "lon": CENTRE[1] + far})
        passed_over.explain_due(stage.services)


@pytest.mark.parametrize(("incidents", "people"), [(1, 2), (8, 12)])
def test_the_board_costs_the_same_however_full_it_is(stage: Stage, services: Services, incidents: int, people: int) -> None:
    full_board(stage, incidents, people)
    stage.send()
    with counted(services) as counts, services.read() as session:
        shown = board.board(session, writable=True)
    assert [len(one["callouts"]) for one in shown["incidents"]] == [people] * incidents
    assert counts.total() <= 12, counts
    with counted(services) as counts, services.read() as session:
        board.changes(session, 0)
    assert counts.total() <= 12, counts
    with counted(services) as counts, services.read() as session:
        board.changes(session, shown["number"])
    assert counts.total() <= 4, counts
