"""The simulated carrier inside a process that does something else: what the story tests hold in their hands."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, TypeVar

from core.settings import Settings
from sms.simulated.book import HookError
from sms.simulated.calls import Call
from sms.simulated.carrier import Carrier
from sms.simulated.faults import Faults
from sms.simulated.model import Account, Mode, Text, Timing

T = TypeVar("T")


class CarrierThread:
    """A carrier in a thread of its own. Every method may be called from any thread.

        with CarrierThread(settings) as carrier:
            settings = settings.model_copy(update={"simulated_carrier_url": carrier.base_url})
            ...
            carrier.wait_idle()
            assert [text.body for text in carrier.messages_to("+447700900001")] == ["A: CARDIAC ARREST ..."]
            carrier.text("+447700900001", "1")

    Texts handed out are copies; they do not change any more.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        inbound_url: str | None = None,
        timing: Timing | None = None,
        seed: int = 1,
        autopilot: Mode = Mode.OFF,
        port: int = 0,
        journal: Path | None = None,
    ) -> None:
        self.account = Account.of(settings, inbound_url)
        self._carrier = Carrier(self.account, timing=timing or Timing.instant(), seed=seed, mode=autopilot, journal=journal)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="simulated-carrier", daemon=True)
        self._port = port

    def start(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        self._port = self._wait(self._carrier.start(port=self._port))
        return self

    def stop(self) -> None:
        """Stop serving and end the thread."""
        if not self._thread.is_alive():
            return
        self._wait(self._carrier.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """Where it serves: the value for SIMULATED_CARRIER_URL."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def faults(self) -> Faults:
        """The dials; set them at any time, e.g. `carrier.faults.too_many.next = 2`."""
        return self._carrier.state.faults

    @property
    def errors(self) -> list[HookError]:
        """The webhook calls that went wrong."""
        return self._call(lambda: list(self._carrier.state.book.errors))

    def use_inbound_url(self, url: str) -> None:
        """Send the phones' texts to `url` from now on."""

        def change() -> None:
            self._carrier.state.account = replace(self._carrier.state.account, inbound_url=url)

        self._call(change)

    def messages_to(self, number: str) -> list[Text]:
        """Every text the carrier accepted for that phone, oldest first, whatever became of it."""
        return [text for text in self.messages() if text.outgoing and text.to == number]

    def messages_from(self, number: str) -> list[Text]:
        """Every text that phone has sent, oldest first."""
        return [text for text in self.messages() if not text.outgoing and text.sender == number]

    def messages(self) -> list[Text]:
        """The whole log, oldest first."""
        return self._call(lambda: [_copy(text) for text in self._carrier.state.book.newest_first()][::-1])

    def text(self, from_number: str, body: str, to: str | None = None) -> Text:
        """That phone texts `body` to us; the webhook is called in the background (`wait_idle` waits for it)."""
        return self._call(lambda: _copy(self._carrier.inbound.receive(from_number, body, to)))

    def calls_to(self, number: str) -> list[Call]:
        """Every call the carrier accepted for that phone, oldest first, whatever became of it."""
        return self._call(lambda: [_copy_of(one) for one in self._carrier.exchange.newest_first() if one.to == number][::-1])

    def on_phone(self, number: str, deed: str) -> None:
        """Whoever holds that phone does something with its call: `answer`, `decline`, `ring_out`, `hang_up` or a key."""
        self._call(lambda: self._carrier.exchange.act(number, deed))

    def opted_out(self) -> set[str]:
        """The phones that have blocked one of our numbers."""
        return self._call(self._carrier.state.opt_outs.blocked_phones)

    def hold_queue(self) -> None:
        """Keep outgoing texts in the carrier's queue until `release_queue`; what is held is not outstanding."""
        self._call(self._carrier.state.queue_gate.close)

    def release_queue(self) -> None:
        """Let the held texts go on."""
        self._call(self._carrier.state.queue_gate.open)

    def hold_callbacks(self) -> None:
        """Keep status callbacks back until `release_callbacks`; what is held is not outstanding."""
        self._call(self._carrier.state.callback_gate.close)

    def release_callbacks(self) -> None:
        """Send the held callbacks."""
        self._call(self._carrier.state.callback_gate.open)

    def set_autopilot(self, mode: Mode) -> None:
        """Switch the simulated volunteers."""
        self._call(lambda: self._carrier.autopilot.set_mode(mode))

    def wait_idle(self, timeout_s: float = 5.0) -> None:
        """Return when no request, no status life, no callback and no delivery to the webhook is under way; raises
        TimeoutError after `timeout_s`. Plans of the autopilot, requests that hang by a fault and held work do not count."""
        self._wait(asyncio.wait_for(self._carrier.state.idle.wait(), timeout_s))

    def _call(self, function: Callable[[], T]) -> T:
        async def run() -> T:
            return function()

        return self._wait(run())

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)


def _copy(text: Text) -> Text:
    copy = replace(text)
    copy.statuses = list(text.statuses)
    return copy


def _copy_of(call: Call) -> Call:
    return replace(call, statuses=list(call.statuses), heard=list(call.heard), deeds=deque(), waiter=None)
