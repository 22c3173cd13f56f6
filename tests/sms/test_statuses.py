"""The life of a text at the carrier never goes down, in whatever order it is told."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.clock import HandClock
from sms.inbox import handle_due
from sms.models import Message, MessageStatus
from sms.sender import Sender
from sms.set_aside import LONGEST_PAUSE_S, MOST_FAILURES
from sms.statuses import OUTCOMES, RANK, below
from sms.wire import Wire
from tests import carrier_tells

A, B = "+358401234567", "+358407654321"
_sids = itertools.count()


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
        carrier_tells.of_status(wire.services, message_id, {"MessageSid": sid, "MessageStatus": status, "ErrorCode": ""})
        handle_due(wire)
    assert desk.message(message_id).carrier_status == "delivered"
    outcomes = [outcome for _, outcome, _ in desk.outcomes]
    assert outcomes.count("delivered") == 1
    assert outcomes.count("failed") == (1 if order.index("undelivered") < order.index("delivered") else 0)


def test_a_failed_delivery_is_told_with_its_code(sender: Sender, desk: Any, wire: Wire) -> None:
    message_id = desk.put(A)
    sender.run_once()
    told = {"MessageSid": desk.message(message_id).carrier_id, "MessageStatus": "undelivered", "ErrorCode": "30005"}
    carrier_tells.of_status(wire.services, message_id, told)
    assert handle_due(wire) == 1
    message = desk.message(message_id)
    assert (message.state, message.carrier_status, message.error_code) == ("taken", "undelivered", "30005")
    assert desk.outcomes == [("c1", "taken", ""), ("c1", "failed", "30005")]
    assert desk.events() == ["text_failed"]


@pytest.mark.parametrize(("code", "lives_s", "again"), [("30003", 30, 1), ("30003", 19, 0), ("30008", 30, 0)])
def test_a_failed_text_is_sent_once_more_where_that_can_help_in_time(
    sender: Sender, desk: Any, wire: Wire, clock: HandClock, code: str, lives_s: int, again: int
) -> None:
    """A phone out of reach gets its copy after 10 s, if that has 10 s left to live; 30008 asks for another sender."""
    message_id = desk.put(A, expires_at=clock.now() + timedelta(seconds=lives_s))
    sender.run_once()
    told = {"MessageSid": desk.message(message_id).carrier_id, "MessageStatus": "undelivered", "ErrorCode": code}
    carrier_tells.of_status(wire.services, message_id, told)
    handle_due(wire)
    with wire.services.read() as session:
        assert len(session.scalars(select(Message.id).where(Message.again_of == message_id)).all()) == again


def test_a_second_copys_failure_does_not_count_its_success_does(sender: Sender, desk: Any, wire: Wire) -> None:
    message_id = desk.put(A)
    sender.run_once()
    carrier_tells.of_status(
        wire.services, message_id, {"MessageSid": "SMcopy", "MessageStatus": "failed", "ErrorCode": "30008"}
    )
    handle_due(wire)
    assert desk.message(message_id).carrier_status == "queued"
    carrier_tells.of_status(wire.services, message_id, {"MessageSid": "SMcopy", "MessageStatus": "delivered"})
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
        carrier_tells.of_status(wire.services, message_id, told)
    handle_due(wire)
    assert [about for about, _, _ in desk.outcomes] == ["c2"]
    clock.turn(1)
    handle_due(wire)
    assert [about for about, _, _ in desk.outcomes] == ["c2", "c1"]


def test_a_status_that_always_breaks_is_set_aside(sender: Sender, desk: Any, wire: Wire, clock: HandClock) -> None:
    message_id = desk.put(A)
    sender.run_once()
    desk.breaks = 1000
    carrier_tells.of_status(
        wire.services, message_id, {"MessageSid": desk.message(message_id).carrier_id, "MessageStatus": "delivered"}
    )
    for _ in range(MOST_FAILURES + 1):
        handle_due(wire)
        clock.turn(round(LONGEST_PAUSE_S))
    assert desk.events() == ["status_not_handled"]
    with wire.services.read() as session:
        assert session.scalars(select(MessageStatus)).one().handled_at is not None


def test_a_status_we_do_not_know_is_kept_and_changes_nothing(sender: Sender, desk: Any, wire: Wire) -> None:
    message_id = desk.put(A)
    sender.run_once()
    carrier_tells.of_status(wire.services, message_id, {"MessageSid": "SMx", "MessageStatus": "teleported"})
    assert handle_due(wire) == 1
    assert desk.message(message_id).carrier_status == "queued"
    assert set(OUTCOMES) <= set(RANK)
