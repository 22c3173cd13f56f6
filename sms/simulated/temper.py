"""How simulated volunteers behave: numbers and pure decisions, no clock and no wire."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from random import Random


@dataclass(frozen=True)
class Spread:
    """A lognormal duration in seconds, cut off at both ends."""

    median_s: float
    sigma: float
    least_s: float
    most_s: float

    def draw(self, dice: Random) -> float:
        """One duration."""
        return min(max(self.median_s * math.exp(dice.gauss(0, self.sigma)), self.least_s), self.most_s)


@dataclass(frozen=True)
class Temper:
    """Shares of those asked (`going`, `declining`; the rest never answer), of those going (`arriving`, `dropping_out`;
    the rest go silent), and of answers (`wordy`, `baffling`)."""

    going: float
    declining: float
    arriving: float
    dropping_out: float
    wordy: float
    baffling: float
    answer: Spread
    way: Spread
    stay: Spread


HUMAN = Temper(
    # Funnel seen 75.6 -> accepted 37.7 -> on scene 27.1 % (Haskins 2022); 36 % accepting is also the Danish figure. How
    # the rest of those who saw it divide into a "no" and silence is not published: our judgement.
    going=0.36,
    declining=0.25,
    arriving=27.1 / 37.7,
    dropping_out=0.14,
    # Our judgement, meant to exercise whoever reads the answers.
    wordy=0.15,
    baffling=0.03,
    # Median 40 s, 10-90 % 23-75 s: ln(75 / 23) / (2 * 1.2816) = 0.46.
    answer=Spread(40, 0.46, 8, 240),
    # Median 6.2 min for a median 956 m (Jonsson 2020); those asked here live nearer. The stay is our judgement.
    way=Spread(240, 0.45, 60, 1200),
    stay=Spread(900, 0.5, 180, 3600),
)
HEADLESS = Temper(
    # For a demonstration that nobody watches: quick, and willing enough that three of the first seven come.
    going=0.8,
    declining=0.12,
    arriving=1.0,
    dropping_out=0.0,
    wordy=0.15,
    baffling=0.0,
    answer=Spread(1.5, 0.5, 0.4, 3.9),
    way=Spread(2.0, 0.4, 0.8, 3.9),
    # They stay until they are told that the ambulance is there, or the demonstration is over.
    stay=Spread(60, 0.3, 30, 120),
)

GOING_WORDS = ("on my way", "joo tulen", "jag kommer", "1 4 bike", "1 3", "Yes, going now!", "1 6 car")
DECLINING_WORDS = ("can't", "nej", "en pääse", "sorry, cannot")
BAFFLING_WORDS = ("who is this?", "ok", "👍", "yes in 2 hours")


class Intent(Enum):
    """What a volunteer makes of being asked."""

    GO = "go"
    DECLINE = "decline"
    BAFFLE = "baffle"
    SILENT = "silent"


@dataclass(frozen=True)
class Decision:
    """An intent, the words for it, and after how many seconds they are sent."""

    intent: Intent
    words: str = ""
    after_s: float = 0.0


def when_asked(temper: Temper, dice: Random) -> Decision:
    """What a volunteer does with a first text."""
    fate, wordy = dice.random(), dice.random()
    after_s = temper.answer.draw(dice)
    if fate >= temper.going + temper.declining:
        return Decision(Intent.SILENT)
    going = fate < temper.going
    if wordy < temper.baffling:
        return Decision(Intent.BAFFLE, dice.choice(BAFFLING_WORDS), after_s)
    digit, phrases = ("1", GOING_WORDS) if going else ("2", DECLINING_WORDS)
    words = dice.choice(phrases) if wordy < temper.baffling + temper.wordy else digit
    return Decision(Intent.GO if going else Intent.DECLINE, words, after_s)


def when_on_the_way(temper: Temper, dice: Random) -> Decision:
    """What becomes of a volunteer who has the address."""
    fate, way_s = dice.random(), temper.way.draw(dice)
    if fate < temper.arriving:
        return Decision(Intent.GO, "3", way_s)
    if fate < temper.arriving + temper.dropping_out:
        return Decision(Intent.DECLINE, "2", way_s / 2)
    return Decision(Intent.SILENT)
