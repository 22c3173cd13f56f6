"""A sender that was killed had texts in hand: whoever starts in its place does not wait until their claims run out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fake_carrier import DROPPED_AFTER, FakeCarrier
from patience import wait_until

from core.clock import HandClock
from sms import claims, left_behind, received, results
from sms.attempts import LOOK_AFTER_S
from sms.gateway import Sent
from sms.results import Report
from sms.sender import Sender
from sms.wire import Wire

A, B = "+358401234567", "+358407654321"
HERE, ELSEWHERE = "one place", "another place"
LOOKED_AT = timedelta(seconds=LOOK_AFTER_S)


def test_what_a_killed_sender_had_in_hand_is_looked_for_and_sent_once(
    wire: Wire, carrier: FakeCarrier, desk: Any, clock: HandClock, new_sender: Callable[..., Sender]
) -> None:
    message_id = desk.put(A)
    claims.claim(wire, 10, place=HERE)  # and is killed
    assert left_behind.give_up(wire, HERE) == 1
    message = desk.message(message_id)
    assert (message.state, message.unknown_since, message.send_at) == ("unknown", clock.now(), clock.now() + LOOKED_AT)
    sender = new_sender()
    assert sender.run_once() == 0, "its request may just be arriving"
    clock.turn(LOOK_AFTER_S)
    sender.run_once()
    assert (carrier.looked, len(carrier.to(A))) == ([A], 1)
    assert (desk.outcomes, desk.events()) == ([("c1", "taken", "")], ["text_unknown"])


def test_what_it_had_sent_is_not_sent_again(
    wire: Wire, carrier: FakeCarrier, desk: Any, clock: HandClock, new_sender: Callable[..., Sender]
) -> None:
    carrier.answer(A, DROPPED_AFTER)
    message_id = desk.put(A)
    first = new_sender(place=HERE)
    first.run_once()
    since = desk.message(message_id).unknown_since
    clock.turn(LOOK_AFTER_S)
    claims.claim(wire, 10, place=HERE)  # to look for it, and is killed
    clock.turn(1)
    left_behind.give_up(wire, HERE)
    assert desk.message(message_id).unknown_since == since
    clock.turn(LOOK_AFTER_S)
    new_sender().run_once()
    assert (len(carrier.to(A)), desk.outcomes, desk.events()) == (1, [("c1", "taken", "")], ["text_unknown"])


def test_what_others_have_in_hand_stays_theirs(wire: Wire, desk: Any) -> None:
    message_id = desk.put(A)
    claims.claim(wire, 1, place=ELSEWHERE)
    nobodys = desk.put(B, about="c2")
    claims.claim(wire, 1)
    assert left_behind.give_up(wire, HERE) == 0
    assert {desk.message(one).state for one in (message_id, nobodys)} == {"claimed"}


def test_whoever_begins_in_a_place_gives_up_what_was_claimed_there(
    wire: Wire,
    desk: Any,
    new_sender: Callable[..., Sender],
) -> None:
    message_id = desk.put(A)
    claims.claim(wire, 1, place=HERE)
    new_sender(place=HERE).start()
    wait_until(lambda: desk.message(message_id).state == "unknown")


def test_a_place_that_cannot_be_looked_at_yet_is_looked_at_again(
    wire: Wire,
    desk: Any,
    new_sender: Callable[..., Sender],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message_id = desk.put(A)
    claims.claim(wire, 1, place=HERE)
    give_up, broken = left_behind.give_up, [True]

    def breaks_once(*arguments: Any) -> int:
        if broken:
            broken.pop()
            raise ConnectionError("the database is away")
        return give_up(*arguments)

    monkeypatch.setattr(left_behind, "give_up", breaks_once)
    new_sender(place=HERE).start()
    wait_until(lambda: desk.message(message_id).state == "unknown")


def test_a_result_does_not_wait_for_a_status_of_its_text_that_is_being_stored(wire: Wire, desk: Any) -> None:
    """The carrier calls back before we have stored that it took the text: hundreds of them share a transaction, and waited for
    each other in the opposite order."""
    if wire.services.database.is_sqlite:
        pytest.skip("PostgreSQL only: SQLite has one writer at a time")
    message_id = desk.put(A)
    (parcel,) = claims.claim(wire, 1)
    form = {"MessageSid": "SM1", "MessageStatus": "sent", "To": A}
    with wire.services.write() as session:
        received.put(session, received.Told(received.STATUS, form, parcel.claimed_until, message_id))
        results.store(wire, [Report(parcel, Sent("SM1", "queued"), parcel.claimed_until)])
    assert (desk.message(message_id).state, desk.message(message_id).carrier_id) == ("taken", "SM1")
