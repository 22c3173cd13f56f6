"""What came in is handed up once, in order, and the life of a text never goes down."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from core import clock as clocks
from core.clock import HandClock
from sms import contacts
from sms.inbox import handle_due
from sms.models import Contact, Message, MessageStatus
from sms.received import store_status, store_text
from sms.sender import Sender
from sms.statuses import OUTCOMES, RANK, below
from sms.wire import Wire

A, B = "+358401234567", "+358407654321"
STATUSES = ["queued", "sending", "sent", "undelivered", "delivered", "read"]
_sids = itertools.count()


def text(wire: Wire, body: str, phone: str = A, **more: str) -> None:
    store_text(wire.services, {"MessageSid": f"SMin{next(_sids)}", "From": phone, "Body": body} | more)


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
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
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
def test_a_broken_handler_gets_the_text_again(wire: Wire, desk: Any, clock: HandClock) -> None:
    text(wire, "1")
    text(wire, "2")
    text(wire, "9", phone=B)
    desk.breaks = 1
    assert handle_due(wire) == 1
    assert desk.texts == ["9"]  # others do not wait
    assert handle_due(wire) == 0
    clock.turn(1)
    desk.breaks = 1
    handle_due(wire)
    clock.turn(1)
    handle_due(wire)
    assert desk.texts == ["9", "1", "2"]  # and the number's own order is kept
    assert desk.events() == []


@pytest.mark.usefixtures("known")
def test_a_text_that_always_breaks_does_not_block_its_number(wire: Wire, desk: Any, clock: HandClock) -> None:
    desk.breaks = 5
    text(wire, "poison")
    text(wire, "1")
    for _ in range(6):
        handle_due(wire)
        clock.turn(5)
    assert desk.texts == ["1"]
    assert desk.events() == ["text_not_handled"]


@pytest.mark.usefixtures("known")
def test_stop_is_obeyed_even_when_its_handler_breaks(wire: Wire, desk: Any, clock: HandClock) -> None:
    desk.breaks = 1000
    text(wire, "STOP")
    for _ in range(6):
        handle_due(wire)
        clock.turn(5)
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


def test_the_rank_table() -> None:
    assert sorted(RANK, key=RANK.__getitem__)[:5] == ["accepted", "scheduled", "queued", "sending", "sent"]
    assert RANK["failed"] == RANK["undelivered"] == RANK["canceled"]
    assert "delivered" not in below("undelivered")
    assert "undelivered" in below("delivered")
    assert set(below("read")) == set(RANK) - {"read"}
    assert below("no such status") == []
    assert all(status not in below(status) for status in RANK)


@given(st.lists(st.sampled_from([*RANK, "news"]), max_size=12))
def test_a_status_never_moves_down(told: list[str]) -> None:
    now: str | None = None
    highest = 0
    for status in told:
        if RANK.get(status, 0) and (now is None or now in below(status)):
            now = status
        assert RANK.get(now or "", 0) >= highest
        highest = RANK.get(now or "", 0)
    assert highest == max([RANK.get(status, 0) for status in told], default=0)


@pytest.mark.parametrize("order", list(itertools.permutations(["sent", "undelivered", "delivered"])))
def test_callbacks_in_any_order_end_the_same(order: tuple[str, ...], sender: Sender, desk: Any, wire: Wire) -> None:
    message_id = desk.put(A)
    sender.run_once()
    sid = desk.message(message_id).carrier_id
    for status in [*order, order[0]]:
        store_status(wire.services, message_id, {"MessageSid": sid, "MessageStatus": status, "ErrorCode": ""})
        handle_due(wire)
    assert desk.message(message_id).carrier_status == "delivered"
    outcomes = [outcome for _, outcome, _ in desk.outcomes]
    assert outcomes.count("delivered") == 1
    assert outcomes.count("failed") == (1 if order.index("undelivered") < order.index("delivered") else 0)


def test_a_failed_delivery_is_told_with_its_code(sender: Sender, desk: Any, wire: Wire) -> None:
    message_id = desk.put(A)
    sender.run_once()
    told = {"MessageSid": desk.message(message_id).carrier_id, "MessageStatus": "undelivered", "ErrorCode": "30005"}
    store_status(wire.services, message_id, told)
    assert handle_due(wire) == 1
    message = desk.message(message_id)
    assert (message.state, message.carrier_status, message.error_code) == ("taken", "undelivered", "30005")
    assert desk.outcomes == [("c1", "taken", ""), ("c1", "failed", "30005")]
    assert desk.events() == ["text_failed"]


def test_a_second_copys_failure_does_not_count_its_success_does(sender: Sender, desk: Any, wire: Wire) -> None:
    message_id = desk.put(A)
    sender.run_once()
    store_status(wire.services, message_id, {"MessageSid": "SMcopy", "MessageStatus": "failed", "ErrorCode": "30008"})
    handle_due(wire)
    assert desk.message(message_id).carrier_status == "queued"
    store_status(wire.services, message_id, {"MessageSid": "SMcopy", "MessageStatus": "delivered"})
    handle_due(wire)
    assert desk.message(message_id).carrier_status == "delivered"
    assert [outcome for _, outcome, _ in desk.outcomes] == ["taken", "delivered"]


def test_a_status_that_breaks_does_not_take_the_others_with_it(sender: Sender, desk: Any, wire: Wire, clock: HandClock) -> None:
    ids = [desk.put(A, about="c1"), desk.put(B, about="c2")]
    sender.run_once()
    desk.outcomes.clear()
    desk.breaks = 2  # once together, once alone
    for message_id in ids:
        told = {"MessageSid": desk.message(message_id).carrier_id, "MessageStatus": "delivered"}
        store_status(wire.services, message_id, told)
    handle_due(wire)
    assert [about for about, _, _ in desk.outcomes] == ["c2"]
    clock.turn(1)
    handle_due(wire)
    assert [about for about, _, _ in desk.outcomes] == ["c2", "c1"]


def test_a_status_that_always_breaks_is_set_aside(sender: Sender, desk: Any, wire: Wire, clock: HandClock) -> None:
    message_id = desk.put(A)
    sender.run_once()
    desk.breaks = 1000
    store_status(wire.services, message_id, {"MessageSid": desk.message(message_id).carrier_id, "MessageStatus": "delivered"})
    for _ in range(6):
        handle_due(wire)
        clock.turn(5)
    assert desk.events() == ["status_not_handled"]
    with wire.services.read() as session:
        assert session.scalars(select(MessageStatus)).one().handled_at is not None


def test_a_status_we_do_not_know_is_kept_and_changes_nothing(sender: Sender, desk: Any, wire: Wire) -> None:
    message_id = desk.put(A)
    sender.run_once()
    store_status(wire.services, message_id, {"MessageSid": "SMx", "MessageStatus": "teleported"})
    assert handle_due(wire) == 1
    assert desk.message(message_id).carrier_status == "queued"
    assert set(OUTCOMES) <= set(RANK)


@pytest.mark.usefixtures("known")
def test_the_index_serves_the_inbox(wire: Wire) -> None:
    if not wire.services.database.is_sqlite:
        pytest.skip("PostgreSQL decides by the size of the table")
    waiting = "EXPLAIN QUERY PLAN SELECT phone FROM messages WHERE messages.direction = 'in' AND messages.handled_at IS NULL"
    with wire.services.read() as session:
        plan = str(session.connection().exec_driver_sql(waiting + " ORDER BY created_at").all())
    assert "ix_messages_to_handle" in plan
    assert Message.__tablename__ == "messages"
