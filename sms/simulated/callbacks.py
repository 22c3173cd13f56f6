"""Telling the customer what becomes of a text: signed status callbacks, in order unless a fault says otherwise."""

from __future__ import annotations

import asyncio

from core import clock
from sms.simulated import keeping
from sms.simulated.model import API_VERSION, DELIVERED, FINAL, UNDELIVERED, Text
from sms.simulated.state import State
from sms.simulated.webhooks import Hook, HookFailed, call


class Callbacks:
    """Sends the status callbacks of every text."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._last: dict[str, asyncio.Task[None]] = {}
        self._overtaken: dict[str, dict[str, str]] = {}

    def post(self, text: Text) -> None:
        """Tell the present status of `text`, if its sender asked to be told."""
        if text.status_callback is None:
            return
        state, faults, form = self._state, self._state.faults, self._form(text, text.status)
        if faults.callbacks_lost.hits(state.dice):
            keeping.note_told(state, text, text.status)
            return
        if faults.callbacks_late.hits(state.dice):
            state.idle.spawn(self._send_late(text, form, faults.late_s))
            return
        if text.status not in FINAL and faults.callbacks_reordered.hits(state.dice) and text.sid not in self._overtaken:
            self._overtaken[text.sid] = form
            return
        forms = [form] * (2 if faults.callbacks_doubled.hits(state.dice) else 1)
        if overtaken := self._overtaken.pop(text.sid, None):
            forms.append(overtaken)
        self._after_the_last(text, forms)

    def go_on(self, text: Text) -> None:
        """Tell what a carrier before this one had not told, or not seen answered."""
        untold = [status for status in text.statuses[1:] if status not in text.told]
        if text.status_callback is not None and untold:
            self._after_the_last(text, [self._form(text, status) for status in untold])

    def _after_the_last(self, text: Text, forms: list[dict[str, str]]) -> None:
        task = self._state.idle.spawn(self._send_all(text, forms, self._last.get(text.sid)))
        self._last[text.sid] = task
        task.add_done_callback(lambda done: self._last.get(text.sid) is done and self._last.pop(text.sid))

    async def _send_all(self, text: Text, forms: list[dict[str, str]], previous: asyncio.Task[None] | None) -> None:
        # Held here and not behind the previous one: whoever waits for a held task would count as outstanding.
        await self._state.callback_gate.passed()
        if previous is not None:
            await asyncio.wait([previous])
        for form in forms:
            await self._send(text, form)

    async def _send_late(self, text: Text, form: dict[str, str], late_s: float) -> None:
        await asyncio.sleep(late_s)
        await self._state.callback_gate.passed()
        await self._send(text, form)

    async def _send(self, text: Text, form: dict[str, str]) -> None:
        try:
            await call(self._state.session, Hook.parse(text.status_callback or ""), form, self._state.account.token)
        except HookFailed as failure:
            self._state.book.failed(failure.code, f"status callback: {failure}", text)
        keeping.note_told(self._state, text, form["MessageStatus"])

    def _form(self, text: Text, status: str) -> dict[str, str]:
        """The parameters Twilio sends; the error code comes with failed and undelivered only."""
        form = {
            "AccountSid": self._state.account.sid,
            "ApiVersion": API_VERSION,
            "From": text.sender,
            "MessageSid": text.sid,
            "MessageStatus": status,
            "SmsSid": text.sid,
            "SmsStatus": status,
            "To": text.to,
        }
        if text.messaging_service_sid:
            form["MessagingServiceSid"] = text.messaging_service_sid
        if text.error_code is not None and status in FINAL:
            form["ErrorCode"] = str(text.error_code)
        if status in {DELIVERED, UNDELIVERED}:
            # The network's own date: to the minute, in no stated time zone.
            form["RawDlrDoneDate"] = clock.now().strftime("%y%m%d%H%M")
        return form
