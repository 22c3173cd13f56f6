"""Demo volunteers whose phone rings: some pick up, listen, and press a key."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from sms.simulated.autopilot import Autopilot
from sms.simulated.calls import IN_PROGRESS, Call
from sms.simulated.faults import seeded
from sms.simulated.model import Mode
from sms.simulated.state import State
from sms.simulated.temper import HEADLESS, HUMAN, Spread, Temper

ANSWER, HANG_UP = "answer", "hang_up"
_SILENCE_S = 0.2
_DIGIT = re.compile(r"(?<!\w)([0-4])(?!\w)")


@dataclass(frozen=True)
class OnThePhone:
    """The share of those rung who pick up, after how many seconds of ringing, and how long they listen before they press a
    key (the words take about six seconds). Our judgement: whoever agreed to be rung mostly takes it, unless they are in a
    meeting or without the phone."""

    share: float
    after_s: Spread
    listens_s: Spread


_HUMAN = OnThePhone(0.6, Spread(9, 0.4, 3, 25), Spread(7, 0.3, 3, 20))
_HEADLESS = OnThePhone(0.9, Spread(0.6, 0.3, 0.2, 2), Spread(0.6, 0.3, 0.2, 2))


class CallPlayer:
    """Plays the phones that ring and that nobody plays by hand. `act` does something with a phone's call."""

    def __init__(self, state: State, autopilot: Autopilot, act: Callable[[str, str], Call]) -> None:
        self._state = state
        self._autopilot = autopilot
        self._act = act
        self._times: dict[str, int] = {}

    def rings(self, call: Call) -> None:
        """A phone begins to ring."""
        if not self._autopilot.plays(call.to):
            return
        times = self._times[call.to] = self._times.get(call.to, 0) + 1
        dice = seeded(self._state.seed, call.to, "call", times)
        manner = _HEADLESS if self._autopilot.mode is Mode.HEADLESS else _HUMAN
        if dice.random() < manner.share:
            self._state.idle.spawn(self._take(call, manner, dice), counted=False)

    async def _take(self, call: Call, manner: OnThePhone, dice: Random) -> None:
        await asyncio.sleep(manner.after_s.draw(dice))
        with suppress(ValueError):  # it stopped ringing, or a person has taken it
            self._act(call.to, ANSWER)
            await asyncio.sleep(manner.listens_s.draw(dice))
            while call.status == IN_PROGRESS and not call.heard:
                await asyncio.sleep(_SILENCE_S)  # nobody presses anything, or hangs up, before a word was said
            if call.status == IN_PROGRESS and self._autopilot.plays(call.to):
                temper = HEADLESS if self._autopilot.mode is Mode.HEADLESS else HUMAN
                self._act(call.to, what_to_press(call.heard, temper, dice))


def what_to_press(heard: list[str], temper: Temper, dice: Random) -> str:
    """The key for what was said: 4 for those who must get away, 1 for those who have said that they go (they are offered a 0
    too), else what they make of being asked. HANG_UP when no key is offered."""
    offered = set(_DIGIT.findall(" ".join(heard)))
    if "1" not in offered:
        return "4" if "4" in offered else HANG_UP
    going = "0" in offered or dice.random() < temper.going / (temper.going + temper.declining)
    return "1" if going else "2"
