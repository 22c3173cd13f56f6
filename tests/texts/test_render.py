"""What a phone shows: texts rendered with real and with unreasonable values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dispatch.texts import catalog, fitting, words
from dispatch.texts.placeholders import PLACEHOLDERS
from dispatch.texts.templates import parse
from sms.segments import count

FIRST = {"letter": "A", "type": "cardiac_arrest", "distance_m": 412, "district": "Kallio"}
SECOND = {"letter": "A", "address": "Mannerheimintie 5 B 12", "notes": "door code 1234", "role": "direct", "door_code": "4711"}


@pytest.mark.parametrize(
    ("key", "code", "drill", "facts", "expected"),
    [
        pytest.param(
            "T1",
            "en",
            False,
            FIRST,
            "A: CARDIAC ARREST near you, ca 400 m, Kallio. Ambulance called. Can you go now? Text 1 = going, 2 = cannot."
            " No duty to go, only if safe.",
            id="first text",
        ),
        pytest.param(
            "T1",
            "sv",
            True,
            FIRST | {"district": None, "distance_m": 1210},
            "ÖVNING A: HJÄRTSTOPP nära dig, ca 1,2 km. Ambulans larmad. Kan du komma? Svara 1 = kommer, 2 = kan inte."
            " Frivilligt, bara om det är säkert.",
            id="in a drill, of an unknown district",
        ),
        pytest.param(
            "T1_fire",
            "en",
            False,
            FIRST | {"type": "fire"},
            "A: FIRE near you, ca 400 m, Kallio. Fire crew called. Wake and gather neighbours outside, NEVER GO IN."
            " Text 1 = going, 2 = cannot. No duty.",
            id="a plan's own first text",
        ),
        pytest.param(
            "T1b",
            "en",
            False,
            SECOND,
            "A: GO TO Mannerheimintie 5 B 12, door code 1234. Straight to the patient. Your code 4711, say it at the door."
            " 3 = there, 2 = cannot, 0 = ring me",
            id="address",
        ),
        pytest.param(
            "T1b",
            "fi",
            False,
            SECOND | {"notes": "", "role": "guide", "hazards": ["traffic"]},
            "A: MENE: Mannerheimintie 5 B 12. Varo liikennettä. Ota ambulanssi vastaan kadulla ja näytä tie."
            " Koodisi 4711, sano se ovella. 3 = perillä, 2 = en pääse, 0 = soittakaa",
            id="address with a warning, to the guide, no notes",
        ),
        pytest.param(
            "T6",
            "en",
            False,
            {
                "letter": "A",
                "address": "Mannerheimintie 50 C 3",
                "old_address": "Mannerheimintie 5 B 12",
                "notes": "Door code 1.",
            },
            "A: ADDRESS WAS WRONG, SORRY. Go to Mannerheimintie 50 C 3 (Door code 1), not 5 B 12. Too far now? Text 2.",
            id="corrected on the same street",
        ),
        pytest.param(
            "T10",
            "en",
            True,
            {"emergency_number": "112"},
            "DRILL: The dispatcher has had an alarm and will ring you. In danger leave at once and ring 112.",
            id="a text without a letter in a drill",
        ),
        pytest.param(
            "WHICH",
            "fi",
            False,
            {"letters": ["B", "C"], "example": "B1"},
            "Sinulla on useampi hälytys: B ja C. Vastaa kirjain ja numero, esim. B1.",
            id="which of two",
        ),
        pytest.param(
            "OFF",
            "sv",
            False,
            {"until": datetime(2026, 11, 23, 22, 5, tzinfo=UTC)},
            "Du har paus till 23/11 kl. 22.05. Inga larm når dig innan dess. Tillbaka tidigare? Svara ON.",
            id="off until",
        ),
        pytest.param(
            "T14",
            "fi",
            False,
            {"certificate": "cpr", "date": date(2026, 11, 23), "contact_phone": "0400 123456"},
            "Todistuksesi (elvytys) päättyy huomenna 23.11. Sitten emme hälytä. Uusi: soita 0400 123456.",
            id="a certificate ends",
        ),
    ],
)
def test_texts(key: str, code: str, drill: bool, facts: dict[str, Any], expected: str) -> None:
    assert catalog.render(key, code, drill=drill, **facts) == expected


@pytest.mark.parametrize(
    ("metres", "code", "expected"),
    [
        (0, "en", "50 m"),
        (74, "en", "50 m"),
        (412, "en", "400 m"),
        (974, "en", "950 m"),
        (976, "en", "1 km"),
        (1234, "fi", "1,2 km"),
        (1234, "en", "1.2 km"),
        (9949, "sv", "9,9 km"),
        (9951, "sv", "10 km"),
        (20_000, "en", "20 km"),
    ],
)
def test_distances_are_said_rounded(metres: int, code: str, expected: str) -> None:
    assert words.say("distance_m", {"distance_m": metres}, code) == expected


def test_one_or_two_dangers_are_sentences_and_more_are_a_list_with_the_worst_first() -> None:
    assert words.say("hazards", {"hazards": ["traffic"]}, "en") == "Mind the traffic."
    many = words.say("hazards", {"hazards": ["traffic", "child_under_8", "weapon"]}, "en")
    assert many == "TAKE CARE: weapon, traffic, child."


def test_at_a_fire_nobody_is_sent_in() -> None:
    said = catalog.render("T1b", "en", **SECOND | {"type": "fire"})
    assert "Never go in." in said
    assert "patient" not in said


def test_an_own_type_is_said_by_its_name() -> None:
    assert catalog.render("T1", "en", **FIRST | {"type": "gas_leak"}).startswith("A: GAS LEAK near you")


def test_an_own_wording_takes_the_place_of_the_shipped_one() -> None:
    assert catalog.render("T1", "en", wording="{letter}: {type}! 1 or 2?", **FIRST) == "A: CARDIAC ARREST! 1 or 2?"


@pytest.mark.parametrize(
    ("key", "code", "facts", "complaint"),
    [
        ("T1", "en", {"letter": "A", "type": "fire"}, "text T1 needs distance_m"),
        ("T1", "en", FIRST | {"letter": ""}, "text T1 needs letter"),
        ("T1", "en", FIRST | {"letter": " "}, "text T1 needs letter"),
        ("T1b", "en", SECOND | {"address": "\u200b"}, "text T1b needs address"),
        ("T1", "en", FIRST | {"colour": "red"}, "no placeholder colour"),
        ("T1", "de", FIRST, "no texts in language 'de'; there are en, sv, fi"),
        ("T99", "en", FIRST, "no text 'T99'"),
        ("T1b", "en", SECOND | {"role": "chief"}, "no words for role 'chief'"),
        ("T1b", "en", SECOND | {"hazards": ["dragon"]}, "no words for hazard 'dragon'"),
        ("T16", "en", {"contact_phone": "0" * 18}, "contact_phone is longer than 17 characters"),
    ],
)
def test_a_gap_or_a_slip_is_an_error_at_once(key: str, code: str, facts: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        catalog.render(key, code, **facts)


def test_facts_that_a_text_has_no_place_for_are_passed_over() -> None:
    assert "112" not in catalog.render("T2", "en", letter="A", emergency_number="112", address="Mannerheimintie 5")


@pytest.mark.parametrize(
    ("value", "readable", "plain"),
    [
        ("Rue de l’Église – “bis”…", 'Rue de l\'Église - "bis"...', None),
        ("calle Ángel Garça\u00a03", "calle Angel Garca 3", None),
        ("Łódź, Šiauliai, Ærø, Straße", "Lodz, Siauliai, Ærø, Straße", None),
        ("A\u030angfartygskajen", "Ångfartygskajen", None),
        ("60°10′ → left", "60deg10' > left", None),
        ("line\none\tand\r\ntwo ", "line one and two", None),
        ("zero\u200bwidth\ud800", "zerowidth", None),
        ("dog 🐕 in the yard", "dog 🐕 in the yard", "dog in the yard"),
        ("улица Ленина 5", "улица Ленина 5", "ulitsa Lenina 5"),
        ("🐕", "🐕", "?"),
        ("", "", None),
    ],
)
def test_letters_that_gsm7_lacks(value: str, readable: str, plain: str | None) -> None:
    assert fitting.readable(value) == readable
    assert fitting.plain(value) == (readable if plain is None else plain)


def test_an_emoji_stays_where_the_text_still_fits_and_goes_where_it_would_not() -> None:
    short = {"letter": "A", "address": "Kaivokatu 1", "notes": "🐕"}
    assert "🐕" in catalog.render("T6", "en", **short)
    text = catalog.render("T1b", "en", **SECOND | {"notes": "door code 1234, 🐕 in the yard"})
    assert ", door code 1234, dog" not in text
    assert ", door code 1234, in the yard. " in text
    assert count(text).encoding == "gsm7"


def test_notes_give_way_before_the_address_and_say_so() -> None:
    notes = "door code 1234, " + "then along the corridor " * 20
    text = catalog.render("T1b", "en", drill=True, **SECOND | {"notes": notes, "hazards": ["traffic"]})
    assert count(text).segments == 2
    assert "GO TO Mannerheimintie 5 B 12, door code 1234, then along" in text
    assert ".. Mind the traffic. Straight to the patient." in text


def test_of_a_long_address_the_end_goes_first_and_the_number_last() -> None:
    cut = fitting.first_of_address
    assert cut("Mannerheimintie 5 B 12, Helsinki, Finland", 30) == "Mannerheimintie 5 B 12.."
    assert cut("Mannerheimintie 5 B 12, Helsinki, Finland", 41) == "Mannerheimintie 5 B 12, Helsinki, Finland"
    assert cut("Boulevard of a very very long name indeed 117 B 5", 30) == "Boulevard of a very.. 117 B 5"
    assert cut("3. linja with a very very long name indeed 15", 30) == "3. linja with a very very.. 15"
    assert cut("Abcdefghijklmnopqrstuvwxyz", 10) == "Abcdefgh.."


def test_a_district_goes_whole_or_not_at_all() -> None:
    text = catalog.render("T1", "en", drill=True, **FIRST | {"district": "Helsingfors ekonomiska region och mera"})
    assert text.startswith("DRILL A: CARDIAC ARREST near you, ca 400 m. Ambulance called.")


WORD = st.text(st.sampled_from("abcåäöÅÄÖéèñßÇáçş’–… -.,'/€[]"), min_size=1, max_size=15)
ANY = st.text(max_size=400)
STREET = st.from_regex(r"\A[A-ZÅÄÖÉ][a-zåäöéèñ]{2,20}( [A-Z][a-zåäö]{1,12}){0,1}\Z")
NUMBER = st.from_regex(r"\A[1-9][0-9]{0,2}(bis|[a-z])?( [A-Z] [1-9][0-9]?)?\Z")
FREE = {name: ANY for name, one in PLACEHOLDERS.items() if one.kind != "fixed"}
HAZARDS = st.lists(st.sampled_from(sorted(words.language("en").warnings)), unique=True)


@settings(max_examples=300)
@given(
    key=st.sampled_from(catalog.KEYS),
    code=st.sampled_from(words.LANGUAGES),
    drill=st.booleans(),
    free=st.fixed_dictionaries(FREE),
    hazards=HAZARDS,
    role=st.sampled_from(["direct", "aed", "guide"]),
    metres=st.integers(0, 20_000),
)
def test_no_value_makes_a_text_longer_than_promised(
    key: str, code: str, drill: bool, free: dict[str, str], hazards: list[str], role: str, metres: int
) -> None:
    facts = {name: one.longest for name, one in PLACEHOLDERS.items()} | free
    facts |= {"hazards": hazards, "role": role, "distance_m": metres}
    needed = parse(words.language(code).texts[key]).needed
    for name in needed & free.keys():
        facts[name] = fitting.readable(str(facts[name]).replace("_", " ")) or "x"  # a kind's key is said with spaces
    text = catalog.render(key, code, drill=drill, **facts)
    assert count(text).segments <= catalog.SEGMENTS[key]
    assert text.startswith(words.language(code).drill if drill else "")


@settings(max_examples=300)
@given(
    key=st.sampled_from(["T1b", "T6"]),
    code=st.sampled_from(words.LANGUAGES),
    street=STREET,
    number=NUMBER,
    town=st.sampled_from(["", ", 00100 Helsinki", ", Monte-Carlo, Principauté de Monaco"]),
    notes=st.one_of(ANY, st.lists(WORD, max_size=40).map(" ".join)),
    old=st.one_of(ANY, STREET),
    hazards=HAZARDS,
    role=st.sampled_from(["direct", "aed", "guide"]),
)
@example("T1b", "fi", "Järnvägsstationens Handelsgränd", "117bis B 12", ", 00100 Helsinki", "😀" * 300, "", [], "guide")
def test_street_and_number_are_never_dropped(
    key: str, code: str, street: str, number: str, town: str, notes: str, old: str, hazards: list[str], role: str
) -> None:
    facts = {"letter": "A", "door_code": "4711", "role": role, "hazards": hazards, "notes": notes, "old_address": old}
    text = catalog.render(key, code, drill=True, address=f"{street} {number}{town}", **facts)
    assert f"{street} {number}" in text
    assert count(text).segments <= 2
    if key == "T1b":
        assert words.say("hazards", {"hazards": hazards}, code) in text
        assert words.say("role", {"role": role}, code) in text


def test_a_link_is_told_however_long_it_is_where_a_text_is_there_to_tell_it() -> None:
    link = "https://vapaaehtoiset.pelastuslaitos.kunta.example/doorstep/m/Ab3dEfGh4j"
    for language in words.LANGUAGES:
        assert link in catalog.render("LINK", language, link=link, hours=24, contact_phone="0400 123456")
    facts = {"certificate": "criminal_record", "date": date(2026, 12, 23), "contact_phone": "+358 457 395 5667"}
    assert link not in catalog.render("T14", "en", link=link, **facts)
