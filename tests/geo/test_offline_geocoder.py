"""Addresses of central Helsinki as people type them: exactly one good fit is a match, all else is offered."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.services import Services
from geo.distance import distance_m
from geo.geocoding import Match, open_geocoder
from geo.models import HouseNumber, Street
from geo.names import key
from geo.osm import Area
from geo.resolution import NOTHING

MATCHES = [
    # As written on the map.
    ("Mannerheimintie 5", "Mannerheimintie 5"),
    ("Aleksanterinkatu 52", "Aleksanterinkatu 52"),
    ("Yrjö-Koskisen katu 3", "Yrjö-Koskisen katu 3"),
    ("Bulevardi 2-4", "Bulevardi 2-4"),
    ("Asema-aukio 2 C", "Asema-aukio 2 C"),
    ("Itäinen Teatterikuja 3", "Itäinen Teatterikuja 3"),
    # Case, spaces, accents, punctuation.
    ("MANNERHEIMINTIE 5", "Mannerheimintie 5"),
    ("  mannerheimintie    5 ", "Mannerheimintie 5"),
    ("Mannerheimintie5", "Mannerheimintie 5"),
    ("Mannerheimintie, 5", "Mannerheimintie 5"),
    ("Mannerheimin tie 5", "Mannerheimintie 5"),
    ("Lonnrotinkatu 5", "Lönnrotinkatu 5"),
    ("yrjo koskisen katu 3", "Yrjö-Koskisen katu 3"),
    ("Yrjökoskisenkatu 3", "Yrjö-Koskisen katu 3"),
    ("Itainen teatterikuja 3", "Itäinen Teatterikuja 3"),
    ("asemaaukio 2", "Asema-aukio 2"),
    # Stair, flat, floor, door code: kept as typed, located at the number.
    ("Mannerheimintie 5 B 12", "Mannerheimintie 5 B 12"),
    ("Mannerheimintie 5 b 12", "Mannerheimintie 5 b 12"),
    ("Mannerheimintie 5b", "Mannerheimintie 5b"),
    ("Mannerheimintie 5 as 12", "Mannerheimintie 5 as 12"),
    ("Yliopistonkatu 4 A 3. krs", "Yliopistonkatu 4 A 3. krs"),
    ("Aleksanterinkatu 52, rappu C, 3. kerros", "Aleksanterinkatu 52, rappu C 3. kerros"),
    ("Mannerheimintie 5 B 12, ovikoodi 1234", "Mannerheimintie 5 B 12, ovikoodi 1234"),
    ("Mannerheimvägen 5 trappa B lgh 12", "Mannerheimintie 5 trappa B lgh 12"),
    # Plots.
    ("Annankatu 33", "Annankatu 33"),
    ("Unioninkatu 5-7", "Unioninkatu 5-7"),
    ("Uudenmaankatu 21", "Uudenmaankatu 21"),
    # The other language, other names.
    ("Mannerheimvägen 5", "Mannerheimintie 5"),
    ("mannerheimvagen 5 b", "Mannerheimintie 5 b"),
    ("Alexandersgatan 52", "Aleksanterinkatu 52"),
    ("Norra Esplanaden 33", "Pohjoisesplanadi 33"),
    ("Aleksi 52", "Aleksanterinkatu 52"),
    ("Freda 41", "Fredrikinkatu 41"),
    # Abbreviations.
    ("Mannerheimint. 5", "Mannerheimintie 5"),
    ("Mannerheimv. 5", "Mannerheimintie 5"),
    ("Aleksanterink. 52", "Aleksanterinkatu 52"),
    ("Aleksanterink 52", "Aleksanterinkatu 52"),
    ("Alexandersg. 52", "Aleksanterinkatu 52"),
    ("Alexandersgt 52", "Aleksanterinkatu 52"),
    ("Mikonk. 7", "Mikonkatu 7"),
    ("Iso Roobertink. 3", "Iso Roobertinkatu 3"),
    ("I. Roobertinkatu 3", "Iso Roobertinkatu 3"),
    ("P. Esplanadi 33", "Pohjoisesplanadi 33"),
    ("Pohjoisespl. 33", "Pohjoisesplanadi 33"),
    # Town and postal code after it, the number before it.
    ("Mannerheimintie 5, 00100 Helsinki", "Mannerheimintie 5"),
    ("Mannerheimintie 5 00100 Helsinki", "Mannerheimintie 5"),
    ("Mannerheimintie 5 B 12, FI-00100 Helsinki, Finland", "Mannerheimintie 5 B 12"),
    ("Mannerheimvägen 5, Helsingfors", "Mannerheimintie 5"),
    ("Mannerheimintie 5, Kluuvi", "Mannerheimintie 5"),
    ("Helsinki, Mannerheimintie 5", "Mannerheimintie 5"),
    ("5 Mannerheimintie", "5 Mannerheimintie"),
    ("5, Mannerheimintie, Helsinki", "5 Mannerheimintie"),
    # Slips in long names that nothing else is near to.
    ("Manerheimintie 5", "Mannerheimintie 5"),
    ("Mannerhiemintie 5", "Mannerheimintie 5"),
    ("Manerheimentie 5", "Mannerheimintie 5"),
    ("Manerheimvagen 5", "Mannerheimintie 5"),
    ("Aleksandrinkatu 52", "Aleksanterinkatu 52"),
    ("Lönrotinkatu 5", "Lönnrotinkatu 5"),
    ("Yliopistokatu 4", "Yliopistonkatu 4"),
    ("Frederikinkatu 41", "Fredrikinkatu 41"),
    ("Fabianinkatuu 10", "Fabianinkatu 10"),
    ("Manerheimintie 5 B 12, 00100 Helsinki", "Mannerheimintie 5 B 12"),
    # Corners.
    ("Kaivokatu / Keskuskatu", "Kaivokatu / Keskuskatu"),
    ("mikonkatu x vilhonkatu", "Mikonkatu / Vilhonkatu"),
    ("Mannerheimintie ja Simonkatu, Helsinki", "Mannerheimintie / Simonkatu"),
    ("Mikonkadun ja Vilhonkadun risteys", "Mikonkatu / Vilhonkatu"),
    ("The corner of Mikonkatu and Vilhonkatu", "Mikonkatu / Vilhonkatu"),
    ("Mikaelsgatan och Vilhelmsgatan", "Mikonkatu / Vilhonkatu"),
]

OFFERS = [
    # A street without a number, a number that is not there.
    ("Mannerheimintie", "Mannerheimintie"),
    ("Mannerheimintie, Helsinki", "Mannerheimintie"),
    ("Mannerheimintie 00100", "Mannerheimintie"),
    ("Mannerheimintie 999", "Mannerheimintie 24"),
    ("Pieni Roobertinkatu 2", "Pieni Roobertinkatu 1-3"),
    ("Senaatintori", "Senaatintori"),
    ("Rautatientori 1", "Rautatientori"),
    # Two streets could be meant.
    ("Teatterikuja 1", "Läntinen Teatterikuja 1"),
    ("Roobertinkatu 5", "Pieni Roobertinkatu 5"),
    ("Makasiinikatu 3", "Eteläinen Makasiinikatu 3"),
    ("Hakasalmenkatu 5", "Keskuskatu 5"),
    # Short names a slip apart, another kind of street.
    ("Simokatu 6", "Simonkatu 6"),
    ("Anankatu 10", "Annankatu 10"),
    ("Kirkokatu 15", "Kirkkokatu 15"),
    ("Kasarmikuja 21", "Kasarmikatu 21"),
    ("Fabianintie 10", "Fabianinkatu 10"),
    ("Mannerheim 5", "Mannerheimintie 5"),
    # Another town, another postal code, words that could be one.
    ("Mannerheimintie 5, Espoo", "Mannerheimintie 5"),
    ("Mannerheimintie 5, 33100 Tampere", "Mannerheimintie 5"),
    ("Mannerheimintie 5, 33100", "Mannerheimintie 5"),
    ("Aleksanterinkatu 52 (Stockmann)", "Aleksanterinkatu 52"),
    ("Stockmann, Aleksanterinkatu 52", "Aleksanterinkatu 52"),
    # Streets that do not meet.
    ("Mannerheimintie / Fabianinkatu", "Fabianinkatu"),
    ("Kaivokatu 1 / Keskuskatu", "Kaivokatu 1"),
]

NONSENSE = [
    *("", " ", "?", "/", ".", "👍", "5", "B 12", "5 / 7", "00100", "Helsinki", "00100 Helsinki"),
    *("xyzzy 5", "katu 5", "tie", "a. b. c. 5"),
]


def test_right_addresses_and_forgivable_slips_are_found(helsinki: Services) -> None:
    geocoder = open_geocoder(helsinki)
    found = [(typed, geocoder.resolve(typed)) for typed, _ in MATCHES]
    labels = [(typed, answer.match.label if answer.match else None) for typed, answer in found]
    assert labels == MATCHES
    assert all(answer.matches == (answer.match,) for _, answer in found)


def test_a_near_miss_is_offered_and_never_taken(helsinki: Services) -> None:
    geocoder = open_geocoder(helsinki)
    for typed, expected in OFFERS:
        answer = geocoder.resolve(typed)
        assert answer.match is None, typed
        assert expected in [offer.label for offer in answer.matches], typed
        assert 1 <= len(answer.matches) <= 8, typed


def test_nonsense_is_nothing(helsinki: Services) -> None:
    geocoder = open_geocoder(helsinki)
    assert {typed: geocoder.resolve(typed) for typed in NONSENSE} == dict.fromkeys(NONSENSE, NOTHING)


def test_places_are_where_the_map_has_them(helsinki: Services) -> None:
    geocoder = open_geocoder(helsinki)
    for typed, lat, lon in [
        ("Mannerheimintie 5 B 12", 60.1689, 24.9412),
        ("Senaatintori", 60.1695, 24.9524),
        ("Kaivokatu / Keskuskatu", 60.1702, 24.9421),
    ]:
        offer = geocoder.resolve(typed).matches[0]
        assert distance_m(offer.lat, offer.lon, lat, lon) < 120, (typed, offer)


def _store(services: Services, *streets: tuple[str, str | None, float, dict[str, str | None]]) -> None:
    """Streets as (name, town, latitude, {number: postcode})."""
    with services.write() as session:
        for name, town, lat, houses in streets:
            street = Street(name=name, other_names=[], town=town, lat=lat, lon=25.0)
            session.add(street)
            session.flush()
            for number, code in houses.items():
                session.add(HouseNumber(street_id=street.id, number=number, postcode=code, lat=lat, lon=25.0))


def test_one_name_in_two_towns_is_asked_back_until_the_postal_code_tells(services: Services) -> None:
    _store(services, ("Kirkkokatu", "Porvoo", 60.4, {"5": "06100"}), ("Kirkkokatu", "Kerava", 60.5, {"5": "04200", "7": None}))
    geocoder = open_geocoder(services)
    asked = geocoder.resolve("Kirkkokatu 5")
    assert asked.match is None
    assert [offer.label for offer in asked.matches] == ["Kirkkokatu 5, Porvoo", "Kirkkokatu 5, Kerava"]
    assert geocoder.resolve("Kirkkokatu 7").match is None  # Porvoo may have one that is not on the map
    told = geocoder.resolve("Kirkkokatu 5, 04200")
    assert told.match == Match("Kirkkokatu 5", 60.5, 25.0)


def test_without_an_area_nothing_is_found(services: Services) -> None:
    assert open_geocoder(services).resolve("Mannerheimintie 5") == NOTHING


def test_a_new_area_is_seen_at_once(services: Services) -> None:
    geocoder = open_geocoder(services)
    assert geocoder.resolve("Uusikatu 1") == NOTHING
    _store(services, ("Uusikatu", None, 60.0, {"1": None}))
    assert geocoder.resolve("Uusikatu 1").match is not None


quickly = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
pieces = st.one_of(
    st.sampled_from(["Mannerheimintie", "Kaivokatu", "katu", "5", "B", "12", ",", "/", ".", "-", "00100", "Helsinki", "k."]),
    st.text(max_size=8),
)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@quickly
@given(text=st.one_of(st.text(max_size=400), st.lists(pieces, max_size=12).map(" ".join)))
def test_whatever_is_typed_it_never_raises_and_a_match_names_its_street(
    helsinki: Services, helsinki_area: Area, text: str
) -> None:
    answer = open_geocoder(helsinki).resolve(text)
    assert len(answer.matches) <= 8
    if answer.match is None:
        return
    names = [name for street in helsinki_area.streets for name in (street.name, *street.other_names)]
    assert any(key(name)[:3] in key(text) for name in names if key(name)[:3]), text
    assert any(letter.isalpha() for letter in text)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@quickly
@given(text=st.text(alphabet="0123456789 .,;/-&()qxzw#\n", max_size=60))
def test_text_with_no_street_in_it_never_matches(helsinki: Services, text: str) -> None:
    assert open_geocoder(helsinki).resolve(text).match is None
