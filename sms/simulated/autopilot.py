"""Volunteers that answer by themselves: demo people only, only to texts that ask, never on a phone a person has used."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from random import Random

from core import clock, log
from sms.simulated.book import Phone
from sms.simulated.faults import seeded
from sms.simulated.model import Mode, Text
from sms.simulated.reading import Says, read
from sms.simulated.state import State
from sms.simulated.temper import HEADLESS, HUMAN, Decision, Intent, Temper, when_asked, when_on_the_way

_DEMO_NUMBER = re.compile(r"\+447700900\d{3}")
_ASKED_FOR, _LASTS_FOR = timedelta(minutes=10), timedelta(hours=3)
"""How long a volunteer keeps in mind that an answer is wanted, and that an incident goes on."""
_log = log.get("autopilot")


class Stage(Enum):
    """How far one volunteer is with one incident."""

    ASKED = "asked"
    GOING = "going"
    THERE = "there"


@dataclass(eq=False)
class Affair:
    """One incident as one volunteer knows it."""

    letter: str
    dice: Random
    since: datetime
    stage: Stage = Stage.ASKED
    decision: Decision | None = None
    plan: asyncio.Task[None] | None = None

    def drop_plan(self) -> None:
        """Forget what was going to be texted."""
        if self.plan is not None and self.plan is not asyncio.current_task():
            self.plan.cancel()
        self.plan = self.decision = None

    @property
    def planning(self) -> bool:
        """Whether a text is still going to be sent."""
        return self.plan is not None and not self.plan.done()


class Autopilot:
    """Plays every demo volunteer that nobody plays by hand."""

    def __init__(self, state: State, text: Callable[[str, str], Text], mode: Mode = Mode.OFF) -> None:
        self._state = state
        self._text = text
        self._mode = mode
        self._affairs: dict[str, dict[str, Affair]] = {}
        self._times_asked: dict[str, int] = {}

    @property
    def mode(self) -> Mode:
        """How it flies now."""
        return self._mode

    def plays(self, number: str) -> bool:
        """Whether this phone is a demo person's that nobody plays by hand."""
        is_demo = self._mode is not Mode.OFF and _DEMO_NUMBER.fullmatch(number) is not None
        return is_demo and not self._state.book.phone(number).by_person

    def set_mode(self, mode: Mode) -> None:
        """Switch it; what was planned under the old mode is dropped."""
        for number in list(self._affairs):
            self.leave(number)
        self._mode = mode
        self._state.book.version += 1
        _log.info("autopilot set", mode=mode.value)

    def leave(self, number: str) -> None:
        """Leave this phone to the person who has taken it."""
        for affair in self._affairs.pop(number, {}).values():
            affair.drop_plan()

    def recall(self, phone: Phone) -> None:
        """Go on with a phone of which a carrier before this one has kept the conversation: the same dice come to the same
        decisions, and whatever was not texted yet is texted after its time has run anew."""
        for text in sorted(phone.conversation(), key=lambda text: text.updated_at):
            if text.outgoing:
                self.heard(text)
            else:
                self._recall_answer(text)
        self._live(phone.number)

    def heard(self, text: Text) -> None:
        """A text has arrived on a phone."""
        number = text.to
        if not self.plays(number):
            return
        if (reading := read(text.body)) is None:
            return
        affairs = self._live(number)
        if reading.says is Says.COME:
            if reading.letter in affairs:
                affairs[reading.letter].drop_plan()
            affairs[reading.letter] = self._new_affair(number, reading.letter, text.updated_at)
        if (affair := affairs.get(reading.letter)) is not None:
            self._react(number, affair, reading.says)

    def _react(self, number: str, affair: Affair, says: Says) -> None:
        temper = self._temper
        if says is Says.COME:
            self._plan(number, affair, when_asked(temper, affair.dice))
        elif says is Says.AGAIN and not affair.planning:
            self._plan(number, affair, Decision(Intent.GO, "1", temper.answer.draw(affair.dice) / 2))
        elif says is Says.ADDRESS and affair.stage is not Stage.THERE and not affair.planning:
            affair.stage = Stage.GOING
            self._plan(number, affair, when_on_the_way(temper, affair.dice))
        elif says is Says.THERE_YET and not affair.planning:
            self._plan(number, affair, Decision(Intent.GO, "3", temper.answer.draw(affair.dice)))
        elif says is Says.TELL_WHEN_LEFT:
            affair.drop_plan()
            affair.stage = Stage.THERE
            self._plan(number, affair, Decision(Intent.GO, "4", temper.answer.draw(affair.dice)))
        elif says is Says.OVER:
            self._end(number, affair)

    def _plan(self, number: str, affair: Affair, decision: Decision) -> None:
        affair.drop_plan()
        if decision.intent is not Intent.SILENT:
            # Not counted as outstanding: a plan for in four minutes is nothing that anybody waits for.
            affair.decision = decision
            affair.plan = self._state.idle.spawn(self._carry_out(number, affair, decision), counted=False)

    async def _carry_out(self, number: str, affair: Affair, decision: Decision) -> None:
        await asyncio.sleep(decision.after_s)
        several = len(self._live(number)) > 1
        self._text(number, _with_letter(affair, decision) if several else decision.words)
        self._has_texted(number, affair, decision)

    def _recall_answer(self, text: Text) -> None:
        for affair in list(self._affairs.get(text.sender, {}).values()):
            decision = affair.decision
            if decision is not None and text.body in {decision.words, _with_letter(affair, decision)}:
                affair.drop_plan()
                self._has_texted(text.sender, affair, decision)
                return

    def _has_texted(self, number: str, affair: Affair, decision: Decision) -> None:
        """What follows from a text that was sent."""
        affair.plan = affair.decision = None
        if decision.intent is Intent.DECLINE or decision.words == "4":
            self._end(number, affair)
        elif decision.words == "3":
            affair.stage = Stage.THERE
            self._plan(number, affair, Decision(Intent.GO, "4", self._temper.stay.draw(affair.dice)))
        elif decision.intent is Intent.GO and affair.stage is Stage.ASKED:
            affair.stage = Stage.GOING

    def _end(self, number: str, affair: Affair) -> None:
        affair.drop_plan()
        if self._affairs.get(number, {}).get(affair.letter) is affair:
            del self._affairs[number][affair.letter]

    def _new_affair(self, number: str, letter: str, since: datetime) -> Affair:
        """Each asking of each phone has dice of its own, so that a run repeats whatever order the texts arrive in."""
        times = self._times_asked.get(number, 0)
        self._times_asked[number] = times + 1
        return Affair(letter, seeded(self._state.seed, number, times), since)

    def _live(self, number: str) -> dict[str, Affair]:
        affairs = self._affairs.setdefault(number, {})
        for affair in list(affairs.values()):
            lasts = _ASKED_FOR if affair.stage is Stage.ASKED else _LASTS_FOR
            if clock.now() - affair.since > lasts:
                self._end(number, affair)
        return affairs

    @property
    def _temper(self) -> Temper:
        return HEADLESS if self._mode is Mode.HEADLESS else HUMAN


def _with_letter(affair: Affair, decision: Decision) -> str:
    words = decision.words
    return affair.letter + (words if words[0].isdigit() else "1" if decision.intent is Intent.GO else "2")
