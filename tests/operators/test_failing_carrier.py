"""That a carrier fails is over when it is, and not only when enough texts have said so."""

from __future__ import annotations

from sqlalchemy import update

from core import fault_kinds, faults
from core.clock import HandClock
from core.services import Services
from dispatch.operators import looks, watch
from dispatch.wiring import build_wire
from sms.carriers import health
from sms.carriers.judging import FIRST_REST, Tally
from sms.carriers.models import Carrier
from sms.carriers.routes import TWILIO

LOOK = [one for one in looks.LOOKS if fault_kinds.CARRIER_FAILING in one.kinds]


def noted(services: Services, tally: Tally) -> None:
    with services.write() as session:
        health.note(build_wire(services), session, {TWILIO: tally}, [TWILIO])


def looked(services: Services) -> list[str]:
    watch.look(services, LOOK)
    with services.read() as session:
        return [fault.kind for fault in faults.standing(session)]


def on_trial(services: Services, clock: HandClock) -> None:
    noted(services, Tally(bad=9))
    assert looked(services) == [fault_kinds.CARRIER_FAILING]
    clock.turn(FIRST_REST.total_seconds())
    with services.write() as session:
        health.standings(session, [TWILIO])
    assert looked(services) == [fault_kinds.CARRIER_FAILING], "a rest that is over says nothing yet"


def test_a_trial_that_begins_well_ends_the_fault_and_one_that_fails_lets_it_stand_again(
    services: Services, clock: HandClock
) -> None:
    on_trial(services, clock)
    noted(services, Tally(good=1))
    assert looked(services) == []
    clock.turn(3600)
    assert looked(services) == [], "and no quiet night brings it back"
    noted(services, Tally(bad=2))
    assert looked(services) == [fault_kinds.CARRIER_FAILING]


def test_a_trial_that_begins_badly_does_not(services: Services, clock: HandClock) -> None:
    on_trial(services, clock)
    noted(services, Tally(good=1, bad=1))
    assert looked(services) == [fault_kinds.CARRIER_FAILING]


def test_a_carrier_that_the_settings_have_no_more_is_no_fault(services: Services, clock: HandClock) -> None:
    noted(services, Tally(bad=9))
    with services.write() as session:  # as if it had been the other one
        session.execute(update(Carrier).values(name="android"))
        faults.end(session, health.FAULT, TWILIO)
        faults.stand(session, health.FAULT, "android")
        assert health.failing(session, [TWILIO]) == []
    assert looked(services) == []
