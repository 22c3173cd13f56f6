"""Which states a callout may be in, given what its phone said: the rules of `dispatch.states` played over the carrier's record.

What we do of our own accord (let somebody go, end the asking, reach the end of a text's life) may come between any two answers,
so there are several such states; an answer that was lost, or heard twice, leads out of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dispatch.answers.grammar import Meaning, parse
from dispatch.states import MOVES, QUEUED

OURS = ("taken", "fail", "expire", "stand_down")
ANSWERS: dict[Meaning, tuple[str, ...]] = {
    Meaning.GOING: ("accept", "accept_too_late"),
    Meaning.CANNOT: ("decline",),
    Meaning.ON_SCENE: ("arrive",),
    Meaning.FINISHED: ("finish",),
    Meaning.UNCLEAR: ("not_understood",),
}


def possible(answers: Iterable[str], *, asked_again: bool = False, doubted: bool = False) -> frozenset[str]:
    """The states that a callout can be in after its phone texted `answers`, in this order. `doubted`: for a while nobody knew
    whether its first text had left."""
    ours = (*OURS, *(["ask_again"] if asked_again else []), *(["taken_late"] if doubted else []))
    states = _after_ours({QUEUED}, ours)
    for body in answers:
        heard = {after for before in states for after in _after(before, parse(body).meaning)}
        states = _after_ours(heard, ours)
    return frozenset(states)


def _after(state: str, meaning: Meaning) -> set[str]:
    """An answer always moves a callout that it can move; where it cannot, the callout stays as it is."""
    moves = [MOVES[name] for name in ANSWERS.get(meaning, ())]
    return {move.after for move in moves if state in move.before} or {state}


def _after_ours(states: set[str], names: Sequence[str]) -> set[str]:
    while True:
        more = {MOVES[name].after for name in names for state in states if state in MOVES[name].before} - states
        if not more:
            return states
        states = states | more
