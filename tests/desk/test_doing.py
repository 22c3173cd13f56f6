"""What a dispatcher does with an incident over HTTP, each with its refusals; the asking has stories of its own."""

from __future__ import annotations

from typing import Any

import pytest

from core import words
from core.services import Services
from dispatch import notes
from dispatch.models import IncidentNote
from sms import inbox
from tests.desk.signed_in import Desk
from tests.races.stage import CENTRE, Stage

HERE = {"lat": CENTRE[0], "lon": CENTRE[1]}


def hear(stage: Stage, name: str, body: str) -> None:
    stage.text(name, body)
    inbox.handle_due(stage.wire)


def test_a_night_at_the_desk(stage: Stage, desk: Desk) -> None:
    stage.street(3)
    report = {"type": "cardiac_arrest", "location": HERE, "access_notes": "code 1", "ambulance_eta_s": 600}
    status, answer = desk.post("/incidents", report)
    opened = answer["incident"]["id"]
    assert (status, answer["incident"]["asked"]) == (201, 3)
    stage.send()
    hear(stage, "v1", "1")
    corrected = desk.does(f"/incidents/{opened}", {"access_notes": "code 2", "hazards": ["traffic"]}, "PATCH")["incident"]
    assert (corrected["access_notes"], corrected["hazards"]) == ("code 2", ["traffic"])
    assert any("code 2" in body for body in stage.texts_to("v1"))
    held = desk.does(f"/incidents/{opened}", {"hazards": ["violence"]}, "PATCH")["incident"]
    assert held["held"] is True
    assert desk.does(f"/incidents/{opened}/go", {"reason": "police"})["incident"]["held"] is False
    closed = desk.does(f"/incidents/{opened}/close", {"outcome": "helped"})["incident"]
    assert (closed["state"], closed["outcome"]) == ("closed", "helped")
    assert desk.does(f"/incidents/{opened}/reopen", {})["incident"]["state"] == "open"
    with stage.services.read() as session:
        from core.events import Event

        actors = {event.actor for event in session.query(Event).filter(Event.kind.in_(DONE))}
    assert actors == {"user:dispatcher"}


DONE = ("incident_opened", "incident_corrected", "hazards_overridden", "incident_closed", "incident_reopened")


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/incidents/{}/stand-down", {"reason": "bored"}, "/reason"),
        ("/incidents/{}/close", {"outcome": "dunno"}, "/outcome"),
        ("/incidents/{}/go", {"reason": "   "}, "/reason"),
        ("/incidents/{}/note", {"text": ""}, "/text"),
        ("/incidents/{}/note", {"text": "x" * 1001}, "/text"),
        ("/incidents/{}/reopen", {"why": 1}, "/why"),
        ("/incidents/{}/ask", {}, "/responder"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(stage: Stage, desk: Desk, path: str, body: dict[str, Any], pointer: str) -> None:
    opened = stage.open().incident_id
    status, problem = desk.post(path.format(opened), body)
    assert (status, problem["errors"][0]["pointer"]) == (422, pointer)


FINNISH = {
    "0,0 is what a device sends when it does not know where it is; give the address": "0,0 ei ole paikka",
    "The incident is closed": "Hälytys on päättynyt",
    "The incident is open": "Hälytys on auki",
}


def test_a_refusal_is_said_in_the_readers_language(stage: Stage, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "gettext", lambda sentence: FINNISH.get(sentence, sentence))
    opened = stage.open().incident_id
    nowhere = {"type": "cardiac_arrest", "location": {"lat": 0.0, "lon": 0.0}}
    assert desk.post("/incidents", nowhere)[1]["errors"][0]["detail"] == "0,0 ei ole paikka"
    assert desk.post(f"/incidents/{opened}/reopen", {})[1]["title"] == "Hälytys on auki"
    desk.does(f"/incidents/{opened}/close", {"outcome": "mistaken"})
    assert desk.post(f"/incidents/{opened}/close", {"outcome": "mistaken"})[1]["title"] == "Hälytys on päättynyt"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/stand-down", {"reason": "covered"}),
        ("/close", {"outcome": "helped"}),
        ("/go", {"reason": "x"}),
        ("/ask-next", {"people": 1}),
        ("/ask", {"responder": "x"}),
    ],
)
def test_what_is_closed_stays_as_it_is(stage: Stage, desk: Desk, path: str, body: dict[str, Any]) -> None:
    opened = stage.open().incident_id
    assert desk.post(f"/incidents/{opened}/reopen", {})[0] == 409
    desk.does(f"/incidents/{opened}/close", {"outcome": "mistaken"})
    before = desk.board()["number"]
    assert desk.post(f"/incidents/{opened}{path}", body)[0] == 409
    assert desk.post(f"/incidents/{opened}", {"access_notes": "x"}, "PATCH")[0] == 409
    assert desk.board()["number"] == before


def test_without_the_pages_token_nothing_is_done(stage: Stage, desk: Desk) -> None:
    opened = stage.open().incident_id
    desk._headers.clear()
    assert desk.post(f"/incidents/{opened}/close", {"outcome": "mistaken"})[0] == 403
    assert desk.incident(opened)["state"] == "open"


def test_a_note_is_kept_also_with_a_closed_one_and_can_be_erased(stage: Stage, desk: Desk, services: Services) -> None:
    opened = stage.open().incident_id
    desk.does(f"/incidents/{opened}/close", {"outcome": "mistaken"})
    shown = desk.does(f"/incidents/{opened}/note", {"text": "rang the daughter"})
    assert [(one["text"], one["actor"]) for one in shown["incident"]["notes"]] == [("rang the daughter", "user:dispatcher")]
    with services.write() as session:
        notes.erase(session, opened)
    with services.read() as session:
        assert session.query(IncidentNote).count() == 0
    erased = desk.get(f"/incidents/{opened}")[1]
    assert erased["incident"]["notes"] == []
    assert "Note by dispatcher: erased" in [one["text"] for one in erased["events"]]


def test_addresses_come_as_they_are_typed(stage: Stage, desk: Desk, services: Services) -> None:
    from tests.geo.town import add_street

    add_street(services, "Kaivokatu", {"8": (60.1702, 24.9402), "10": (60.1703, 24.9403)})
    eight = {"label": "Kaivokatu 8", "lat": 60.1702, "lon": 24.9402, "beside": None}
    assert desk.get("/addresses", q="kaivok 8")[1] == {"matches": [eight]}
    lacking = eight | {"label": "Kaivokatu 4 B", "beside": "Kaivokatu 8"}
    assert desk.get("/addresses", q="kaivok 4 B")[1]["matches"][:2] == [lacking, eight]
    assert desk.get("/addresses", q="ka")[1] == {"matches": []}
    assert desk.get("/addresses")[1] == {"matches": []}
    assert desk.get("/addresses", q="k" * 301)[0] == 422
