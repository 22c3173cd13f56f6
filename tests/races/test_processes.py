"""Two conductors look at the same emergencies, people and faults at the same moment: each piece of work is done once."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from core import clock as clocks
from core import fault_kinds, faults, heartbeats
from core.clock import HandClock
from core.faults import Fault
from core.services import Services
from dispatch import alarms, conductor, erasures, lateness, passed_over
from dispatch.models import Alarm, Callout
from dispatch.operators import telling, watch
from responder import erasure
from sms import purposes
from sms.models import CALL, SMS
from tests.races.stage import Stage, handle_texts, tick

OPERATOR = "+447700909999"


def test_an_address_that_has_not_arrived_is_rung_once(stage: Stage, clock: HandClock) -> None:
    stage.street(2)
    incident_id = stage.open().incident_id
    stage.send()
    stage.text("v1", "1")
    handle_texts(stage.services)
    stage.send()
    clock.turn(20)
    stage.race(*[tick] * 4)
    assert stage.written(purposes.ADDRESS, CALL) == [stage.phones["v1"]]
    assert stage.kinds(incident_id)["rung_address"] == 1
    assert _alarms(stage) == [alarms.ADDRESS_NOT_DELIVERED]


def test_unanswered_callouts_expire_and_a_shortfall_is_told_once(stage: Stage, clock: HandClock) -> None:
    stage.street(2)
    incident_id = stage.open().incident_id
    stage.send()
    assert stage.kinds(incident_id)["shortfall"] == 1
    clock.turn(300)
    stage.race(*[tick] * 4)
    assert stage.kinds(incident_id)["callout_expired"] == 2
    clock.turn(10)
    stage.volunteer("late", 300)
    stage.race(*[tick] * 4)
    assert stage.states(incident_id)["late"] == "queued"
    assert len(stage.texts_to("late", "CARDIAC")) == 1
    assert stage.kinds(incident_id)["shortfall"] == 2


def test_nobody_in_reach_is_one_red_row(stage: Stage, clock: HandClock) -> None:
    incident_id = stage.open().incident_id
    clock.turn(10)
    stage.race(*[tick] * 4)
    assert _alarms(stage) == [alarms.NOBODY_ASKED]
    assert stage.kinds(incident_id)["shortfall"] == 1


def test_those_out_there_are_asked_how_it_goes_once(stage: Stage, clock: HandClock) -> None:
    stage.street(2)
    incident_id = stage.open().incident_id
    stage.send()
    for name, body in (("v1", "1"), ("v2", "1"), ("v2", "3")):
        stage.text(name, body)
        handle_texts(stage.services)
    clock.turn(25 * 60)
    stage.race(*[tick] * 4)
    assert stage.written(purposes.FOLLOW_UP, SMS) == sorted(stage.phones.values())
    with stage.services.write() as session:
        session.execute(
            update(Callout).values(unsafe_since=clocks.now() - timedelta(minutes=1), unsafe_told=1, look_at=clocks.now())
        )
    stage.race(*[tick] * 4)
    assert stage.written(purposes.SAFETY, CALL) == sorted(stage.phones.values())
    assert stage.kinds(incident_id)["rung_danger"] == 2


def test_the_reasons_for_those_passed_over_are_worked_out_once(stage: Stage) -> None:
    stage.street(12)
    incident_id = stage.open().incident_id
    stage.race(*[passed_over.explain_due] * 4)
    assert stage.kinds(incident_id)["passed_over_explained"] == 1


def test_operators_are_told_once_of_what_is_wrong(stage: Stage, clock: HandClock) -> None:
    settings = stage.services.settings.model_copy(update={"operator_alert": (OPERATOR,)})

    def tell(services: Services) -> None:
        with services.write() as session:
            telling.tell_due(session, settings)

    with stage.services.write() as session:
        faults.stand(session, fault_kinds.WEBHOOKS_REFUSED)
    clock.turn(3600)
    stage.race(*[tell] * 4)
    assert stage.written(purposes.OPERATOR, SMS) == [OPERATOR]


def test_what_is_wrong_stands_once(stage: Stage) -> None:
    stage.race(*[watch.look] * 4)
    with stage.services.read() as session:
        standing = [(fault.kind, fault.subject) for fault in session.scalars(select(Fault))]
    assert len(standing) == len(set(standing)) > 0


def test_whoever_waits_to_be_erased_is_erased_once(stage: Stage) -> None:
    stage.street(3)
    with stage.services.write() as session:
        for name in stage.phones:
            erasure.request(session, name, "operator")
    stage.race(*[erasures.erase_due] * 4)
    assert stage.all_kinds()["responder_erased"] == 3


def test_a_stop_is_told_once(stage: Stage, clock: HandClock) -> None:
    stage.street(1)
    stage.open()
    with stage.services.write() as session:
        heartbeats.stopped(session, conductor.NAME)
    clock.turn(60)
    stage.race(*[lambda services: lateness.tell(services, conductor.NAME)] * 4)
    assert _alarms(stage) == [alarms.RAN_LATE]


def _alarms(stage: Stage) -> list[str]:
    with stage.services.read() as session:
        return list(session.scalars(select(Alarm.kind)))
