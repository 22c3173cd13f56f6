"""Bad input, field by field: a clear refusal that names the field, and nothing half-written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core.events import Event
from core.services import Services
from dispatch.models import Incident
from sms.models import Message

Call = Callable[..., tuple[int, Any]]

HERE = {"lat": 60.1699, "lon": 24.9384}
GOOD: dict[str, Any] = {"type": "cardiac_arrest", "location": HERE}
LEFT_OUT = object()
WRONG_TYPES_FOR_A_TEXT = (7, 1.5, True, [], {}, ["x"])

SHARED: list[tuple[str, object, str]] = [
    # field, value, pointer of the complaint
    *(("location", wrong, "/location") for wrong in ("60.1,24.9", 60.1, True, [], [60.1, 24.9])),
    ("location", {"lat": 60.1}, "/location/lon"),
    ("location", {"lon": 24.9}, "/location/lat"),
    ("location", HERE | {"radius": 5}, "/location/radius"),
    ("location", HERE | {"address": "Mannerheimintie 5"}, "/location/address"),
    ("location", {"lat": 0, "lon": 0}, "/location"),
    ("location", {"lat": 0.0, "lon": -0.0}, "/location"),
    *(("location", {"lat": wrong, "lon": 24.9}, "/location/lat") for wrong in ("60.1", True, None, [], 90.001, -91, 1e300)),
    *(("location", {"lat": 60.1, "lon": wrong}, "/location/lon") for wrong in ("24.9", False, None, {}, 180.001, -181)),
    *(("address", wrong, "/address") for wrong in (*WRONG_TYPES_FOR_A_TEXT, "", "   ", "x" * 201, "Nowhere 5\u0000")),
    *(("access_notes", wrong, "/access_notes") for wrong in (*WRONG_TYPES_FOR_A_TEXT, "", " \t ", "x" * 201, "a\u0000b")),
    *(("caller_phone", wrong, "/caller_phone") for wrong in (*WRONG_TYPES_FOR_A_TEXT, "", "1", "none", "+358", "9" * 41)),
    *(("ambulance_eta_s", wrong, "/ambulance_eta_s") for wrong in ("300", True, -1, 300.5, 14_401, 10**30, [], {})),
    *(("hazards", wrong, "/hazards") for wrong in ("weapon", {}, 1)),
    *(("hazards", wrong, "/hazards/0") for wrong in (["dragon"], [""], [1], [None], [True], [["weapon"]])),
    ("hazards", ["weapon", "Weapon"], "/hazards/1"),
    *(("type", wrong, "/type") for wrong in (*WRONG_TYPES_FOR_A_TEXT, "", "dragon", "CARDIAC_ARREST", "fire", "x" * 41)),
    ("priority", 1, "/priority"),
    ("Type", "cardiac_arrest", "/Type"),
    ("a/b~c", 1, "/a~1b~0c"),
]
ONLY_NEW: list[tuple[str, object, str]] = [
    *(("external_id", wrong, "/external_id") for wrong in (*WRONG_TYPES_FOR_A_TEXT, "", "  ", "x" * 81)),
    *(("drill", wrong, "/drill") for wrong in ("yes", "true", 1, 0, None, [])),
    ("type", None, "/type"),
    ("type", LEFT_OUT, "/type"),
    ("location", LEFT_OUT, ""),
    ("location", None, ""),
]


def pointers(problem: Mapping[str, Any]) -> list[str]:
    assert problem["title"]
    assert all(one["detail"] for one in problem["errors"])
    return [one["pointer"] for one in problem["errors"]]


def with_field(body: dict[str, Any], field: str, value: object) -> dict[str, Any]:
    changed = body | {field: value}
    if field == "address":
        changed.pop("location", None)
    return {name: given for name, given in changed.items() if given is not LEFT_OUT}


def rows_of(services: Services) -> tuple[int | None, ...]:
    with services.read() as session:
        return tuple(session.scalar(select(func.count()).select_from(table)) for table in (Incident, Message, Event))


def test_a_report_with_a_bad_field_is_refused_by_its_name(services: Services, cad: Call, subtests: pytest.Subtests) -> None:
    before = rows_of(services)
    for field, value, pointer in SHARED + ONLY_NEW:
        with subtests.test(field=field, value=repr(value)[:40]):
            status, problem = cad("post", "/incidents", with_field(GOOD, field, value))
            assert (status, pointers(problem)) == (422, [pointer])
    assert rows_of(services) == before


def test_a_correction_with_a_bad_field_is_refused_by_its_name(services: Services, cad: Call, subtests: pytest.Subtests) -> None:
    _, incident = cad("post", "/incidents", GOOD)
    before = rows_of(services)
    for field, value, pointer in SHARED:
        with subtests.test(field=field, value=repr(value)[:40]):
            status, problem = cad("patch", f"/incidents/{incident['id']}", with_field({}, field, value))
            assert (status, pointers(problem)) == (422, [pointer])
    assert rows_of(services) == before
    assert cad("get", f"/incidents/{incident['id']}") == (200, incident)


def test_what_a_correction_cannot_change_is_refused(cad: Call) -> None:
    _, incident = cad("post", "/incidents", GOOD)
    for field in ("external_id", "drill", "state", "outcome"):
        status, problem = cad("patch", f"/incidents/{incident['id']}", {field: "x"})
        assert (status, pointers(problem)) == (422, [f"/{field}"])


def test_location_and_address_at_once_are_refused(cad: Call) -> None:
    status, problem = cad("post", "/incidents", GOOD | {"address": "Mannerheimintie 5"})
    assert (status, pointers(problem)) == (422, [""])


def test_every_bad_field_is_named_at_once(cad: Call) -> None:
    bad = {"type": 1, "location": {"lat": "60", "lon": 200}, "ambulance_eta_s": -1, "drill": "no"}
    status, problem = cad("post", "/incidents", bad)
    assert status == 422
    assert set(pointers(problem)) == {"/type", "/location/lat", "/location/lon", "/ambulance_eta_s", "/drill"}
    _, problem = cad("post", "/incidents", GOOD | {"location": {}})
    assert set(pointers(problem)) == {"/location/lat", "/location/lon"}


def test_an_unknown_type_names_the_types_that_are_on(cad: Call) -> None:
    _, problem = cad("post", "/incidents", GOOD | {"type": "fire"})
    assert "bleeding, breathing, cardiac_arrest" in problem["errors"][0]["detail"]


def test_an_address_that_fits_none_is_refused_with_matches_and_stays_red(services: Services, cad: Call) -> None:
    status, problem = cad("post", "/incidents", {"type": "cardiac_arrest", "address": "Atlantis 1"})
    assert (status, pointers(problem), problem["matches"]) == (422, ["/address"], [])


def test_a_body_that_is_no_object_is_refused(client: FlaskClient, secrets: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {secrets['incidents']}"}
    for body in ([], [GOOD], "x", 1, True, None):
        sent = json.dumps(body)
        answer = client.post("/api/v1/incidents", data=sent, content_type="application/json", headers=headers)
        assert (answer.status_code, pointers(answer.get_json())) == (422, [""]), sent


def test_an_empty_body_is_400(cad: Call) -> None:
    assert cad("post", "/incidents")[0] == 400


ENDINGS = [
    ("stand-down", "reason", "covered"),
    ("close", "outcome", "helped"),
]


@pytest.mark.parametrize(("call", "field", "good"), ENDINGS)
def test_endings_refuse_a_bad_reason_by_name(cad: Call, call: str, field: str, good: str) -> None:
    _, incident = cad("post", "/incidents", GOOD)
    path = f"/incidents/{incident['id']}/{call}"
    for wrong in (*WRONG_TYPES_FOR_A_TEXT, None, "", "because", good.upper(), f" {good}"):
        status, problem = cad("post", path, {field: wrong})
        assert (status, pointers(problem)) == (422, [f"/{field}"]), wrong
    assert cad("post", path, {})[0] == 422
    assert cad("post", path)[0] == 400
    status, problem = cad("post", path, {field: good, "note": "x"})
    assert (status, pointers(problem)) == (422, ["/note"])
    assert cad("get", f"/incidents/{incident['id']}") == (200, incident)


def test_reopen_takes_no_fields(cad: Call) -> None:
    _, incident = cad("post", "/incidents", GOOD)
    status, problem = cad("post", f"/incidents/{incident['id']}/reopen", {"why": "x"})
    assert (status, pointers(problem)) == (422, ["/why"])


BAD_QUERIES = [
    ("state=", "/state"),
    ("state=Open", "/state"),
    ("state=open&state=closed", "/state"),
    ("limit=0", "/limit"),
    ("limit=201", "/limit"),
    ("limit=ten", "/limit"),
    ("limit=1.5", "/limit"),
    ("after=" + "x" * 201, "/after"),
    ("page=2", "/page"),
]


def test_a_bad_query_is_refused_by_its_name(cad: Call) -> None:
    for query, pointer in BAD_QUERIES:
        status, problem = cad("get", f"/incidents?{query}")
        assert (status, pointers(problem)) == (422, [pointer]), query


def test_an_id_that_does_not_exist_is_404(cad: Call) -> None:
    for wrong in ("x", "0" * 26, "0" * 5000, "%F0%9F%9A%91", "%FF", "..", "a%2Fb"):
        for method, path, body in [
            ("get", f"/incidents/{wrong}", None),
            ("patch", f"/incidents/{wrong}", {"access_notes": "x"}),
            ("post", f"/incidents/{wrong}/stand-down", {"reason": "covered"}),
            ("post", f"/incidents/{wrong}/close", {"outcome": "helped"}),
            ("post", f"/incidents/{wrong}/reopen", None),
        ]:
            assert cad(method, path, body)[0] == 404, (method, path)
        assert cad("get", f"/incidents?after={wrong}")[0] in (404, 422)
