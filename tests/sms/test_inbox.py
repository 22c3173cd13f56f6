"""What people text is handed up once and in order, and opt-out words are obeyed."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event, update

from core import clock as clocks
from core.clock import HandClock
from sms import contacts
from sms import inbox as inbox_module
from sms.inbox import handle_due
from sms.models import Contact
from sms.set_aside import LONGEST_PAUSE_S, MOST_FAILURES
from sms.wire import Wire
from tests import carrier_tells

A, B = "+358401234567", "+358407654321"
_sids = itertools.count()


def text(wire: Wire, body: str, phone: str = A, **more: str) -> None:
    carrier_tells.of_text(wire.services, {"MessageSid": f"SMin{next(_sids)}", "From": phone, "Body": body} | more)


@pytest.fixture
def known(wire: Wire) -> None:
    with wire.services.write() as session:
        for phone in (A, B):
            contacts.ensure(session, phone, "en")


@pytest.mark.usefixtures("known")
def test_texts_are_handed_up_once_and_in_order(wire: Wire, desk: Any) -> None:
    for body in ("1", "2", "3"):
        text(wire, body)
    assert handle_due(wire) == 3
    assert handle_due(wire) == 0
    assert desk.texts == ["1", "2", "3"]


def test_an_unknown_number_is_stored_and_never_handed_up(wire: Wire, desk: Any) -> None:
    text(wire, "JOIN")
    assert handle_due(wire) == 1
    assert (desk.texts, desk.events()) == ([], ["text_from_unknown_number"])
    assert handle_due(wire) == 0


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    "word", ["STOP", "stop", " Stop ", "STOPALL", "unsubscribe", "CANCEL", "End", "QUIT", "REVOKE", "OptOut"]
)
def test_words_that_opt_out(wire: Wire, desk: Any, word: str) -> None:
    text(wire, word)
    handle_due(wire)
    assert desk.contact(A).opted_out_at is not None
    assert (desk.opted, desk.texts) == ([True], [word])


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("body", ["stop please", "1", "STOP.", "yes", "OFF", "HELP", "start now", ""])
def test_words_that_do_not(wire: Wire, desk: Any, body: str) -> None:
    text(wire, body)
    handle_due(wire)
    assert (desk.opted, desk.texts) == ([], [body])


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("word", ["START", "unstop", "Yes"])
def test_words_that_opt_in_again(wire: Wire, desk: Any, word: str) -> None:
    with wire.services.write() as session:
        session.execute(update(Contact).values(opted_out_at=clocks.now()))
    text(wire, word)
    handle_due(wire)
    assert desk.contact(A).opted_out_at is None
    assert (desk.opted, desk.texts) == ([False], [word])


@pytest.mark.usefixtures("known")
def test_what_the_carrier_did_itself_wins(wire: Wire, desk: Any) -> None:
    text(wire, "LOPETA", OptOutType="STOP")
    handle_due(wire)
    assert desk.opted == [True]
    text(wire, "stop", OptOutType="HELP")
    text(wire, "ALOITA", OptOutType="START")
    handle_due(wire)
    assert desk.opted == [True, False]


@pytest.mark.usefixtures("known")
def test_texts_that_take_long_do_not_share_a_transaction_and_keep_their_order(
    wire: Wire, desk: Any, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ALONE", "SIDE_BY_SIDE"):
        monkeypatch.setattr(inbox_module, name, inbox_module.Share(10, 0.0))
    for number in range(5):
        text(wire, str(number), phone=A if number % 2 else B)
        clock.turn(0.01)
    committed: list[int] = []
    event.listen(wire.services.database.engine, "commit", lambda _: committed.append(len(desk.texts)))
    assert handle_due(wire) == 5
    assert sorted(set(committed)) == [0, 1, 2, 3, 4], "each is there before the next"
    assert desk.texts == ["0", "1", "2", "3", "4"]


@pytest.mark.usefixtures("known")
def test_a_broken_handler_gets_the_text_again(wire: Wire, desk: Any, clock: HandClock) -> None:
    text(wire, "1")
    text(wire, "2")
    text(wire, "9", phone=B)
    desk.breaks_over = {"1"}
    assert handle_due(wire) == 1
    assert desk.texts == ["9"]  # others do not wait
    assert handle_due(wire) == 0
    clock.turn(1)
    handle_due(wire)
    desk.breaks_over = set()
    clock.turn(1)
    handle_due(wire)
    assert desk.texts == ["9", "1", "2"]  # and the number's own order is kept
    assert desk.events() == []


@pytest.mark.usefixtures("known")
def test_a_text_that_always_breaks_does_not_block_its_number(wire: Wire, desk: Any, clock: HandClock) -> None:
    desk.breaks_over = {"poison"}
    text(wire, "poison")
    text(wire, "1")
    for _ in range(MOST_FAILURES + 1):
        handle_due(wire)
        clock.turn(round(LONGEST_PAUSE_S))
    assert desk.texts == ["1"]
    assert desk.events() == ["text_not_handled"]


@pytest.mark.usefixtures("known")
def test_stop_is_obeyed_even_when_its_handler_breaks(wire: Wire, desk: Any, clock: HandClock) -> None:
    desk.breaks = 1000
    text(wire, "STOP")
    for _ in range(MOST_FAILURES + 1):
        handle_due(wire)
        clock.turn(round(LONGEST_PAUSE_S))
    assert desk.contact(A).opted_out_at is not None
    assert sorted(desk.events()) == ["contact_opted_out", "text_not_handled"]


@pytest.mark.usefixtures("known")
def test_two_processes_hand_up_each_text_once(wire: Wire, desk: Any) -> None:
    for number in range(20):
        text(wire, str(number), phone=A if number % 2 else B)
    together = threading.Barrier(3)

    def work() -> None:
        together.wait()
        while handle_due(wire):
            pass

    with ThreadPoolExecutor(3) as pool:
        for future in [pool.submit(work) for _ in range(3)]:
            future.result()
    assert sorted(desk.texts, key=int) == [str(number) for number in range(20)]
    odd = [body for body in desk.texts if int(body) % 2]
    assert odd == sorted(odd, key=int)
