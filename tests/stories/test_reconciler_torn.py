"""Something in the carrier's log, or on the way to it, breaks: all else that is there is found, and soon."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from sms import reconciler, twilio_gateway
from sms.gateway import CarrierLog, Logged, Refused, Unknown
from sms.reconciler import Reconciler
from tests import carrier_tells
from tests.stories.talk import asked
from tests.stories.test_reconciler import events, unheard
from tests.stories.town import Town

HALF_A_CHARACTER = "\ud83d"
"""What JSON can say and no database can hold."""


@dataclass
class Torn:
    """The town's carrier, whose log is changed on the way."""

    carrier: CarrierLog
    change: Callable[[Iterator[Sequence[Logged] | Unknown]], Iterator[Sequence[Logged] | Unknown]]
    readings: int = 0

    def log_pages(self) -> Iterator[Sequence[Logged] | Unknown]:
        self.readings += 1
        return self.change(self.carrier.log_pages())

    def logged(self, carrier_id: str) -> Logged | Refused | Unknown:
        return self.carrier.logged(carrier_id)


@pytest.fixture
def torn(town: Town) -> Callable[..., Torn]:
    """Has the town read such a log."""

    def make(change: Callable[..., Iterator[Sequence[Logged] | Unknown]]) -> Torn:
        carrier = Torn(town.reconciler._carrier, change)
        town.reconciler = Reconciler(town.wire, carrier)
        return carrier

    return make


def first_page_only(pages: Iterator[Sequence[Logged] | Unknown]) -> Iterator[Sequence[Logged] | Unknown]:
    yield next(pages)
    yield Unknown("HTTP 500")


def test_what_was_read_counts_though_the_next_page_could_not_be(
    town: Town, torn: Callable[..., Torn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_gateway, "LOG_PAGE", 1)
    anna, bo = asked(town, "Anna", "Bo")
    town.reconcile()
    whole = town.reconciler
    unheard(town, bo, "1")
    town.clock.turn(1)
    unheard(town, anna, "1")
    torn(first_page_only)
    assert town.reconcile() == 1
    anna.gets("GO TO")
    assert len(events(town, "carrier_log_not_read")) == 1
    town.clock.turn(900)
    town.reconciler = whole
    assert town.reconcile() >= 1, "the window reaches back to the last reading that went to its end"
    bo.gets("GO TO")
    anna.read = len(anna.inbox())  # she was asked where she is


def test_after_a_page_that_could_not_be_read_the_next_try_is_soon(
    town: Town, torn: Callable[..., Torn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciler, "AGAIN_AFTER_S", 0.01)
    stopping = threading.Event()
    carrier = torn(first_page_only)
    thread = threading.Thread(target=town.reconciler.run, args=(stopping,))
    thread.start()
    while carrier.readings < 3:
        assert not stopping.wait(0.01)
    stopping.set()
    thread.join()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_that_cannot_be_stored_keeps_no_other_back_and_is_said_once(town: Town) -> None:
    anna, bo = asked(town, "Anna", "Bo")
    unheard(town, anna, "1")
    unheard(town, bo, "1")
    with town.services.write() as session:
        refuse = f"NEW.phone = '{anna.phone}' BEGIN SELECT RAISE(ABORT, 'refused'); END"
        session.execute(text(f"CREATE TRIGGER refuse BEFORE INSERT ON messages WHEN NEW.direction = 'in' AND {refuse}"))
    assert town.reconcile() == 1
    bo.gets("GO TO")
    assert town.reconcile() == 0
    assert len(events(town, "carrier_log_not_stored")) == 1


def test_words_that_no_database_can_hold_are_stored_as_far_as_they_can_be(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    form = {"MessageSid": "SM9", "From": anna.phone, "To": town.our_number, "Body": "1 " + HALF_A_CHARACTER}
    carrier_tells.of_text(town.services, form)
    town.settle()
    anna.gets("GO TO")
