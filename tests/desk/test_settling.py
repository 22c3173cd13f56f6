"""What stands red: loud, with whom to ring and what to do, until one person has settled it; then it stays who that was."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from core.clock import HandClock
from core.services import Services
from dispatch import alarms
from dispatch.desk import loud
from dispatch.models import Alarm
from sms import inbox
from tests.desk.signed_in import Desk
from tests.races.stage import CENTRE, Stage

REPORT = {"type": "cardiac_arrest", "address": "Nowhere Lane 12"}


def hear(stage: Stage, name: str, body: str) -> None:
    stage.text(name, body)
    inbox.handle_due(stage.wire)


def refused(stage: Stage, **report: Any) -> int:
    """A CAD system's report whose address fits nowhere; returns its alarm."""
    with pytest.raises(Exception, match="could not be placed"):
        stage.open(location=None, **(REPORT | report))
    with stage.services.read() as session:
        return max(session.query(Alarm.id).all())[0]


def settled(services: Services, alarm_id: int) -> tuple[str | None, str | None, str | None]:
    with services.read() as session:
        alarm = session.get_one(Alarm, alarm_id)
        return alarm.settled_as, alarm.acknowledged_by, str(alarm.acknowledged_at)[11:19] if alarm.acknowledged_at else None


@pytest.mark.parametrize(
    "kind", sorted({value for name, value in vars(alarms).items() if name.isupper() and isinstance(value, str)})
)
def test_every_kind_of_alarm_has_words_of_its_own(kind: str) -> None:
    words = loud.KINDS[kind]
    assert words.title
    assert words.text
    assert words.actions
    if kind not in alarms.FOR_ADMIN:
        assert words.title.split("{")[0].strip().isupper() or words.title.startswith(("UNCLEAR WORDS", "TOO MANY TEXTS"))


def test_nobody_asked_is_loud_and_is_acknowledged_once(stage: Stage, desk: Desk, services: Services, clock: HandClock) -> None:
    opened = stage.open(address=None).incident_id
    (alarm,) = desk.red()
    code = desk.incident(opened)["code"]
    assert (alarm["kind"], alarm["title"], alarm["actions"]) == ("nobody_asked", f"NOBODY ASKED: {code}", ["acknowledge"])
    assert (alarm["incident_id"], alarm["code"], alarm["name"]) == (opened, code, None)
    before = desk.board()["number"]
    desk.does(f"/alarms/{alarm['id']}/acknowledge", {})
    clock.turn(60)
    again = desk.does(f"/alarms/{alarm['id']}/acknowledge")
    assert settled(services, alarm["id"]) == ("acknowledged", "user:dispatcher", "12:00:00")
    assert again["alarm"]["acknowledged_by"] == "user:dispatcher"
    assert desk.red() == []
    changed = desk.get("/changes", after=before)[1]
    assert ([one["id"] for one in changed["incidents"]], changed["alarms"]) == ([opened], [])
    assert stage.kinds(opened)["alarm_acknowledged"] == 1


def test_a_call_for_help_says_whom_to_ring_where_and_who_else_is_there(stage: Stage, desk: Desk) -> None:
    stage.street(2)
    stage.open(location={"lat": CENTRE[0], "lon": CENTRE[1]})
    stage.send()
    hear(stage, "v1", "1")
    hear(stage, "v2", "1")
    hear(stage, "v2", "0")
    (alarm,) = desk.red("call_for_help")
    assert alarm["title"] == "RING v2 NOW"
    assert (alarm["name"], alarm["phone"]) == ("v2", stage.phones["v2"])
    assert stage.phones["v2"] in alarm["text"]
    assert alarm["address"] == "60.17000,24.94000"
    assert [(one["name"], one["state"]) for one in alarm["data"]["others"]] == [("v1", "accepted")]


def test_a_call_for_help_from_no_emergency_says_whom_to_ring_too(stage: Stage, desk: Desk) -> None:
    stage.street(1)
    hear(stage, "v1", "0")
    (alarm,) = desk.red("call_for_help")
    assert (alarm["name"], alarm["phone"], alarm["incident_id"]) == ("v1", stage.phones["v1"], None)


@pytest.mark.parametrize("before", [None, "1"])
def test_unclear_words_stand_red_and_are_read(stage: Stage, desk: Desk, clock: HandClock, before: str | None) -> None:
    stage.street(1)
    opened = stage.open().incident_id
    stage.send()
    if before:
        hear(stage, "v1", before)
    for words in ("which door?", "the green one?"):
        clock.turn(1)
        hear(stage, "v1", words)
    (alarm,) = desk.red("unclear_words")
    said = [one["text"] for one in alarm["data"]["words"]]
    assert said[-2:] == ["which door?", "the green one?"]
    assert alarm["name"] == "v1"
    events = desk.get(f"/incidents/{opened}")[1]["events"]
    assert "v1 wrote: “which door?”" in [one["text"] for one in events]
    assert all("door" not in str(one["data"]) for one in events)
    shown = desk.does(f"/alarms/{alarm['id']}/acknowledge")["alarm"]
    assert (shown["name"], shown["data"].get("words")) == (None, None)
    hear(stage, "v1", "hello?")
    assert len(desk.red("unclear_words")) == 1, "what is said after somebody has looked is a new row"


def test_somebody_who_opts_out_on_a_callout_is_rung_and_admins_tasks_stay_with_admins(stage: Stage, desk: Desk) -> None:
    stage.street(2)
    stage.open()
    stage.send()
    hear(stage, "v1", "1")
    hear(stage, "v1", "STOP")
    (alarm,) = desk.red()
    assert (alarm["kind"], alarm["name"], alarm["phone"]) == ("ring_opted_out", "v1", stage.phones["v1"])
    hear(stage, "v2", "2")
    hear(stage, "v2", "STOP")
    assert len(desk.red()) == 1


def test_a_held_danger_and_differing_reports_say_what_is_the_matter(stage: Stage, desk: Desk) -> None:
    opened = stage.open(hazards=["weapon"], external_id="x1").incident_id
    (held,) = desk.red("hazard_held")
    assert "a weapon" in held["text"]
    assert desk.incident(opened)["held"] is True
    with pytest.raises(Exception, match="other facts"):
        stage.open(hazards=["weapon"], external_id="x1", access_notes="code 1")
    (differs,) = desk.red("conflicting_report")
    assert "how to get in" in differs["text"]
    assert differs["data"]["report"]["access_notes"] == "code 1"
    desk.does(f"/incidents/{opened}/go", {"reason": "police is there"})
    assert desk.red("hazard_held") == []
    assert desk.incident(opened)["hazards_overridden"] == "police is there"


def test_a_refused_emergency_is_placed_with_what_its_report_held(
    stage: Stage, desk: Desk, services: Services, clock: HandClock
) -> None:
    stage.street(2)
    report = {"external_id": "cad-7", "access_notes": "door 1234", "caller_phone": "0401234567", "ambulance_eta_s": 600}
    alarm_id = refused(stage, **report, hazards=["traffic"])
    (alarm,) = desk.red()
    assert (alarm["actions"], alarm["address"]) == (["place", "dismiss"], "Nowhere Lane 12")
    assert "Nowhere Lane 12" in alarm["text"]
    assert desk.post(f"/alarms/{alarm_id}/acknowledge")[0] == 409
    clock.turn(120)
    where = {"location": {"lat": CENTRE[0], "lon": CENTRE[1]}, "address": "Kaivokatu 8"}
    answer = desk.does(f"/alarms/{alarm_id}/place", where)
    opened = answer["incident"]
    assert opened["location"] == where["location"] | {"address": "Kaivokatu 8"}
    assert (opened["external_id"], opened["access_notes"], opened["hazards"]) == ("cad-7", "door 1234", ["traffic"])
    assert opened["ambulance_at"] == "2026-11-23T12:10:00Z"
    assert opened["asked"] == 2
    assert settled(services, alarm_id) == ("placed", "user:dispatcher", "12:02:00")
    assert desk.does(f"/alarms/{alarm_id}/place", where)["incident"]["id"] == opened["id"]
    assert len(desk.board()["incidents"]) == 1
    # The CAD system sends it once more: the same incident, and nobody is texted twice.
    again = stage.open(location=None, **(REPORT | report | {"hazards": ["traffic"]}))
    assert (again.incident_id, again.created) == (opened["id"], False)
    assert desk.post(f"/alarms/{alarm_id}/dismiss")[0] == 409


def test_two_who_place_the_same_one_at_once_open_one(stage: Stage, services: Services) -> None:
    from console.app import create_app

    app = create_app(services)
    desks = [Desk(app, services, name=name) for name in ("anna", "bo")]
    alarm_id = refused(stage)
    where = {"location": {"lat": CENTRE[0], "lon": CENTRE[1]}}
    ids: list[str] = []
    threads = [
        threading.Thread(target=lambda desk=desk: ids.append(desk.does(f"/alarms/{alarm_id}/place", where)["incident"]["id"]))
        for desk in desks
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_a_refused_one_is_dismissed_once_and_then_cannot_be_placed(stage: Stage, desk: Desk, services: Services) -> None:
    alarm_id = refused(stage)
    for _ in range(2):
        desk.does(f"/alarms/{alarm_id}/dismiss", {})
    status, problem = desk.post(f"/alarms/{alarm_id}/place", {"location": {"lat": CENTRE[0], "lon": CENTRE[1]}})
    assert (status, problem["title"]) == (409, "dispatcher has dismissed this already")
    assert settled(services, alarm_id)[0] == "dismissed"
    assert desk.board()["incidents"] == []


def test_what_was_opened_meanwhile_is_not_opened_again(stage: Stage, desk: Desk) -> None:
    alarm_id = refused(stage, external_id="cad-9")
    opened = stage.open(external_id="cad-9")
    status, problem = desk.post(f"/alarms/{alarm_id}/place", {"location": {"lat": CENTRE[0], "lon": CENTRE[1]}})
    assert status == 409
    assert desk.incident(opened.incident_id)["code"] in problem["title"]
    assert [one["id"] for one in desk.red("address_refused")] == [alarm_id], "nothing half done"


def test_a_refused_correction_is_put_right(stage: Stage, desk: Desk) -> None:
    from dispatch import correcting
    from dispatch.reports import Correction

    opened = stage.open().incident_id
    wrong = Correction.model_validate({"address": "Nowhere Lane 12", "access_notes": "door 5"})
    with pytest.raises(Exception, match="could not be placed"):
        correcting.correct_incident(stage.services, stage.geocoder, opened, wrong, "key:cad")
    (alarm,) = desk.red("address_refused")
    assert "still stands at the old place" in alarm["text"]
    where = {"location": {"lat": 60.171, "lon": 24.941}}
    moved = desk.does(f"/alarms/{alarm['id']}/place", where)["incident"]
    assert (moved["id"], moved["location"]["lat"], moved["access_notes"]) == (opened, 60.171, "door 5")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({}, "/location"), ({"address": "Nowhere Lane 13"}, "/address"), ({"location": {"lat": 0.0, "lon": 0.0}}, "/location")],
)
def test_a_place_that_is_none_is_refused_and_the_row_stands(
    stage: Stage, desk: Desk, body: dict[str, Any], pointer: str
) -> None:
    alarm_id = refused(stage)
    status, problem = desk.post(f"/alarms/{alarm_id}/place", body)
    assert (status, problem["errors"][0]["pointer"]) == (422, pointer)
    assert len(desk.red()) == 1


@pytest.mark.parametrize("way", ["acknowledge", "dismiss"])
def test_an_alarm_that_is_none_is_a_404(desk: Desk, way: str) -> None:
    assert desk.post(f"/alarms/4711/{way}")[0] == 404


def test_only_a_refused_one_is_placed_or_dismissed(stage: Stage, desk: Desk) -> None:
    stage.open()
    (alarm,) = desk.red("nobody_asked")
    where = {"location": {"lat": CENTRE[0], "lon": CENTRE[1]}}
    assert desk.post(f"/alarms/{alarm['id']}/place", where)[0] == 409
    assert desk.post(f"/alarms/{alarm['id']}/dismiss")[0] == 409
    assert len(desk.red()) == 1
