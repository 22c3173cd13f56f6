"""Which callout a text is about: a table of phones and texts, and what holds for any phone at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch import states
from dispatch.answers.grammar import Meaning
from dispatch.answers.which import MOVES_OF, about, is_astray

IN_DANGER = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Fake:
    """One callout as the decision reads it."""

    letter: str
    state: str
    is_open: bool = True
    unsafe_since: datetime | None = None
    unread: bool = False


def phone(written: str) -> list[Fake]:
    """ "B alerted, A on_scene closed": callouts, newest first; "red" is somebody told to get away; the text of an
    "unread" one has not left."""
    callouts = []
    for one in written.split(", ") if written else []:
        letter, state, *marks = one.split()
        danger = IN_DANGER if "red" in marks else None
        callouts.append(Fake(letter, state, "closed" not in marks, danger, "unread" in marks))
    return callouts


TABLE = [
    # The one live callout has it, whatever is said.
    ("A alerted", Meaning.GOING, None, "A"),
    ("A alerted", Meaning.ON_SCENE, None, "A"),
    ("A queued", Meaning.CANNOT, None, "A"),
    ("B alerted, A declined", Meaning.GOING, None, "B"),
    ("B declined, A alerted", Meaning.GOING, None, "A"),
    ("B alerted, A on_scene closed", Meaning.UNCLEAR, None, "B"),
    # A letter names it, live or not.
    ("B alerted, A declined", Meaning.GOING, "A", "A"),
    ("B alerted, A alerted", Meaning.GOING, "A", "A"),
    ("B alerted, A stood_down closed", Meaning.RING_ME, "A", "A"),
    # Two live: a digit that only one can mean is that one's, else we ask.
    ("B alerted, A alerted", Meaning.GOING, None, "?AB"),
    ("B alerted, A unclear", Meaning.CANNOT, None, "?AB"),
    ("B alerted, A accepted", Meaning.GOING, None, "B"),
    ("B alerted, A accepted", Meaning.CANNOT, None, "?AB"),
    ("B alerted, A accepted", Meaning.ON_SCENE, None, "A"),
    ("B alerted, A on_scene", Meaning.FINISHED, None, "A"),
    ("B alerted, A on_scene", Meaning.LEAVING, None, "A"),
    ("B alerted, A on_scene", Meaning.SETTING_OFF, None, "?AB"),
    ("C alerted, B alerted, A accepted", Meaning.GOING, None, "?BC"),
    ("B alerted, A alerted", Meaning.ON_SCENE, None, "B"),
    # Words and calls for help belong where they stand, else to the newest.
    ("B alerted, A accepted", Meaning.RING_ME, None, "A"),
    ("B alerted, A on_scene", Meaning.HELP, None, "A"),
    ("B alerted, A accepted", Meaning.WHERE, None, "A"),
    ("B alerted, A alerted", Meaning.UNCLEAR, None, "B"),
    ("B alerted, A alerted", Meaning.STOP_WORD, None, "B"),
    # Nothing live: late answers look back, first where they stand, then among open ones, and the newest wins.
    ("B expired, A expired", Meaning.GOING, None, "B"),
    ("B stood_down closed, A expired", Meaning.GOING, None, "A"),
    ("B finished, A declined", Meaning.GOING, None, "A"),
    ("B stood_down, A on_scene closed", Meaning.FINISHED, None, "A"),
    ("B stood_down, A on_scene closed", Meaning.RING_ME, None, "A"),
    ("B stood_down, A on_scene closed", Meaning.HELP, None, "A"),
    ("B stood_down, A on_scene closed", Meaning.SETTING_OFF, None, "A"),
    ("B stood_down, A on_scene closed", Meaning.GOING, None, "B"),
    ("B finished, A finished", Meaning.FINISHED, None, "B"),
    # Whoever was told to get away and says that they are.
    ("B alerted, A stood_down red", Meaning.FINISHED, None, "A"),
    ("B alerted, A stood_down red closed", Meaning.FINISHED, None, "A"),
    ("B stood_down, A stood_down red closed", Meaning.FINISHED, None, "A"),
    ("B accepted, A stood_down red", Meaning.FINISHED, None, "?AB"),
    ("B alerted, A stood_down red", Meaning.GOING, None, "B"),
    ("B alerted, A stood_down red", Meaning.LEAVING, None, "B"),
    # Nobody answers what they cannot have read, unless they say so, or there is nothing else.
    ("B queued unread, A expired", Meaning.GOING, None, "A"),
    ("B queued unread, A alerted closed", Meaning.GOING, None, "A"),
    ("B queued unread, A stood_down closed", Meaning.RING_ME, None, "A"),
    ("B queued unread, A alerted", Meaning.GOING, None, "A"),
    ("C queued unread, B alerted, A alerted", Meaning.GOING, None, "?AB"),
    ("B queued unread, A alerted closed", Meaning.GOING, "B", "B"),
    ("B queued, A alerted closed", Meaning.GOING, None, "B"),
    ("A queued unread", Meaning.GOING, None, "A"),
    # On no callout.
    ("", Meaning.GOING, None, None),
    ("", Meaning.RING_ME, "A", None),
]


@pytest.mark.parametrize(("written", "meaning", "letter", "expected"), TABLE)
def test_the_callout_that_a_text_is_about(written: str, meaning: Meaning, letter: str | None, expected: str | None) -> None:
    recent = phone(written)
    found = about(meaning, letter, recent, [callout for callout in recent if callout.unread])
    if expected is not None and expected[0] == "?":
        assert found.callout is None
        assert sorted(callout.letter for callout in found.ask_among) == list(expected[1:])
    else:
        assert found.ask_among == ()
        assert (found.callout.letter if found.callout else None) == expected


@pytest.mark.parametrize(
    ("meaning", "letter", "written", "astray"),
    [
        (Meaning.GOING, "C", "A alerted", True),
        (Meaning.GOING, "A", "B alerted, A declined", False),
        (Meaning.GOING, None, "A alerted", False),
        (Meaning.WHERE, "C", "A accepted", True),
        (Meaning.FINISHED, "C", "", True),
        (Meaning.RING_ME, "C", "A accepted", False),
        (Meaning.HELP, "C", "A accepted", False),
        (Meaning.STOP_WORD, "C", "A accepted", False),
        (Meaning.OFF, "A", "", False),
    ],
)
def test_a_letter_that_is_nobodys_makes_an_answer_unsure_and_no_cry_for_help(
    meaning: Meaning, letter: str | None, written: str, astray: bool
) -> None:
    assert is_astray(meaning, letter, phone(written)) is astray


PHONES = st.lists(
    st.builds(
        Fake,
        st.sampled_from("ABCDEFG"),
        st.sampled_from(states.STATES),
        st.booleans(),
        st.sampled_from([None, None, IN_DANGER]),
        st.booleans(),
    ),
    max_size=5,
    unique_by=lambda callout: callout.letter,
)


@given(st.sampled_from(Meaning), st.none() | st.sampled_from("ABCDEFG"), PHONES)
def test_one_callout_or_a_question_or_nothing(meaning: Meaning, letter: str | None, recent: list[Fake]) -> None:
    """Never both, never somebody else's, never a question with one answer, and never nothing while there is something."""
    found = about(meaning, letter, recent, [callout for callout in recent if callout.unread])
    assert found.callout is None or found.callout in recent
    assert set(found.ask_among) <= set(recent)
    assert (found.callout is not None) + bool(found.ask_among) == bool(recent)
    assert len(found.ask_among) != 1
    if letter in {callout.letter for callout in recent}:
        assert found.callout is not None
        assert found.callout.letter == letter


@given(st.sampled_from(Meaning), PHONES)
def test_we_ask_only_about_live_ones_and_only_for_digits(meaning: Meaning, recent: list[Fake]) -> None:
    for callout in about(meaning, None, recent).ask_among:
        assert meaning in MOVES_OF
        assert (callout.is_open and callout.state in states.LIVE) or callout.unsafe_since


@given(st.sampled_from([Meaning.HELP, Meaning.RING_ME, Meaning.UNCLEAR]), PHONES)
def test_help_is_sent_to_where_they_are(meaning: Meaning, recent: list[Fake]) -> None:
    live = [callout for callout in recent if callout.is_open and callout.state in states.LIVE]
    standing = [callout for callout in live or recent if callout.state in states.BOUND]
    if standing:
        assert about(meaning, None, recent).callout in standing
