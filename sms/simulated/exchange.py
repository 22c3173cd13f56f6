"""The exchange: starts calls one a second, rings phones, speaks what the customer's TwiML says, and hands keys back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from core import clock
from sms.simulated import keeping_calls
from sms.simulated.book import HookError
from sms.simulated.call_reports import CallReports, form_of
from sms.simulated.calls import BUSY, CANCELED, COMPLETED, FAILED, IN_PROGRESS, INITIATED, NO_ANSWER, RINGING, Call
from sms.simulated.errors import CarrierError
from sms.simulated.model import QUEUED
from sms.simulated.state import State
from sms.simulated.twiml import Gather, Hangup, NotTwiml, Pause, Say, parse
from sms.simulated.webhooks import NOT_XML, WRONG_CONTENT_TYPE, Hook, HookFailed, call

ANSWER, DECLINE, RING_OUT, HANG_UP = "answer", "decline", "ring_out", "hang_up"
KEYS = frozenset("0123456789*#")
STARTS_EVERY_S = 1.0
"""One call start a second and account; what comes faster waits in a queue (Twilio's default)."""
MAILBOX = "voicemail"
_ENDS = {BUSY: BUSY, NO_ANSWER: NO_ANSWER, FAILED: FAILED}
_CHARACTERS_PER_S = 14.0
_KEPT = 2000


class _Over(Exception):
    """The line is dead: whoever held the phone hung up, or the customer did."""


class Exchange:
    """Every call of one carrier. `rings` hears of each phone that begins to ring."""

    def __init__(self, state: State, rings: Callable[[Call], None]) -> None:
        self._state = state
        self._rings = rings
        self._reports = CallReports(state)
        self._last: dict[str, Call] = {}
        self._free_at_s = 0.0

    def begin(self, wanted: Call) -> None:
        """Take charge of a new call."""
        self._state.calls[wanted.sid] = wanted
        while len(self._state.calls) > _KEPT:
            self._state.calls.popitem(last=False)
        self._state.book.phone(wanted.to)
        self._last[wanted.to] = wanted
        keeping_calls.note_call(self._state, wanted)
        self._state.idle.spawn(self._live(wanted))

    def go_on(self) -> None:
        """Take charge of the calls that a carrier before this one has left: what rang rings once more, what had been picked up
        was cut off, and what is still to be told is told."""
        for left in self._state.calls.values():
            self._last[left.to] = left
            self._reports.go_on(left)
            if left.status == IN_PROGRESS:
                self._move(left, COMPLETED)
            elif not left.is_over:
                self._state.idle.spawn(self._live(left))

    def get(self, sid: str) -> Call | None:
        """The call of that SID."""
        return self._state.calls.get(sid)

    def newest_first(self) -> Iterable[Call]:
        """All of them."""
        return reversed(self._state.calls.values())

    def live(self, number: str) -> Call | None:
        """The call that a phone rings with or is in."""
        return next((one for one in self.newest_first() if one.to == number and one.status in (RINGING, IN_PROGRESS)), None)

    def newest(self, number: str) -> Call | None:
        """The call that a phone shows: the one it rings with or is in, else the last one it had."""
        return self.live(number) or self._last.get(number)

    def act(self, number: str, deed: str) -> Call:
        """Whoever holds the phone does something: ANSWER, DECLINE, RING_OUT, HANG_UP or a key. Raises ValueError when there is
        no call to do that with."""
        found = self.live(number)
        if found is None:
            raise ValueError("this phone has no call")
        if found.status == RINGING and deed not in (ANSWER, DECLINE, RING_OUT):
            raise ValueError("nobody has picked up yet")
        if found.status == IN_PROGRESS and deed != HANG_UP and deed not in KEYS:
            raise ValueError("it has been picked up already")
        self._give(found, deed)
        return found

    def end(self, ended: Call, *, only_waiting: bool) -> None:
        """The customer cancels a call that has not been picked up, or ends any. Raises CarrierError 21220 when it is over."""
        if ended.is_over or (only_waiting and ended.status == IN_PROGRESS):
            raise CarrierError(21220)
        self._move(ended, CANCELED if ended.status in (QUEUED, INITIATED, RINGING) else COMPLETED)
        self._give(ended, HANG_UP)

    async def _live(self, new: Call) -> None:
        await self._state.journal.safe()  # a call that could be forgotten again must ring nobody
        await self._wait_for_turn()
        if new.is_over:
            return
        if new.status == QUEUED:
            self._move(new, INITIATED)
        fate = NO_ANSWER if new.to in self._state.faults.switched_off else self._state.faults.calls.get(new.to)
        if fate == FAILED:
            self._move(new, FAILED)
            return
        if new.status == INITIATED:
            self._move(new, RINGING)
        if fate not in (*_ENDS, MAILBOX):
            self._rings(new)
        ended = _ENDS.get(fate or "") or await self._ring(new, fate)
        if ended is not None and not new.is_over:
            self._move(new, ended)
        elif not new.is_over:
            await self._talk(new, fate)

    async def _ring(self, ringing: Call, fate: str | None) -> str | None:
        """Ring until something happens; None when it was picked up."""
        if fate == MAILBOX:
            return None
        deed = await self._deed(ringing, ringing.ring_s + 5.0)
        return {ANSWER: None, DECLINE: BUSY}.get(deed or RING_OUT, NO_ANSWER)

    async def _talk(self, taken: Call, fate: str | None) -> None:
        self._move(taken, IN_PROGRESS)
        try:
            await self._carry_out(taken, taken.url, {}, fate)
        except _Over:
            pass
        except HookFailed as failure:
            self._failed(taken, failure.code, str(failure))
        except NotTwiml as problem:
            self._failed(taken, NOT_XML, str(problem))
        if not taken.is_over:
            self._move(taken, COMPLETED)

    async def _carry_out(self, taken: Call, url: str, more: dict[str, str], fate: str | None) -> None:
        account = self._state.account
        form = form_of(taken, account.sid) | more
        answer = await call(self._state.session, Hook.parse(url), form, account.token)
        if form.get("Digits"):
            keeping_calls.note_key_told(self._state, taken)
        if "xml" not in answer.content_type:
            raise HookFailed(WRONG_CONTENT_TYPE, f"answered with content type {answer.content_type or 'missing'}", "")
        for verb in parse(answer.body, url):
            match verb:
                case Hangup():
                    return
                case Gather():
                    key = await self._gather(taken, verb, fate)
                    if key or verb.empty_too:
                        await self._carry_out(taken, verb.action, {"Digits": key, "FinishedOnKey": ""}, fate)
                        return
                case _:
                    await self._say(taken, verb)

    async def _gather(self, taken: Call, gather: Gather, fate: str | None) -> str:
        taken.listens = True
        try:
            for prompt in gather.prompts:
                if (key := await self._say(taken, prompt)) is not None:
                    return await self._heard_key(taken, key)
            if fate == MAILBOX:
                return ""
            key = await self._deed(taken, gather.timeout_s)
            return await self._heard_key(taken, key) if key is not None else ""
        finally:
            taken.listens = False

    async def _heard_key(self, taken: Call, key: str) -> str:
        taken.heard.append(f"[{key}]")
        keeping_calls.note_key(self._state, taken, key)
        self._state.book.version += 1
        await self._state.journal.safe()  # a key that could be forgotten again must be told to nobody
        return key

    async def _say(self, taken: Call, said: Say | Pause) -> str | None:
        """Speak; returns the key that was pressed meanwhile where somebody listens for one."""
        for _ in range(said.times if isinstance(said, Say) else 1):
            if isinstance(said, Say):
                taken.heard.append(said.words)
                self._state.book.version += 1
            length_s = len(said.words) / _CHARACTERS_PER_S if isinstance(said, Say) else said.length_s
            deed = await self._deed(taken, length_s) if self._state.timing.calls else self._next(taken)
            if deed is not None and taken.listens:
                return deed
        return None

    async def _deed(self, waiting: Call, within_s: float) -> str | None:
        """What whoever holds the phone does next, or None when they do nothing in time. Where no time passes by itself it is
        waited for, and that does not count as outstanding."""
        if (deed := self._next(waiting)) is not None:
            return deed
        waiting.waiter = waiter = asyncio.get_running_loop().create_future()
        self._state.idle.leave()
        try:
            await asyncio.wait([waiter], timeout=within_s if self._state.timing.calls else None)
        finally:
            if not waiter.done():
                self._state.idle.enter()
            waiting.waiter = None
        return self._checked(waiting, waiter.result()) if waiter.done() else None

    def _next(self, waiting: Call) -> str | None:
        return self._checked(waiting, waiting.deeds.popleft()) if waiting.deeds else None

    @staticmethod
    def _checked(waiting: Call, deed: str) -> str:
        if deed == HANG_UP or waiting.is_over:
            raise _Over
        return deed

    def _give(self, to: Call, deed: str) -> None:
        if to.waiter is not None and not to.waiter.done():
            self._state.idle.enter()  # before this returns, so that waiting for rest sees it
            to.waiter.set_result(deed)
        else:
            to.deeds.append(deed)

    async def _wait_for_turn(self) -> None:
        if not self._state.timing.calls:
            return
        now = clock.monotonic_s()
        starts_s = max(now, self._free_at_s)
        self._free_at_s = starts_s + STARTS_EVERY_S
        await asyncio.sleep(starts_s - now)

    def _move(self, moved: Call, status: str) -> None:
        moved.move(status)
        keeping_calls.note_move(self._state, moved)
        self._state.book.version += 1
        self._reports.post(moved)

    def _failed(self, taken: Call, code: int, why: str) -> None:
        self._state.book.errors.append(HookError(code, f"call: {why}", taken.sid, clock.rfc3339(clock.now())))
