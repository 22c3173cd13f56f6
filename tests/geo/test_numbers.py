"""House numbers: as the map writes them, and which one of a street is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.numbers import Located, Number, locate, nearest, parse, parse_tag

TAGS = [
    ("5", ["5"]),
    ("5 B", ["5 B"]),
    ("5b", ["5 B"]),
    ("5-7", ["5-7"]),
    ("5\u20137", ["5-7"]),
    ("29-27", ["27-29"]),
    ("5;7", ["5", "7"]),
    ("1;3;5", ["1", "3", "5"]),
    ("5, 7", ["5", "7"]),
    ("13 A, 5. krs./Floor 5", ["13 A"]),
    ("2, 2. krs./Floor 2", ["2"]),
    ("4bis", ["4 BIS"]),
    ("32Bis", ["32 BIS"]),
    ("11 B 9", ["11 B"]),
    ("7 A, sisäpiha", ["7 A"]),
    ("Keskuskatu 5", []),
    ("", []),
    ("1234567", []),
]


@pytest.mark.parametrize(("tag", "numbers"), TAGS)
def test_what_a_tag_holds(tag: str, numbers: list[str]) -> None:
    assert [str(number) for number in parse_tag(tag)] == numbers


@given(st.text(max_size=20))
def test_a_number_reads_what_it_writes(text: str) -> None:
    for number in parse_tag(text):
        assert parse(str(number)) == number


def _street(**places: float) -> list[Located]:
    """Numbers with how many metres each lies from the street's beginning, e.g. `n5_B=20`."""
    return [
        Located(parse(name[1:].replace("_", " ").replace("to", "-")) or Number(0, 0, ""), 60.0 + metres / 111_195, 24.0)
        for name, metres in places.items()
    ]


LOCATE = [
    ("the very same", "5", _street(n5=0, n7=20), "5"),
    ("the very stair", "5 B", _street(n5=0, n5_A=10, n5_B=20), "5 B"),
    ("a stair that is not on the map is at its number", "5 C", _street(n5=0, n7=30), "5"),
    ("a stair of a number with other stairs near", "5 C", _street(n5_A=0, n5_B=20), "5 A"),
    ("stairs far from each other are several places", "5 C", _street(n5_A=0, n5_B=200), None),
    ("a number whose stairs are far from each other", "5", _street(n5_A=0, n5_B=200), None),
    ("a plot that holds it", "7", _street(n5to9=0), "5-9"),
    ("the other side of the street", "6", _street(n5to9=0), None),
    ("a plot on both sides", "6", _street(n5to8=0), "5-8"),
    ("typed as a plot, known as a number", "5-7", _street(n5=0, n7=20), "5"),
    ("a number before a plot", "5", _street(n5to7=100, n5=0), "5"),
    ("not there", "99", _street(n5=0), None),
    ("an empty street", "5", [], None),
]


@pytest.mark.parametrize(("what", "wanted", "street", "expected"), LOCATE, ids=[row[0] for row in LOCATE])
def test_which_house_is_meant(what: str, wanted: str, street: list[Located], expected: str | None) -> None:
    number = parse(wanted)
    assert number is not None
    found = locate(street, number)
    assert (str(found.number) if found else None) == expected


def test_the_nearest_numbers_prefer_the_same_side() -> None:
    street = _street(n1=0, n2=0, n3=0, n4=0, n5=0, n8=0, n9=0)
    assert [str(one.number) for one in nearest(street, parse("7"), 3)] == ["5", "8", "9"]


def test_without_a_number_the_whole_street_is_offered() -> None:
    street = _street(**{f"n{number}": 0.0 for number in range(1, 41)})
    assert [str(one.number) for one in nearest(street, None, 5)] == ["1", "9", "17", "25", "33"]
