"""Sentences with gaps, said again in another language."""

from __future__ import annotations

import pytest

from core import words
from core.words import fill, translated

SWEDISH = {
    "This volunteer cannot be asked: {why}": "Den frivilliga kan inte tillfrågas: {why}",
    "has said OFF": "har sagt OFF",
    "{most} people": "{most} personer",
}


@pytest.fixture
def swedish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "gettext", lambda sentence: SWEDISH.get(sentence, sentence))


def test_a_filled_sentence_is_a_text_like_any_other() -> None:
    assert fill("{most} people", most=60) == "60 people"
    assert translated(fill("{most} people", most=60)) == "60 people"


@pytest.mark.usefixtures("swedish")
def test_it_is_filled_again_in_the_readers_language_with_its_sentences_translated_too() -> None:
    assert translated(fill("{most} people", most=60)) == "60 personer"
    asked = fill("This volunteer cannot be asked: {why}", why=fill("has said OFF"))
    assert translated(asked) == "Den frivilliga kan inte tillfrågas: har sagt OFF"


@pytest.mark.usefixtures("swedish")
@pytest.mark.parametrize("typed", ["has said OFF", "{most}", "100 %", ""])
def test_what_somebody_typed_is_neither_translated_nor_filled(typed: str) -> None:
    assert (
        translated(fill("This volunteer cannot be asked: {why}", why=typed)) == f"Den frivilliga kan inte tillfrågas: {typed}"
    )


def test_nothing_is_nothing_and_not_the_catalogues_own_head() -> None:
    assert translated("") == ""
