"""Addresses as they are typed, over central Helsinki: what comes first, what slips are forgiven."""

from __future__ import annotations

import pytest

from core.services import Services
from geo import suggesting
from geo.gazetteer import gazetteer
from geo.resolution import MAX_OFFERS
from tests.geo.town import add_street
from tests.responder.helpers import statements

FIRST = [
    # As typing goes on.
    ("man", "Mannerheimintie"),
    ("Mannerh", "Mannerheimintie"),
    ("mannerheimintie", "Mannerheimintie"),
    ("mannerheimintie 5", "Mannerheimintie 5"),
    ("mannerheimintie 5 B 12", "Mannerheimintie 5 B 12"),
    ("Mannerheimvägen 5", "Mannerheimintie 5"),
    ("mannerh 5", "Mannerheimintie 5"),
    ("alek 52", "Aleksanterinkatu 52"),
    ("itäinen teat", "Itäinen Teatterikuja"),
    ("yrjo kos", "Yrjö-Koskisen katu"),
    # The middle of a name.
    ("teatterikuja", "Itäinen Teatterikuja"),
    ("koskisen", "Yrjö-Koskisen katu"),
    # Slips.
    ("manerhei", "Mannerheimintie"),
    ("mannrheimintie 5", "Mannerheimintie 5"),
    ("aleksnterinkatu 52", "Aleksanterinkatu 52"),
    ("alexanterink 52", "Aleksanterinkatu 52"),
    # The number first, the town last.
    ("5 Mannerheimintie", "Mannerheimintie 5"),
    ("Mannerheimintie 5, Helsinki", "Mannerheimintie 5"),
]


@pytest.mark.parametrize(("typed", "first"), FIRST)
def test_what_is_meant_comes_first(helsinki: Services, typed: str, first: str) -> None:
    with helsinki.read() as session:
        found = [one.label for one in suggesting.suggest(session, typed)]
    assert found[:1] == [first], found
    assert len(found) <= MAX_OFFERS
    assert len(set(found)) == len(found)


def test_a_number_goes_on_too(helsinki: Services) -> None:
    with helsinki.read() as session:
        found = [one.label for one in suggesting.suggest(session, "mannerheimintie 1")]
    assert len(found) > 2
    assert all(label.startswith("Mannerheimintie 1") for label in found)


def test_a_number_that_the_map_lacks_is_kept_and_stands_beside_the_nearest(services: Services) -> None:
    add_street(services, "Testikatu", {"3": (60.1, 24.9), "12": (60.2, 24.9), "80": (60.3, 24.9)})
    add_street(services, "Autiokatu", {"": (60.4, 24.9)})
    with services.read() as session:
        first, *others = suggesting.suggest(session, "testikatu 10 C 5")
        empty = suggesting.suggest(session, "autiokatu 1")
        goes_on = suggesting.suggest(session, "testikatu 8")
    assert (first.label, first.lat, first.beside) == ("Testikatu 10 C 5", 60.2, "Testikatu 12")
    assert [(one.label, one.beside) for one in others] == [(f"Testikatu {number}", None) for number in (3, 12, 80)]
    assert [(one.label, one.beside) for one in empty] == [("Autiokatu 1", "Autiokatu")]
    assert [(one.label, one.beside) for one in goes_on] == [("Testikatu 80", None), ("Testikatu 8", "Testikatu 12")]


@pytest.mark.parametrize("typed", ["", "m", "ma", "  ", "52", "?!", "qqqqqqqq", "\x01\x02\x03", "7" * 200, "a " * 150])
def test_too_little_or_nonsense_offers_nothing_and_breaks_nothing(helsinki: Services, typed: str) -> None:
    with helsinki.read() as session:
        assert suggesting.suggest(session, typed) == []


def test_streets_of_one_name_are_told_apart_by_their_town(services: Services) -> None:
    for town, lat in (("Helsinki", 60.1), ("Espoo", 60.2)):
        add_street(services, "Testikatu", {"5": (lat, 24.9)}, town)
    with services.read() as session:
        found = {one.label: one.lat for one in suggesting.suggest(session, "testik 5")}
    assert found == {"Testikatu 5, Helsinki": 60.1, "Testikatu 5, Espoo": 60.2}


def test_an_area_without_streets_offers_nothing(services: Services) -> None:
    with services.read() as session:
        assert suggesting.suggest(session, "mannerheimintie 5") == []


def test_a_letter_asks_only_for_the_houses_of_what_it_can_become(helsinki: Services) -> None:
    """How fast that is, over the streets of a country too: `scripts/bench typed`."""
    with helsinki.read() as session:
        gazetteer(session)
    for typed, _ in FIRST:
        with helsinki.read() as session, statements(helsinki) as said:
            suggesting.suggest(session, typed)
        reads = [statement for statement, _ in said if statement.startswith("SELECT")]
        assert len(reads) <= 2, "whether the names are still those of the area, and the houses"
