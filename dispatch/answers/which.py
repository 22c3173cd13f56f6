"""Which callout a text is about: a pure decision over a person's recent callouts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from dispatch import states
from dispatch.answers.grammar import Meaning

MOVES_OF = {
    Meaning.GOING: ("accept",),
    Meaning.SETTING_OFF: ("accept", "finish"),
    Meaning.CANNOT: ("decline",),
    Meaning.ON_SCENE: ("arrive",),
    Meaning.FINISHED: ("finish",),
    Meaning.LEAVING: ("finish",),
}
"""The moves that a meaning may ask for; every other text belongs to whichever callout is the liveliest."""


OF_ONESELF = (Meaning.FINE, Meaning.SO_SO, Meaning.CALL_ME)
"""How one is, and the wish for a call: from someone on no callout they are about that person, whatever came before."""


class Called(Protocol):
    """What the decision reads of a callout."""

    @property
    def letter(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def is_open(self) -> bool: ...
    @property
    def unsafe_since(self) -> datetime | None: ...


C = TypeVar("C", bound=Called)


@dataclass(frozen=True)
class About(Generic[C]):
    """The callout a text is about; or several among which we must ask once; or neither."""

    callout: C | None = None
    ask_among: tuple[C, ...] = ()


def about(meaning: Meaning, letter: str | None, recent: Sequence[C], unread: Collection[C] = ()) -> About[C]:
    """Find the callout that a text with `meaning` and `letter` is about among a person's `recent` ones, newest first; of those
    in `unread` they cannot know yet.

    With a letter it is the one with that letter. Without, it is one that they can have read of, and live callouts alone count
    as long as there are any: a bare digit that is a legal move for only one of them belongs to that one, for several we ask.
    Only when nothing is live does a late answer look further back: first where the person still stands, then among open
    incidents, and there the newest wins.
    """
    named = next((callout for callout in recent if callout.letter == letter), None)
    if named is not None:
        return About(named)
    recent = [callout for callout in recent if callout not in unread] or recent
    live = [callout for callout in recent if _is_live(callout) or _frees_from_danger(meaning, callout)]
    if live:
        return _among_live(meaning, live)
    # Stable: newest first within each part. Closed or not, whoever is on scene is there: a 0 of theirs says where to send help.
    late = sorted(recent, key=lambda callout: (callout.state not in states.BOUND, not callout.is_open))
    fitting = [callout for callout in late if _is_legal(meaning, callout)]
    return About(next(iter(fitting or late), None))


def _among_live(meaning: Meaning, live: Sequence[C]) -> About[C]:
    fitting = [callout for callout in live if _is_legal(meaning, callout)] if meaning in MOVES_OF else []
    if len(fitting) == 1 or len(live) == 1:
        return About((fitting or list(live))[0])
    if fitting:
        return About(ask_among=tuple(fitting))
    # Words, or a digit that is no move for any of them: the one they are bound by, else the newest.
    bound = [callout for callout in live if callout.state in states.BOUND]
    return About((bound or list(live))[0])


def _is_legal(meaning: Meaning, callout: Called) -> bool:
    moves = MOVES_OF.get(meaning)
    if moves is None or _frees_from_danger(meaning, callout):
        return True
    return any(callout.state in states.MOVES[move].before for move in moves)


def _is_live(callout: Called) -> bool:
    return callout.is_open and callout.state in states.LIVE


def _frees_from_danger(meaning: Meaning, callout: Called) -> bool:
    """Whether this is the 4 of someone who was told to get away: it clears the red, whatever became of the callout."""
    return meaning is Meaning.FINISHED and callout.unsafe_since is not None


def is_of_oneself(meaning: Meaning, found: About[C]) -> bool:
    """Whether this tells how its sender is, and nothing of the callout that it was `found` to be about: one that has ended with
    its emergency. Words about an emergency are for dispatchers, these for those who look after people."""
    callout = found.callout
    if callout is None or meaning not in OF_ONESELF:
        return False
    return not (callout.is_open or callout.state in states.LIVE or callout.unsafe_since is not None)


def is_astray(meaning: Meaning, letter: str | None, recent: Sequence[C]) -> bool:
    """Whether a text names a letter that none of the person's emergencies has: then it must not be taken for another one's.
    What is about the person, and above all a call for help, counts under any letter."""
    needs_its_callout = meaning in MOVES_OF or meaning is Meaning.WHERE
    return needs_its_callout and letter is not None and all(callout.letter != letter for callout in recent)
