"""The letter that begins every text of a callout: never one that the phone has had within a day, and answerable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.answers.grammar import Meaning, parse
from dispatch.letters import LETTERS, choose

USED = st.lists(st.sampled_from(LETTERS), max_size=60)


@pytest.mark.parametrize(
    ("used", "letter"),
    [("", "A"), ("A", "B"), ("AB", "C"), ("B", "A"), ("ACB", "D"), ("HGFEDCBA", "J"), (LETTERS, "A"), ("ZYX", "A")],
)
def test_the_first_free_letter(used: str, letter: str) -> None:
    assert choose(used) == letter


@given(USED)
def test_never_one_that_was_used_while_any_is_free(used: list[str]) -> None:
    assert choose(used) not in used or set(used) == set(LETTERS)


@given(st.permutations(LETTERS), USED)
def test_when_all_are_used_the_one_used_longest_ago(before: list[str], since: list[str]) -> None:
    """Letters used again since do not count as old: of two live emergencies no two have the same."""
    still_old = [letter for letter in before if letter not in since]
    chosen = choose([*before, *since])
    if still_old:
        assert chosen == still_old[0]


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize(
    ("digit", "meaning"),
    [
        ("1", Meaning.GOING),
        ("2", Meaning.CANNOT),
        ("3", Meaning.ON_SCENE),
        ("4", Meaning.FINISHED),
        ("0", Meaning.RING_ME),
    ],
)
def test_every_letter_can_be_answered_with_every_digit(letter: str, digit: str, meaning: Meaning) -> None:
    for body in (f"{letter}{digit}", f"{letter.lower()} {digit}", f"{letter}: {digit}"):
        answer = parse(body)
        assert (body, answer.meaning, answer.letter) == (body, meaning, letter)
