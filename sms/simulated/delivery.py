"""The life of an outgoing text: queue, air, phone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from core import clock
from sms.simulated import keeping
from sms.simulated.callbacks import Callbacks
from sms.simulated.errors import CarrierError, later
from sms.simulated.model import (
    ACCEPTED,
    CANCELED,
    DELIVERED,
    FINAL,
    LONGEST_VALIDITY_S,
    OUTBOUND_REPLY,
    QUEUED,
    SENDING,
    SENT,
    Text,
)
from sms.simulated.state import State

QUEUE_LIMIT_S = 36_000
"""A sender's queue holds ten hours of segments; beyond that Twilio answers 21611."""
SWITCHED_OFF, EXPIRED, BAD_VALIDITY = 30003, 30036, 30045


class Delivery:
    """Moves texts through their statuses, in the order in which each sender number was given them."""

    def __init__(self, state: State, arrived: Callable[[Text], None]) -> None:
        self._state = state
        self._arrived = arrived
        self._callbacks = Callbacks(state)
        self._free_at: dict[str, float] = {}

    def accept(self, text: Text) -> None:
        """Take charge of a new outgoing text. Raises CarrierError 21611 when its sender's queue is full."""
        wait_s = self._queue_wait_s(text)
        self._state.book.add(text)
        keeping.note_text(self._state, text)
        self._state.idle.spawn(self._live(text, wait_s))

    def go_on(self, text: Text) -> None:
        """Take charge again of a text that a carrier before this one had accepted: tell what is still to be told, and let it
        go on from where it was."""
        self._callbacks.go_on(text)
        if text.status not in FINAL:
            self._state.idle.spawn(self._live(text, 0.0))

    def reply(self, sender: str, to: str, body: str) -> None:
        """Send a text that no API request asked for: an opt-out answer, or what a webhook answered."""
        self.accept(Text(OUTBOUND_REPLY, sender, to, body, QUEUED))

    def cancel(self, text: Text) -> None:
        """Stop a text that has not left the queue. Raises CarrierError 30409 when it has."""
        if text.status not in {ACCEPTED, QUEUED}:
            raise CarrierError(30409)
        self._move(text, CANCELED)

    async def _live(self, text: Text, wait_s: float) -> None:
        await self._state.journal.safe()  # a text that could be forgotten again must not reach anybody
        if text.status == ACCEPTED:
            self._move(text, QUEUED)
        if text.status == QUEUED:
            await self._queue(text, wait_s)
        if text.status == SENDING:
            await asyncio.sleep(self._state.timing.sending_s)
            self._move(text, SENT)
        if text.status == SENT:
            await asyncio.sleep(self._state.timing.sent_s)
            self._land(text)

    async def _queue(self, text: Text, wait_s: float) -> None:
        # ValidityPeriod bounds the time in this queue only, never what the network takes afterwards.
        await asyncio.sleep(min(self._state.timing.queued_s + wait_s, text.validity_s))
        await self._state.queue_gate.passed()
        if text.status == CANCELED:
            return
        code = self._ends_in_queue(text, wait_s)
        self._move(text, SENDING if code is None else later(code)[0], code)

    def _ends_in_queue(self, text: Text, wait_s: float) -> int | None:
        """The error with which a text never leaves, or None."""
        if not 1 <= text.validity_s <= LONGEST_VALIDITY_S:
            return BAD_VALIDITY
        if wait_s >= text.validity_s or clock.now() - text.created_at > timedelta(seconds=text.validity_s):
            return EXPIRED
        code = self._state.faults.fail.get(text.to)
        return code if code is not None and later(code)[0] == "failed" else None

    def _land(self, text: Text) -> None:
        faults = self._state.faults
        code = SWITCHED_OFF if text.to in faults.switched_off else faults.fail.get(text.to)
        if code is not None:
            self._move(text, later(code)[0], code)
            return
        self._move(text, DELIVERED)
        self._state.book.phone(text.to).unread += 1
        self._arrived(text)

    def _move(self, text: Text, status: str, error_code: int | None = None) -> None:
        text.move(status, error_code)
        keeping.note_move(self._state, text)
        self._state.book.version += 1
        self._callbacks.post(text)

    def _queue_wait_s(self, text: Text) -> float:
        """How long the segments before this one keep its sender number busy, in seconds."""
        rate = self._state.faults.segments_per_s
        if rate is None:
            return 0.0
        now = clock.monotonic_s()
        starts = max(now, self._free_at.get(text.sender, now))
        if starts - now > QUEUE_LIMIT_S:
            raise CarrierError(21611, text.sender)
        self._free_at[text.sender] = starts + text.segments / rate
        return starts - now
