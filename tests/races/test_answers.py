"""Answers that come in together: places are given once, texts agree with states, and nobody's text is handled twice."""

from __future__ import annotations

from collections import Counter

from core.services import Services
from dispatch import lifecycle
from tests import carrier_tells
from tests.races.stage import Stage, handle_texts

ROLES = ["direct", "direct", "guide"]
GO, ENOUGH, OVER = "GO TO", "enough helpers", "over for volunteers"


def test_eight_who_say_1_at_once_get_three_places(stage: Stage) -> None:
    names = stage.street(8, step_m=5)  # within 60 s of each other: nobody is so much nearer that a fourth is taken
    incident_id = stage.open().incident_id
    stage.send()

    def answers(name: str, services: Services) -> None:
        stage.text(name, "1", services)
        handle_texts(services)

    stage.race(*(lambda services, name=name: answers(name, services) for name in names))
    _three_go_and_the_others_know(stage, incident_id, names)
    assert stage.kinds(incident_id)["incident_covered"] == 1


def test_eight_stored_answers_and_eight_workers(stage: Stage) -> None:
    names = stage.street(8, step_m=5)  # within 60 s of each other: nobody is so much nearer that a fourth is taken
    incident_id = stage.open().incident_id
    stage.send()
    for name in names:
        stage.text(name, "1")
    stage.race(*[handle_texts] * 8)
    _three_go_and_the_others_know(stage, incident_id, names)
    assert stage.kinds(incident_id)["text_heard"] == 8


def test_someone_nearer_may_come_as_a_fourth_and_nobody_else(stage: Stage) -> None:
    far = [f"far{number}" for number in range(3)]
    for name in far:
        stage.volunteer(name, 600)
    stage.volunteer("near", 50)
    others = [f"other{number}" for number in range(4)]
    for name in others:
        stage.volunteer(name, 600)
    incident_id = stage.open().incident_id
    stage.send()
    for name in far:
        stage.text(name, "1")
    handle_texts(stage.services)
    for name in ("near", *others):
        stage.text(name, "1")
    stage.race(*[handle_texts] * 5)
    assert Counter(stage.states(incident_id).values()) == {"accepted": 4, "stood_down": 4}
    assert stage.states(incident_id)["near"] == "accepted"
    assert stage.roles(incident_id) == ["direct", "direct", "direct", "guide"]
    assert stage.unhandled() == 0


def test_two_workers_and_one_text(stage: Stage) -> None:
    stage.street(1)
    incident_id = stage.open().incident_id
    stage.send()
    stage.text("v1", "1")
    handled = stage.race(*[handle_texts] * 4)
    assert sum(handled) == 1
    assert stage.kinds(incident_id)["text_heard"] == 1
    assert stage.kinds(incident_id)["callout_accepted"] == 1
    assert len(stage.texts_to("v1", GO)) == 1


def test_one_text_that_the_carrier_delivers_eight_times(stage: Stage) -> None:
    stage.street(1)
    incident_id = stage.open().incident_id
    stage.send()
    form = {"MessageSid": "SI" + "7" * 32, "From": stage.phones["v1"], "Body": "1"}

    def deliver(services: Services) -> None:
        carrier_tells.of_text(services, form)
        handle_texts(services)

    stage.race(*[deliver] * 8)
    assert stage.kinds(incident_id)["text_heard"] == 1
    assert len(stage.texts_to("v1", GO)) == 1


def test_a_1_and_a_2_of_one_phone_are_handled_in_their_order(stage: Stage) -> None:
    stage.street(1)
    incident_id = stage.open().incident_id
    stage.send()
    stage.text("v1", "1")
    stage.text("v1", "2")
    stage.race(*[handle_texts] * 4)
    assert stage.states(incident_id) == {"v1": "declined"}
    assert stage.kinds(incident_id)["callout_accepted"] == 1


def test_one_person_who_says_yes_to_two_emergencies_goes_to_one(stage: Stage) -> None:
    stage.street(3)
    first, second = stage.open().incident_id, stage.open().incident_id
    stage.send()
    stage.text("v1", "A1")
    stage.text("v1", "B1")
    stage.race(*[handle_texts] * 2)
    assert (stage.states(first)["v1"], stage.states(second)["v1"]) in (("accepted", "stood_down"), ("stood_down", "accepted"))
    assert len(stage.texts_to("v1", GO)) == 2, "each 1 was answered, in order, with the address it asked for"
    assert stage.unhandled() == 0


def test_two_phones_answer_two_emergencies_crosswise(stage: Stage) -> None:
    stage.street(2)
    first, second = stage.open().incident_id, stage.open().incident_id
    stage.send()
    for name, body in (("v1", "A1"), ("v2", "B1"), ("v1", "B1"), ("v2", "A1")):
        stage.text(name, body)
    stage.race(*[handle_texts] * 4)
    for name in ("v1", "v2"):
        assert sorted((stage.states(first)[name], stage.states(second)[name])) == ["accepted", "stood_down"]
    assert stage.unhandled() == 0


def test_a_stand_down_that_meets_an_acceptance(stage: Stage) -> None:
    stage.street(2)
    incident_id = stage.open().incident_id
    stage.send()
    stage.text("v1", "1")

    def end(services: Services) -> None:
        lifecycle.stand_down(services, incident_id, "not_needed", "user:dispatcher")

    stage.race(end, handle_texts)
    stage.send()
    assert set(stage.states(incident_id).values()) == {"stood_down"}
    phone = stage.phones["v1"]
    got = [body for to, body in stage.taker.taken if to == phone][1:]
    assert not any(GO in body for body in got), "nobody is sent to an address that is over"
    assert got, "whoever said 1 is told"
    assert all("over" in body for body in got)


def test_a_close_that_meets_an_acceptance(stage: Stage) -> None:
    stage.street(2)
    incident_id = stage.open().incident_id
    stage.send()
    stage.text("v1", "1")

    def close(services: Services) -> None:
        lifecycle.close_incident(services, incident_id, "not_needed", "user:dispatcher")

    stage.race(close, handle_texts)
    stage.send()
    assert stage.incident(incident_id)["state"] == "closed"
    assert not {"accepted", "queued", "alerted"} & set(stage.states(incident_id).values())
    assert not any(GO in body for to, body in stage.taker.taken if to == stage.phones["v1"])


def _three_go_and_the_others_know(stage: Stage, incident_id: str, names: list[str]) -> None:
    states = stage.states(incident_id)
    assert Counter(states.values()) == {"accepted": 3, "stood_down": len(names) - 3}
    assert stage.roles(incident_id) == ROLES
    assert stage.unhandled() == 0
    for name in names:
        goes = states[name] == "accepted"
        assert len(stage.texts_to(name, GO)) == goes
        told = stage.texts_to(name, ENOUGH)
        # Whoever said 1 after the third was asked in hand twice at most: told that enough are coming, and told so again.
        assert not told if goes else 1 <= len(told) <= 2
