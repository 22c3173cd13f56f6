"""The calls of the API in their plain use: report, report again, correct, follow, end, open again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from core.clock import HandClock
from core.ids import new_id
from core.services import Services
from dispatch.api.limits import PER_MINUTE
from dispatch.api.models import Opening
from dispatch.api.shapes import IncidentList, IncidentOut
from dispatch.models import Alarm, Incident

Call = Callable[..., tuple[int, Any]]

HERE = {"lat": 60.1699, "lon": 24.9384}
REPORT: dict[str, Any] = {
    "type": "cardiac_arrest",
    "location": HERE,
    "external_id": "CAD-7",
    "access_notes": "door code 1234",
    "caller_phone": "040 1234567",
    "ambulance_eta_s": 480,
    "hazards": ["traffic"],
    "drill": True,
}


def opened(cad: Call, **fields: object) -> dict[str, Any]:
    status, incident = cad("post", "/incidents", {"type": "cardiac_arrest", "location": HERE} | fields)
    assert status == 201, incident
    return dict(incident)


def test_a_report_becomes_an_incident_of_the_described_shape(client: FlaskClient, secrets: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {secrets['incidents']}"}
    answer = client.post("/api/v1/incidents", json=REPORT, headers=headers)
    assert answer.status_code == 201
    incident = IncidentOut.model_validate_json(answer.text)
    assert answer.headers["Location"] == f"/api/v1/incidents/{incident.id}"
    assert (incident.external_id, incident.state, incident.covered, incident.drill) == ("CAD-7", "open", False, True)
    assert (incident.location.lat, incident.location.lon, incident.location.address) == (60.1699, 24.9384, None)
    shown = answer.get_json()
    assert shown["opened_at"] == "2026-11-23T12:00:00Z"
    assert shown["closed_at"] is None
    assert shown["outcome"] is None
    assert shown["events"][0]["actor"] == "key:only-incidents"
    assert client.get(answer.headers["Location"], headers=headers).get_json() == shown


def test_the_same_report_again_is_the_same_incident(services: Services, cad: Call) -> None:
    first = opened(cad, **REPORT)
    assert cad("post", "/incidents", REPORT)[0] == 200
    status, again = cad("post", "/incidents", {"type": "cardiac_arrest", "location": HERE, "external_id": "CAD-7"})
    assert (status, again["id"]) == (200, first["id"])
    with services.read() as session:
        assert len(session.scalars(select(Incident.id)).all()) == 1


DIFFERING: list[tuple[str, object]] = [
    ("type", "bleeding"),
    ("location", {"lat": 60.18, "lon": 24.9384}),
    ("access_notes", "door code 4321"),
    ("caller_phone", "040 7654321"),
    ("hazards", []),
    ("drill", False),
]


def test_a_second_report_that_differs_is_409_naming_the_field_and_stays_red(services: Services, cad: Call) -> None:
    first = opened(cad, **REPORT)
    for field, value in DIFFERING:
        status, problem = cad("post", "/incidents", REPORT | {field: value})
        assert (status, [one["pointer"] for one in problem["errors"]]) == (409, [f"/{field}"])
    assert cad("get", f"/incidents/{first['id']}")[1] | {"events": first["events"]} == first
    with services.read() as session:
        assert set(session.scalars(select(Alarm.incident_id).where(Alarm.kind == "conflicting_report"))) == {first["id"]}


def test_a_newer_estimate_of_the_ambulance_is_no_conflict(cad: Call, clock: HandClock) -> None:
    opened(cad, **REPORT)
    clock.turn(60)
    status, incident = cad("post", "/incidents", REPORT | {"ambulance_eta_s": 120})
    assert (status, incident["ambulance_at"]) == (200, "2026-11-23T12:03:00Z")


def test_a_correction_changes_what_it_names_and_nothing_else(cad: Call) -> None:
    first = opened(cad, **REPORT)
    path = f"/incidents/{first['id']}"
    status, incident = cad("patch", path, {"access_notes": "ring twice", "location": {"lat": 60.17, "lon": 24.94}})
    assert status == 200
    assert incident["access_notes"] == "ring twice"
    assert incident["location"] == {"lat": 60.17, "lon": 24.94, "address": None}
    for same in ("id", "code", "type", "caller_phone", "hazards", "external_id", "opened_at"):
        assert incident[same] == first[same]


def test_close_and_reopen_and_what_is_not_possible_in_a_state(cad: Call) -> None:
    path = f"/incidents/{opened(cad, external_id='CAD-8')['id']}"
    assert cad("post", f"{path}/reopen")[0] == 409
    assert cad("post", f"{path}/stand-down", {"reason": "ambulance_on_scene"})[0] == 200
    status, closed = cad("post", f"{path}/close", {"outcome": "ambulance_first"})
    assert (status, closed["state"], closed["outcome"]) == (200, "closed", "ambulance_first")
    assert closed["closed_at"] == "2026-11-23T12:00:00Z"
    assert cad("post", f"{path}/close", {"outcome": "helped"})[0] == 409
    assert cad("post", f"{path}/stand-down", {"reason": "covered"})[0] == 409
    assert cad("patch", path, {"access_notes": "x"})[0] == 409
    same = {"type": "cardiac_arrest", "location": HERE, "external_id": "CAD-8"}
    assert cad("post", "/incidents", same)[0] == 200
    status, again = cad("post", f"{path}/reopen", {})
    assert (status, again["state"], again["outcome"], again["closed_at"]) == (200, "open", None, None)


def test_the_list_is_filtered_and_paged_without_missing_or_repeating_any(cad: Call, clock: HandClock) -> None:
    ids = []
    for _ in range(5):
        ids.append(opened(cad)["id"])
        clock.turn(1)
    cad("post", f"/incidents/{ids[2]}/close", {"outcome": "helped"})
    seen, cursor = [], ""
    while True:
        status, page = cad("get", f"/incidents?limit=2{cursor}", scope="read")
        assert status == 200
        IncidentList.model_validate_json(json.dumps(page))
        seen += [incident["id"] for incident in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&after={page['next']}"
    assert seen == ids[::-1]
    assert [one["id"] for one in cad("get", "/incidents?state=closed")[1]["items"]] == [ids[2]]
    assert [one["id"] for one in cad("get", "/incidents?state=open")[1]["items"]] == [ids[4], ids[3], ids[1], ids[0]]


def test_a_key_in_flood_is_429_with_retry_after_while_known_incidents_are_still_answered(
    services: Services, cad: Call, client: FlaskClient, secrets: dict[str, str], clock: HandClock
) -> None:
    opened(cad, external_id="CAD-9")
    with services.write() as session:
        actor = "key:only-incidents"
        session.add_all([Opening(id=new_id(), actor=actor, at=clock.now()) for _ in range(PER_MINUTE - 1)])
    headers = {"Authorization": f"Bearer {secrets['incidents']}"}
    report = {"type": "cardiac_arrest", "location": HERE}
    refused = client.post("/api/v1/incidents", json=report, headers=headers)
    assert (refused.status_code, refused.content_type) == (429, "application/problem+json")
    assert 60 <= int(refused.headers["Retry-After"]) <= 61
    assert cad("post", "/incidents", report | {"external_id": "CAD-9"})[0] == 200
    clock.turn(int(refused.headers["Retry-After"]))
    assert cad("post", "/incidents", report)[0] == 201


def test_refused_reports_do_not_use_up_the_limit(services: Services, cad: Call) -> None:
    for body in ({"type": "dragon", "location": HERE}, {"type": "bleeding", "address": "Atlantis 1"}):
        assert cad("post", "/incidents", body)[0] == 422
    with services.read() as session:
        assert session.scalars(select(Opening)).all() == []
