"""The language files: every text in every language, within its segments, teaching nothing that carriers act on."""

from __future__ import annotations

import re
from itertools import combinations
from typing import get_args

import pytest

from dispatch.plans import SHIPPED, Hazard, Role
from dispatch.texts import catalog, words
from dispatch.texts.placeholders import PLACEHOLDERS
from dispatch.texts.templates import parse
from sms.segments import count, is_gsm7

EVERY_TEXT = [pytest.param(key, code, id=f"{key}-{code}") for key in catalog.KEYS for code in words.LANGUAGES]
LETTERED = {key for key in catalog.KEYS if words.language("en").texts[key].startswith("{letter}: ")}
SAFE_BEFORE_ACCEPTING = {"letter", "type", "distance_m", "district"}
JARGON = re.compile(
    r"(?i)\b(call-?outs?|waves?|plans?|stand-?down|incidents?|responders?|våg\w*|insats\w*|utrop\w*|aalto\w*)\b"
)


@pytest.mark.parametrize(("key", "code"), EVERY_TEXT)
def test_fits_with_the_longest_real_values_and_nothing_shortened(key: str, code: str) -> None:
    assert catalog.problems(key, code, words.language(code).texts[key]) == []


@pytest.mark.parametrize(("key", "code"), EVERY_TEXT)
@pytest.mark.parametrize("drill", [False, True])
def test_fits_and_shows_each_longest_value_whole(key: str, code: str, drill: bool) -> None:
    facts = {name: placeholder.longest for name, placeholder in PLACEHOLDERS.items()}
    text = catalog.render(key, code, drill=drill, **facts)
    assert count(text).encoding == "gsm7"
    assert count(text).segments <= catalog.SEGMENTS[key]
    for name in parse(words.language(code).texts[key]).names:
        assert words.say(name, facts, code) in text


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_each_language_has_the_same_texts_with_the_same_placeholders(code: str) -> None:
    english, other = words.language("en"), words.language(code)
    assert list(other.texts) == list(english.texts)
    for key, wording in other.texts.items():
        theirs, ours = parse(wording), parse(english.texts[key])
        assert (theirs.names, theirs.needed) == (ours.names, ours.needed), key
    for table in ("events", "warnings", "dangers", "certificates", "rejections", "formats"):
        assert list(getattr(other, table)) == list(getattr(english, table)), table
    assert {plan: list(roles) for plan, roles in other.roles.items()} == {
        plan: list(roles) for plan, roles in english.roles.items()
    }
    assert len(other.weekdays) == 7


def test_the_texts_of_the_specification_are_all_there() -> None:
    numbered = {f"T{n}" for n in range(1, 21)} | {"T1b", "T2b", "T3b", "T4b", "T2c", "T3c", "T4c"}
    assert numbered <= set(catalog.KEYS)
    assert {key for key, segments in catalog.SEGMENTS.items() if segments == 2} == {"T1b", "T6"}


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_every_type_role_and_hazard_of_the_shipped_plans_has_words(code: str) -> None:
    spoken = words.language(code)
    for plan, _ in SHIPPED:
        assert plan.type in spoken.events
        assert plan.first_text in spoken.texts
    for roles in spoken.roles.values():
        assert set(roles) == set(get_args(Role))
    assert set(spoken.warnings) == set(spoken.dangers) == set(get_args(Hazard))


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_what_never_gives_way_has_the_room_it_needs(code: str) -> None:
    spoken = words.language(code)
    hazards = [chosen for n in range(len(spoken.warnings) + 1) for chosen in combinations(spoken.warnings, n)]
    said = {
        "hazards": [words.say("hazards", {"hazards": chosen}, code) for chosen in hazards],
        "role": [role for roles in spoken.roles.values() for role in roles.values()],
        "weekday": spoken.weekdays,
    }
    for name, values in said.items():
        assert max(count(value).units for value in values) <= PLACEHOLDERS[name].room, name


@pytest.mark.parametrize(("key", "code"), EVERY_TEXT)
def test_teaches_no_word_that_carriers_act_on_and_no_word_of_ours(key: str, code: str) -> None:
    wording = words.language(code).texts[key]
    assert not set(re.findall(r"\b[A-Z]+\b", wording)) & catalog.CARRIER_WORDS
    assert not JARGON.search(wording)


@pytest.mark.parametrize("key", [key for key in catalog.KEYS if re.fullmatch(r"T1(_\w+)?", key)])
@pytest.mark.parametrize("code", words.LANGUAGES)
def test_a_first_text_has_no_place_for_the_address_or_the_patient(key: str, code: str) -> None:
    assert parse(words.language(code).texts[key]).names <= SAFE_BEFORE_ACCEPTING


def test_only_the_texts_to_people_who_come_have_a_place_for_the_address() -> None:
    private = {"address", "notes", "old_address", "door_code", "hazards"}
    have = {key for key in catalog.KEYS if parse(words.language("en").texts[key]).names & private}
    assert have == {"T1b", "T6", "T20"}  # T20 goes to the caller, who is at the address


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_digits_mean_one_thing_for_ever(code: str) -> None:
    """Every digit that a text asks for is one of the five, and a first text teaches 1 and 2."""
    for key, wording in words.language(code).texts.items():
        literal = "".join(piece for part in parse(wording).parts for piece in part.pieces if not piece.startswith("{"))
        assert set(re.findall(r"(?<![\w.])\d(?!\w)", literal)) <= set("01234"), key
    for key in ("T1", "T1_fire", "T8", "GOING_FIRST"):
        assert {"1", "2"} <= set(re.findall(r"\b\d\b", words.language(code).texts[key])), key


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_words_that_are_taught_are_the_contracts(code: str) -> None:
    texts = words.language(code).texts
    assert "OFF 8h" in texts["T13"]
    assert "ON" in texts["T18"]
    assert "OFF 7d" in texts["T18"]
    for key in ("OFF_OPEN", "OFF"):
        assert re.search(r"\bON\b", texts[key])


def test_a_translation_is_a_draft_until_somebody_approves_it() -> None:
    assert catalog.approved_languages() == {"en"}


def test_everything_in_the_files_is_gsm7() -> None:
    for code in words.LANGUAGES:
        spoken = words.language(code)
        tables = [spoken.texts, spoken.events, spoken.warnings, spoken.dangers, spoken.certificates, *spoken.roles.values()]
        said = [spoken.drill, *spoken.weekdays, *(value for table in tables for value in table.values())]
        assert [value for value in said if not is_gsm7(value.translate(str.maketrans("", "", "[]{}")))] == []


@pytest.mark.parametrize(
    ("key", "wording", "expected"),
    [
        ("T1", "{letter}: {type}! Text 1 or 2.", []),
        ("T1", "{type}! Text 1 or 2.", ["must begin with {letter}"]),
        ("T1", "{letter}: {type} at {address}", ["{address} has no place in T1"]),
        ("T1", "{letter}: {type} in {district}", ["{district} may be unknown and stands in square brackets"]),
        ("T1", "{letter}: {type}. Text YES or 2.", ["YES is a word that carriers act on"]),
        ("T1", "{letter}: {type}. Text stop to leave.", ["STOP is a word that carriers act on"]),
        ("T1", "{letter}: {type} – come", ["has a letter that GSM-7 lacks and would take twice the segments"]),
        ("T1", "{letter}: " + "x" * 160, ["takes 2 segments with the longest values in a drill, 1 allowed"]),
        ("T1", "{letter}: [{type}", ["a square bracket is not closed: '{letter}: [{type}'"]),
        ("T1", "{letter}: [[{type}]]", ["square brackets must pair up and not nest: '{letter}: [[{type}]]'"]),
        ("T1", "{letter}: {the type}", ["curly brackets hold one name, such as {letter}: '{letter}: {the type}'"]),
        ("T1", "", ["must begin with {letter}"]),
    ],
)
def test_problems_of_an_own_wording(key: str, wording: str, expected: list[str]) -> None:
    assert catalog.problems(key, "en", wording) == expected


def test_lettered_texts_begin_with_the_letter_in_every_language() -> None:
    of_an_emergency = {"T1", "T1b", "T2", "T2b", "T2c", "T3", "T3b", "T3c", "T4", "T4b", "T4c", "T5", "T6", "T7", "T8", "T9"}
    assert of_an_emergency | {"T11", "T12"} <= LETTERED
    for code in words.LANGUAGES:
        assert {key for key, wording in words.language(code).texts.items() if wording.startswith("{letter}: ")} == LETTERED
