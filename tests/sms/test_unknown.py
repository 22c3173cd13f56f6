"""When no answer comes, or one that says nothing: what then becomes of the text, over a real HTTP connection."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urldefrag

import pytest
from fake_carrier import (
    BROKEN_AFTER,
    BROKEN_BEFORE,
    DROPPED_AFTER,
    DROPPED_BEFORE,
    REFUSED_429,
    Answer,
    FakeCarrier,
)

from core.clock import HandClock
from sms import claims
from sms.attempts import LOOK_AFTER_S
from sms.gateway import CONNECT_TIMEOUT_S, READ_TIMEOUT_S
from sms.inbox import handle_due
from sms.sender import Sender
from sms.wire import Wire
from tests import carrier_tells

A, B = "+358401234567", "+358407654321"


def test_429_is_tried_again_until_the_end_of_life(sender: Sender, carrier: FakeCarrier, desk: Any, clock: HandClock) -> None:
    carrier.answer(A, *[REFUSED_429] * 3)
    message_id = desk.put(A)
    for tries in range(1, 4):
        assert sender.run_once() == 1
        message = desk.message(message_id)
        assert (message.state, message.retries, message.attempts) == ("due", tries, 0)
        assert 0.1 <= (message.send_at - clock.now()).total_seconds() <= 2
        clock.turn(2)
    sender.run_once()
    assert (desk.message(message_id).state, desk.outcomes) == ("taken", [("c1", "taken", "")])

    carrier.answer(B, *[REFUSED_429] * 200)
    late = desk.put(B, about="c2")
    while desk.message(late).state == "due":
        sender.run_once()
        clock.turn(30)
    assert desk.message(late).state == "expired"
    assert desk.outcomes[1:] == [("c2", "failed", "expired")]


def test_nobody_listens(sender: Sender, carrier: FakeCarrier, desk: Any) -> None:
    carrier.close()
    message_id = desk.put(A)
    sender.run_once()
    message = desk.message(message_id)
    assert (message.state, message.error_code, message.retries) == ("due", "unreachable", 1)


@pytest.mark.parametrize("lost", [BROKEN_AFTER, DROPPED_AFTER])
def test_unknown_is_found_at_the_carrier(
    lost: Answer, sender: Sender, carrier: FakeCarrier, desk: Any, clock: HandClock
) -> None:
    desk.put(A, body="the same words")
    sender.run_once()  # an older text with the same words, which must not be taken for the lost one
    carrier.answer(A, lost)
    message_id = desk.put(A, about="c2", body="the same words")
    sender.run_once()
    message = desk.message(message_id)
    assert message.state == "unknown"
    assert message.send_at == clock.now() + timedelta(seconds=3)
    assert sender.run_once() == 0
    clock.turn(3)
    sender.run_once()
    assert (len(carrier.asked), len(carrier.looked)) == (2, 1)
    message = desk.message(message_id)
    assert (message.state, message.carrier_id) == ("taken", carrier.taken[1]["Sid"])
    assert desk.outcomes == [("c1", "taken", ""), ("c2", "taken", "")]
    assert desk.events() == ["text_unknown"]


@pytest.mark.parametrize("lost", [BROKEN_BEFORE, DROPPED_BEFORE])
def test_unknown_and_not_there_is_sent_again(
    lost: Answer, sender: Sender, carrier: FakeCarrier, desk: Any, clock: HandClock
) -> None:
    carrier.answer(A, lost)
    desk.put(A)
    sender.run_once()
    clock.turn(3)
    sender.run_once()
    assert len(carrier.to(A)) == 1
    assert desk.outcomes == [("c1", "taken", "")]


def test_a_text_that_belongs_to_another_message_is_not_the_one_that_is_sought(
    sender: Sender, carrier: FakeCarrier, desk: Any, clock: HandClock
) -> None:
    """The same words twice to one phone, and the second text never got there."""
    desk.put(A, about="c1")
    sender.run_once()
    carrier.answer(A, BROKEN_BEFORE)
    desk.put(A, about="c2")
    sender.run_once()
    clock.turn(3)
    sender.run_once()
    assert len(carrier.to(A)) == 2
    assert desk.outcomes == [("c1", "taken", ""), ("c2", "taken", "")]


def test_the_second_life_of_another_message_is_not_the_one_that_is_sought(
    sender: Sender, carrier: FakeCarrier, desk: Any, wire: Wire, clock: HandClock
) -> None:
    """The first text was sent twice: one id is on its row, of the other only a callback has told."""
    carrier.answer(A, BROKEN_AFTER)
    carrier.lists_work = False
    first = desk.put(A, about="c1")
    sender.run_once()
    clock.turn(3)
    sender.run_once()
    carrier.lists_work = True
    for copy in carrier.to(A):
        carrier_tells.of_status(wire.services, first, {"MessageSid": copy["Sid"], "MessageStatus": "sent"})
    handle_due(wire)
    carrier.answer(A, BROKEN_BEFORE)
    second = desk.put(A, about="c2")
    sender.run_once()
    clock.turn(3)
    sender.run_once()
    assert len(carrier.to(A)) == 3
    assert desk.message(second).carrier_id == carrier.to(A)[2]["Sid"]


def test_what_the_carrier_had_before_a_message_was_written_is_not_the_one_that_is_sought(
    sender: Sender, carrier: FakeCarrier, desk: Any, clock: HandClock
) -> None:
    """Neither answer nor callback has ever told of the first text's other life."""
    carrier.answer(A, BROKEN_AFTER)
    carrier.lists_work = False
    desk.put(A, about="c1")
    sender.run_once()
    clock.turn(3)
    sender.run_once()
    carrier.lists_work = True
    clock.turn(120)
    carrier.answer(A, BROKEN_BEFORE)
    desk.put(A, about="c2")
    sender.run_once()
    clock.turn(3)
    sender.run_once()
    assert len(carrier.to(A)) == 3


def test_unknown_and_nobody_can_be_asked_is_sent_again_after_one_look(
    sender: Sender, carrier: FakeCarrier, desk: Any, clock: HandClock
) -> None:
    carrier.lists_work = False
    carrier.answer(A, BROKEN_AFTER)
    desk.put(A)
    sender.run_once()
    clock.turn(2.9)
    assert sender.run_once() == 0
    clock.turn(0.1)
    sender.run_once()
    assert carrier.looked == [A], "one look-up"
    assert len(carrier.to(A)) == 2, "twice is better than never"
    assert desk.outcomes == [("c1", "taken", "")]


def test_looking_and_sending_again_takes_ten_seconds_at_most() -> None:
    assert LOOK_AFTER_S + CONNECT_TIMEOUT_S + READ_TIMEOUT_S <= 10.0


def test_while_nobody_knows_others_are_asked_once_and_the_text_is_tried_more_and_more_seldom_until_its_end(
    sender: Sender, carrier: FakeCarrier, desk: Any, clock: HandClock
) -> None:
    carrier.answer(A, *[BROKEN_BEFORE] * 20)
    message_id, begun = desk.put(A), clock.now()
    tried_s = []
    while desk.message(message_id).state == "unknown" or not tried_s:
        before = len(carrier.asked)
        sender.run_once()
        if len(carrier.asked) > before:
            tried_s.append((clock.now() - begun).total_seconds())
        clock.turn(3)
    assert tried_s == [0, 3, 6, 9, 15, 27, 51, 99, 195]
    assert desk.message(message_id).state == "expired"
    assert desk.outcomes == [("c1", "failed", "no_answer"), ("c1", "failed", "expired")]


def test_a_text_that_nobody_knew_anything_of_leaves_all_the_same_once_its_carrier_is_back(
    sender: Sender, carrier: FakeCarrier, desk: Any, clock: HandClock
) -> None:
    carrier.lists_work = False
    carrier.answer(A, *[DROPPED_BEFORE] * 5)
    message_id = desk.put(A)
    for _ in range(12):
        sender.run_once()
        clock.turn(3)
    assert (desk.message(message_id).state, desk.message(message_id).error_code) == ("taken", None)
    assert desk.outcomes == [("c1", "failed", "no_answer"), ("c1", "taken", "")]


def test_unknown_is_resolved_by_its_callback(
    sender: Sender, carrier: FakeCarrier, desk: Any, wire: Wire, clock: HandClock
) -> None:
    carrier.answer(A, DROPPED_AFTER)
    message_id = desk.put(A)
    sender.run_once()
    carrier_tells.of_status(wire.services, message_id, {"MessageSid": "SM1", "MessageStatus": "sent"})
    handle_due(wire)
    assert (desk.message(message_id).state, desk.message(message_id).carrier_id) == ("taken", "SM1")
    assert desk.outcomes == [("c1", "taken", "")]
    clock.turn(30)
    assert sender.run_once() == 0


def test_the_callback_overtakes_the_answer(sender: Sender, carrier: FakeCarrier, desk: Any, wire: Wire) -> None:
    def call_back(text: dict[str, str]) -> None:
        message_id = urldefrag(text["StatusCallback"]).url.partition("m=")[2]
        carrier_tells.of_status(wire.services, message_id, {"MessageSid": text["Sid"], "MessageStatus": "delivered"})
        handle_due(wire)

    carrier.on_post = call_back
    message_id = desk.put(A)
    sender.run_once()
    message = desk.message(message_id)
    assert (message.state, message.carrier_status, message.carrier_id) == ("taken", "delivered", carrier.taken[0]["Sid"])
    assert desk.outcomes == [("c1", "taken", ""), ("c1", "delivered", "")]


def test_a_dead_senders_claim_lapses(sender: Sender, carrier: FakeCarrier, desk: Any, wire: Wire, clock: HandClock) -> None:
    message_id = desk.put(A)
    [parcel] = claims.claim(wire, 10)  # and then its process dies
    assert sender.run_once() == 0
    clock.turn(31)
    assert sender.run_once() == 1
    assert carrier.looked == [A]  # it may have been sent: the carrier is asked first
    assert desk.message(message_id).state == "taken"
    assert parcel.unknown_since is None
