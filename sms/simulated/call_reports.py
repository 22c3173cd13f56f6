"""Telling the customer what becomes of a call: signed status callbacks, in order."""

from __future__ import annotations

import asyncio
from email.utils import format_datetime

from core import clock
from sms.simulated import keeping_calls
from sms.simulated.book import HookError
from sms.simulated.calls import ENDED, EVENT_OF, Call
from sms.simulated.model import API_VERSION, OUTBOUND_API
from sms.simulated.state import State
from sms.simulated.webhooks import Hook, HookFailed, call


def form_of(told: Call, account_sid: str) -> dict[str, str]:
    """The parameters that come with every request about a call. The empty ones belong to it."""
    places = {f"{end}{part}": "" for end in ("From", "To") for part in ("City", "State", "Zip", "Country")}
    return {
        **places,
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
        "CallSid": told.sid,
        "CallStatus": told.status,
        "Called": told.to,
        "Caller": told.sender,
        "Direction": OUTBOUND_API,
        "From": told.sender,
        "To": told.to,
    }


class CallReports:
    """Sends the status callbacks of every call, one after the other."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._turns: dict[str, asyncio.Lock] = {}

    def post(self, told: Call) -> None:
        """Tell the present status of `told`, if the customer asked for it and no dialled fault loses it."""
        state = self._state
        if told.status_callback is None or EVENT_OF.get(told.status) not in told.events:
            return
        if state.faults.callbacks_lost.hits(state.dice):
            keeping_calls.note_told(state, told, told.status)
            return
        times = 2 if state.faults.callbacks_doubled.hits(state.dice) else 1
        state.idle.spawn(self._send(told, self._form(told, told.status), times))

    def go_on(self, told: Call) -> None:
        """Tell what a carrier before this one had not told, or not seen answered."""
        for status in told.statuses[1:]:
            if told.status_callback is not None and EVENT_OF[status] in told.events and status not in told.told:
                self._state.idle.spawn(self._send(told, self._form(told, status), 1))

    async def _send(self, told: Call, form: dict[str, str], times: int) -> None:
        await self._state.callback_gate.passed()
        async with self._turns.setdefault(told.sid, asyncio.Lock()):
            for _ in range(times):
                try:
                    await call(self._state.session, Hook.parse(told.status_callback or ""), form, self._state.account.token)
                except HookFailed as failure:
                    at = clock.rfc3339(clock.now())
                    self._state.book.errors.append(HookError(failure.code, f"call status: {failure}", told.sid, at))
        keeping_calls.note_told(self._state, told, form["CallStatus"])
        if told.is_over and form["CallStatus"] == told.status:
            self._turns.pop(told.sid, None)

    def _form(self, told: Call, status: str) -> dict[str, str]:
        form = form_of(told, self._state.account.sid) | {
            "CallStatus": status,
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(told.statuses.index(status) - 1),
            "Timestamp": format_datetime(clock.now()),
        }
        return form | ({"CallDuration": str(told.duration_s), "Duration": "1"} if status in ENDED else {})
