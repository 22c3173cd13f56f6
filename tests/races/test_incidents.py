"""Emergencies that come in, or move on, together: nobody is texted twice, and nobody's letter means two things."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress

import pytest
from sqlalchemy import select

from core.clock import HandClock
from core.problems import Problem
from core.services import Services
from dispatch import alarms, callouts, conductor, intake, lifecycle, passed_over
from dispatch.models import Alarm, Incident
from dispatch.wiring import build_wire
from sms import claims, results
from sms.gateway import Sent
from sms.models import Contact
from sms.results import Report
from tests.races.stage import Stage, handle_texts

ASKS = "CARDIAC ARREST near you"


def test_two_conductors_ask_the_next_wave_once(stage: Stage, clock: HandClock) -> None:
    names = stage.street(20)
    incident_id = stage.open().incident_id
    stage.send()
    clock.turn(30)
    stage.race(*[conductor.tick] * 4)
    asked = stage.states(incident_id)
    assert list(asked) == names[:14], "seven were silent for 30 s, so the next seven are asked, each once"
    assert stage.incident(incident_id)["callouts"][-1]["wave"] == 2
    assert stage.kinds(incident_id)["wave_asked"] == 2
    assert [len(stage.texts_to(name, ASKS)) for name in names] == [1] * 14 + [0] * 6


def test_a_tick_that_meets_declines_replaces_each_once(stage: Stage, clock: HandClock) -> None:
    names = stage.street(20)
    incident_id = stage.open().incident_id
    stage.send()
    clock.turn(30)
    for name in names[:3]:
        stage.text(name, "2")
    tick = conductor.tick
    stage.race(tick, tick, handle_texts, handle_texts, handle_texts)
    assert Counter(stage.states(incident_id).values())["declined"] == 3
    assert len(stage.states(incident_id)) == 14
    assert max(len(stage.texts_to(name, ASKS)) for name in names) == 1


def test_two_emergencies_at_once_give_the_same_people_two_letters(stage: Stage) -> None:
    names = stage.street(6)
    opened = stage.race(*[stage.open] * 4)
    ids = [one.incident_id for one in opened]
    assert len(set(ids)) == 4
    for name in names:
        letters = [text[0] for text in stage.texts_to(name, ASKS)]
        assert sorted(letters) == sorted(set(letters)), f"{name} has one letter for several emergencies"


def test_two_emergencies_at_once_share_the_people_out_while_there_are_enough(stage: Stage) -> None:
    stage.street(30)
    first, second = (one.incident_id for one in stage.race(*[stage.open] * 2))
    assert len(stage.states(first)) == len(stage.states(second)) == 7
    assert not set(stage.states(first)) & set(stage.states(second)), "who is asked elsewhere is asked only when nobody is left"


def test_the_same_report_eight_times_at_once_is_one_emergency(stage: Stage) -> None:
    names = stage.street(8)
    opened = stage.race(*[lambda services: stage.open(services, external_id="CAD-1")] * 8)
    assert len({one.incident_id for one in opened}) == 1
    assert [one.created for one in opened].count(True) == 1
    with stage.services.read() as session:
        assert len(session.scalars(select(Incident.id)).all()) == 1
    assert [len(stage.texts_to(name, ASKS)) for name in names] == [1] * 8


def test_two_contradicting_reports_at_once_are_one_emergency_and_one_refusal(stage: Stage) -> None:
    stage.street(3)

    def report(services: Services, notes: str) -> intake.Opened | Problem:
        try:
            return stage.open(services, external_id="CAD-1", access_notes=notes)
        except Problem as problem:
            return problem

    results = stage.race(lambda services: report(services, "door code 1"), lambda services: report(services, "door code 2"))
    refused = [one for one in results if isinstance(one, Problem)]
    assert len(refused) == 1
    assert refused[0].status == 409
    assert [error.pointer for error in refused[0].errors] == ["/access_notes"]


def test_a_person_asked_elsewhere_while_their_answer_waits_is_freed_there(stage: Stage, clock: HandClock) -> None:
    """The second emergency asks them between the look for their emergencies and the lock on these."""
    stage.street(3)
    first = stage.open().incident_id
    stage.send()
    for name in ("v1", "v2", "v3"):
        stage.text(name, "A1")
    stage.race(lambda services: stage.open(services).incident_id, *[handle_texts] * 3)
    with stage.services.read() as session:
        second = session.scalars(select(Incident.id).where(Incident.id != first)).one()
    stage.send()
    assert set(stage.states(first).values()) == {"accepted"}
    assert not any(body.startswith("B:") and ASKS in body for _to, body in stage.taker.taken), "they are on their way elsewhere"
    assert not {"accepted", "queued", "alerted"} & set(stage.states(second).values()), "nobody is asked where they cannot go"
    assert stage.unhandled() == 0


def test_an_emergency_that_asks_them_while_their_answer_waits_for_a_lock_is_locked_too(stage: Stage) -> None:
    if stage.services.database.is_sqlite:
        pytest.skip("a write transaction is alone there: nothing is asked while another waits")
    stage.street(1)
    first = stage.open().incident_id
    stage.send()
    stage.text("v1", "A1")
    with stage.processes(2) as (worker, other):
        answering = threading.Thread(target=handle_texts, args=(worker,))
        with stage.services.write() as session:
            callouts.lock_incident(session, first)
            answering.start()
            stage.wait_for_a_waiter()
            second = stage.open(other).incident_id
        answering.join(30)
    assert stage.states(first) == {"v1": "accepted"}
    assert stage.states(second) == {"v1": "stood_down"}
    assert stage.unhandled() == 0


def test_the_carriers_word_in_any_order_meets_a_stand_down(stage: Stage) -> None:
    """The sender stores a batch of results in the order they came back; a stand-down goes through the same callouts."""
    names = stage.street(8)
    incident_id = stage.open().incident_id

    def end(services: Services) -> None:
        lifecycle.stand_down(services, incident_id, "not_needed", "user:dispatcher")

    stage.race(stage.send, stage.send, end)
    stage.send()
    assert set(stage.states(incident_id).values()) == {"stood_down"}
    for name in names:
        got = [body for to, body in stage.taker.taken if to == stage.phones[name]]
        assert [ASKS in body for body in got] in ([], [True, False]), "asked and let go, or never asked"


def test_reasons_are_worked_out_while_answers_come_in(stage: Stage) -> None:
    names = stage.street(20)
    incident_id = stage.open().incident_id
    stage.send()
    for name in names[:7]:
        stage.text(name, "2")
    stage.race(passed_over.explain_due, conductor.tick, *[handle_texts] * 4)
    assert Counter(stage.states(incident_id).values()) == {"declined": 7, "queued": 7}
    assert stage.unhandled() == 0


def test_stop_from_many_while_the_conductor_asks_on(stage: Stage, clock: HandClock) -> None:
    names = stage.street(20)
    incident_id = stage.open().incident_id
    stage.send()
    clock.turn(30)
    for name in names[:14:2]:
        stage.text(name, "STOP")
    stage.race(conductor.tick, conductor.tick, *[handle_texts] * 4)
    stage.send()
    with stage.services.read() as session:
        out = set(session.scalars(select(Contact.phone).where(Contact.opted_out_at.is_not(None))))
    assert out == {stage.phones[name] for name in names[:14:2]}
    assert stage.unhandled() == 0
    assert all(stage.states(incident_id)[name] == "declined" for name in names[:7:2])


def test_results_that_come_back_in_reverse_meet_a_stand_down(stage: Stage, clock: HandClock) -> None:
    """One transaction stores what the carrier said of thirty texts, the last first; the other goes through their callouts."""
    stage.street(30, step_m=10)
    stage.plan(waves={"preset": "stockholm", "evidence": "for the test", "first": None, "most_asked": 100})
    incident_id = stage.open().incident_id
    parcels = claims.claim(stage.wire, 100)
    now = clock.now()
    reports = [Report(parcel, Sent(f"SM{number:032x}", "queued"), now) for number, parcel in enumerate(reversed(parcels))]

    def store(services: Services) -> None:
        results.store(build_wire(services), reports)

    def end(services: Services) -> None:
        lifecycle.stand_down(services, incident_id, "not_needed", "user:dispatcher")

    stage.race(store, end)
    stage.send()
    assert Counter(stage.states(incident_id).values()) == {"stood_down": 30}


def test_the_same_contradiction_many_times_at_once_is_one_row_on_the_console(stage: Stage) -> None:
    stage.street(1)
    stage.open(external_id="CAD-1", access_notes="door code 1")

    def contradict(services: Services) -> None:
        with suppress(Problem):
            stage.open(services, external_id="CAD-1", access_notes="door code 2")

    stage.race(*[contradict] * 6)
    with stage.services.read() as session:
        assert len(session.scalars(select(Alarm.id).where(Alarm.kind == alarms.CONFLICTING_REPORT)).all()) == 1
