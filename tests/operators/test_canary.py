"""The canary goes out every hour through the real carrier, comes back as an answer does, and nobody sees it."""

from __future__ import annotations

from sqlalchemy import select

from core import fault_kinds, faults
from core.settings import SIMULATED_CANARY, SIMULATED_SENDER, load
from dispatch.operators import looks, watch
from sms import canary
from sms.models import Canary
from sms.simulated.client import CarrierControl
from tests.core.test_settings import REAL
from tests.stories.conftest import town  # noqa: F401  # a fixture
from tests.stories.town import Town

HOUR = 3600
CANARY_LOOK = [one for one in looks.LOOKS if fault_kinds.CANARY_MISSED in one.kinds]


def send(town: Town) -> bool:  # noqa: F811
    with town.services.write() as session:
        sent = canary.send_due(session, town.services.settings)
    town.settle()
    watch.look(town.services, CANARY_LOOK)
    return sent


def standing(town: Town) -> list[str]:  # noqa: F811
    with town.services.read() as session:
        return [fault.kind for fault in faults.standing(session)]


def test_it_goes_from_one_of_our_numbers_to_another_and_is_back_in_seconds(town: Town) -> None:  # noqa: F811
    assert send(town)
    (text,) = town.carrier.messages_to(SIMULATED_CANARY)
    assert (text.sender, text.status) == (SIMULATED_SENDER, "delivered")
    with town.services.read() as session:
        assert canary.latency_s(session) == 0
        assert session.scalars(select(Canary.came_back_at)).one() is not None
    assert not send(town), "once an hour"
    town.clock.turn(HOUR)
    assert send(town)
    assert standing(town) == []


def test_nobody_sees_it(town: Town) -> None:  # noqa: F811
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("CARDIAC")
    before = town.incident()["events"]
    assert send(town)
    anna.gets_nothing()
    assert town.incident()["events"] == before
    shown = CarrierControl(town.services.settings).phones(None)["phones"]
    assert {phone["number"] for phone in shown} == {anna.phone}


def test_one_may_be_missed_and_two_in_a_row_are_a_fault_until_one_is_back(town: Town) -> None:  # noqa: F811
    town.carrier.faults.fail[SIMULATED_CANARY] = 30008
    for missed in (1, 2):
        assert send(town)
        town.clock.turn(HOUR)
        watch.look(town.services, CANARY_LOOK)
        assert standing(town) == ([fault_kinds.CANARY_MISSED] if missed == 2 else [])
    del town.carrier.faults.fail[SIMULATED_CANARY]
    assert send(town)
    town.clock.turn(HOUR)
    watch.look(town.services, CANARY_LOOK)
    assert standing(town) == []


def test_words_that_only_look_like_one_are_words(town: Town) -> None:  # noqa: F811
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("CARDIAC")
    anna.texts("canary 0123abcd")
    anna.gets("could not read")


def test_with_one_number_there_is_nowhere_to_go() -> None:
    one = load(_env_file=None, **REAL)
    assert one.canary_number is None
    assert load(_env_file=None, **(REAL | {"twilio_from": "+358401234567,+358401234568"})).canary_number == "+358401234568"
    assert load(_env_file=None, canary_to="+46700000001", **REAL).canary_number == "+46700000001"
