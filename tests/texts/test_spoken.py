"""The words of calls: whole in every language, spelled for ears, and no more told than the texts tell."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dispatch.plans import SHIPPED
from dispatch.texts import catalog, spoken, words
from dispatch.texts.placeholders import PLACEHOLDERS
from dispatch.texts.templates import parse

SETTINGS_OF_SPEECH = {"drill", "metres", "kilometres", "point", "coordinates"}
KEYS = [key for key in words.language("en").spoken if key not in SETTINGS_OF_SPEECH]
FACTS: dict[str, Any] = {name: placeholder.longest for name, placeholder in PLACEHOLDERS.items()}
FACTS |= {"organisation": "Doorstep", "directions": "Go there.", "role": "direct", "type": "cardiac_arrest"}


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_each_language_says_the_same_with_the_same_facts(code: str) -> None:
    english, other = words.language("en").spoken, words.language(code).spoken
    assert list(other) == list(english)
    for key in KEYS:
        assert (parse(other[key]).names, parse(other[key]).needed) == (parse(english[key]).names, parse(english[key]).needed), (
            key
        )


@pytest.mark.parametrize("code", words.LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_everything_can_be_said_and_a_drill_says_so_first(key: str, code: str) -> None:
    plain = spoken.render(key, code, **FACTS)
    assert not {"{", "}", "[", "]"} & set(plain)
    assert spoken.render(key, code, drill=True, **FACTS) == f"{words.language(code).spoken['drill']} {plain}"


@pytest.mark.parametrize("code", words.LANGUAGES)
@pytest.mark.parametrize("key", sorted({plan.first_text for plan, _ in SHIPPED}))
def test_nothing_is_asked_with_that_the_first_text_would_not_say(key: str, code: str) -> None:
    written = parse(words.language(code).texts[key]).names
    assert parse(words.language(code).spoken[key]).names - {"organisation"} <= written | {"type"}
    assert set(re.findall(r"\b\d\b", words.language(code).spoken[key])) == {"1", "2"}


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_keys_mean_what_the_digits_of_texts_mean(code: str) -> None:
    said = words.language(code).spoken
    offered = {key: set(re.findall(r"\b\d\b", said[key])) for key in KEYS}
    assert offered["ADDRESS_CALL"] == offered["MOVED_CALL"] == {"0", "1", "2"}
    assert offered["T5"] == {"4"}
    assert {key for key, digits in offered.items() if digits} == {
        "T1",
        "T1_fire",
        "T1_guide",
        "T1_aed",
        "ADDRESS_CALL",
        "MOVED_CALL",
        "T5",
        "TROUBLE",
    }


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_no_word_of_ours_and_no_capitals_that_a_voice_would_spell(code: str) -> None:
    for key in KEYS:
        said = spoken.render(key, code, **FACTS)
        assert not re.search(r"(?i)\b(call-?outs?|waves?|plans?|stand-?down|incidents?|responders?)\b", said), key
        assert not re.search(r"\b[A-ZÅÄÖ]{3,}\b", said), key
        assert not set(re.findall(r"\b[A-Z]+\b", said)) & catalog.CARRIER_WORDS, key


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Mannerheimintie 5 B 12", "Mannerheimintie 5, B, 12"),
        ("Mannerheimintie 5B12", "Mannerheimintie 5, B, 12"),
        ("Bulevardi 12 as 4", "Bulevardi 12, as 4"),
        ("3. linja 15", "3. linja 15"),
        ("Aleksanterinkatu 52, Helsinki", "Aleksanterinkatu 52, Helsinki"),
        ("Storgatan 7, 00100 Helsingfors", "Storgatan 7, 0, 0, 1, 0, 0 Helsingfors"),
        ("Boulevard du Jardin Exotique 56Bis", "Boulevard du Jardin Exotique 56, Bis"),
    ],
)
def test_an_address_is_spelled_for_ears(written: str, said: str) -> None:
    assert spoken.address(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("door code 1234, stair B", "door code 1, 2, 3, 4, stair B"),
        ("floor 3, flat 12.", "floor 3, flat 12"),
        ("code B123", "code B 1, 2, 3"),
    ],
)
def test_codes_are_said_digit_by_digit(written: str, said: str) -> None:
    assert spoken.notes(written) == said


def test_how_far_and_where_without_an_address() -> None:
    assert "about 400 metres away, in Kallio." in spoken.render("T1", "en", **FACTS | {"distance_m": 412, "district": "Kallio"})
    assert "ungefär 1,2 kilometer bort." in spoken.render("T1", "sv", **FACTS | {"distance_m": 1180, "district": None})
    assert spoken.coordinates(60.17, -4.9401, "en").endswith("latitude 60 point 1, 7, 0, 0, longitude -4 point 9, 4, 0, 1")
    assert spoken.coordinates(60.17, 24.94, "fi").endswith("leveysaste 60 pilkku 1, 7, 0, 0, pituusaste 24 pilkku 9, 4, 0, 0")


def test_a_fact_that_the_words_need_is_not_left_out() -> None:
    with pytest.raises(ValueError, match="ADDRESS need address"):
        spoken.render("ADDRESS", "en", **FACTS | {"address": None})
