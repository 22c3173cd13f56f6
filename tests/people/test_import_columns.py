"""Which column is which: guessed in three languages, corrected by the admin, remembered for the next file."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from core.services import Services
from responder.imports import columns, jobs, parts
from responder.imports.columns import Given
from responder.imports.models import ImportColumn
from responder.models import Place, Responder
from tests.people.conftest import Visitor, words
from tests.people.test_imports import count, until, upload
from tests.responder.helpers import everything_stored

FINNISH = (
    "Jäsennumero;Nimi;Puhelinnumero;Kotiosoite;Suostumus;Kengännumero\n"
    "7;Aino Virtanen;+447700900001;Torikatu 1;2026-01-01;39\n"
    "8;Eero Ääkkönen;+447700900002;Torikatu 2;2026-01-01;44\n"
)


@pytest.fixture
def database(empty_sqlite: Any) -> Any:
    return empty_sqlite


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Member number,Full name,Mobile,Home address,Consent date", "external_id,name,phone,home_address,consent_at"),
        ("Medlemsnummer,Namn,Mobilnummer,Hemadress,Samtycke", "external_id,name,phone,home_address,consent_at"),
        ("JÄSENNUMERO,Koko nimi,Puh.,Kotiosoite,Suostumus-pvm", "external_id,name,phone,home_address,consent_at"),
        ("Työpaikka,Työaika,Språk,Kieli,Voimassa,Giltigt till", "work_address,work_hours,language,,certification_expires,"),
        ("External ID,home lat,HOME_LON,Kengännumero,", "external_id,home_lat,home_lon,,"),
        ("Efternamn,Förnamn,Gata,Husnr,Postnr,Ort", "last_name,first_name,home_street,,,home_town"),
        ("Etunimi,Sukunimi,Osoite,Postinumero,Postitoimipaikka", "first_name,last_name,home_street,home_postcode,home_town"),
        ("Surname,Forename,Address,Street,City", "last_name,first_name,home_address,home_street,home_town"),
    ],
)
def test_columns_are_known_by_their_names_in_three_languages(header: str, expected: str) -> None:
    given = [Given(name, ()) for name in header.split(",")]
    assert columns.guess(given, {}) == expected.split(",")


def test_what_was_chosen_once_beats_what_would_be_guessed() -> None:
    given = [Given("Nimi", ()), Given("Tunnus", ())]
    assert columns.guess(given, {"nimi": "", "tunnus": "name"}) == ["", "name"]


@pytest.mark.parametrize(
    ("chosen", "wrong"),
    [
        ("external_id,name,phone,home_address,consent_at,,", []),
        ("external_id,name,phone,home_address", ["consent_at is needed; choose the column that it is in"]),
        ("external_id,name,phone,consent_at,name,home_lat", ["name is chosen twice"]),
        ("external_id,name,phone,consent_at", ["a place is needed: home_lat and home_lon, home_address, or the same of work"]),
        ("external_id,last_name,phone,consent_at,home_street,home_town", []),
        (
            "external_id,last_name,name,phone,consent_at,home_lat",
            ["name is chosen whole and in parts; choose the one or the other"],
        ),
    ],
)
def test_what_a_choice_lacks_is_said(chosen: str, wrong: list[str]) -> None:
    assert columns.problems(chosen.split(",")) == wrong


def chosen_on(page: Any) -> list[str]:
    """What stands chosen in each list of the page."""
    lists = re.findall(r'<select id="column-.*?</select>', page.text, re.DOTALL)
    return [(re.findall(r'value="(\w*)" selected', one) or [""])[0] for one in lists]


def uploaded(admin: Visitor, text: str) -> str:
    answer = upload(admin, text)
    assert answer.status_code == 303, words(answer)
    return str(answer.location.rpartition("/")[2])


def test_a_file_of_others_is_matched_checked_and_imported(admin: Visitor, services: Services) -> None:
    import_id = uploaded(admin, FINNISH)
    assert admin.get(f"/people/import/{import_id}").location.endswith(f"/people/import/{import_id}/columns")
    page = admin.get(f"/people/import/{import_id}/columns")
    assert "Kengännumero In it: 39 · 44" in words(page)
    assert chosen_on(page) == ["external_id", "name", "phone", "home_address", "consent_at", ""]
    chosen = {f"column-{number}": column for number, column in enumerate(chosen_on(page))}
    wrong = admin.post(f"/people/import/{import_id}/columns", chosen | {"column-4": "name", "column-5": "no such"})
    assert wrong.status_code == 422
    assert "name is chosen twice" in words(wrong)
    assert "consent_at is needed" in words(wrong)
    assert chosen_on(wrong)[4] == "name", "what was chosen is lost"
    assert admin.post(f"/people/import/{import_id}/columns", chosen).status_code == 303
    assert until(admin, import_id, jobs.CHECKED)["people"] == {"added": 2}
    admin.post(f"/people/import/{import_id}/go")
    until(admin, import_id, jobs.DONE)
    with services.read() as session:
        named = [tuple(row) for row in session.execute(select(Responder.external_id, Responder.name).order_by(Responder.id))]
        assert named == [("7", "Aino Virtanen"), ("8", "Eero Ääkkönen")]
        assert "44" not in set(everything_stored(session).split("'"))


PARTS = (
    "Tunnus;Sukunimi;Etunimi;Puhelin;Katu;Numero;Postinumero;Kaupunki;Suostumus\n"
    "7;Virtanen;Aino;+447700900001;Torikatu;3;;;2026-01-01\n"
    "8;Ääkkönen;;+447700900002;Torikatu;5;;;2026-01-01\n"
    "9;Suo;Eero;+447700900003;;;;Turku;2026-01-01\n"
    "10;;;12;Torikatu;7;;;2026-01-01\n"
)


def test_names_and_addresses_in_several_columns_are_put_together(admin: Visitor, services: Services) -> None:
    import_id = uploaded(admin, PARTS)
    page = admin.get(f"/people/import/{import_id}/columns")
    assert chosen_on(page)[1:3] == ["last_name", "first_name"]
    assert '<optgroup label="A part of home_address">' in page.text
    chosen = {f"column-{number}": column for number, column in enumerate(chosen_on(page))} | {"column-5": "home_number"}
    assert admin.post(f"/people/import/{import_id}/columns", chosen).status_code == 303
    assert until(admin, import_id, jobs.CHECKED)["people"] == {"added": 2}
    checked = words(admin.get(f"/people/import/{import_id}"))
    assert "4 home_lat a place is needed" in checked
    assert "5 Sukunimi + Etunimi" in checked
    assert "5 Puhelin" in checked
    admin.post(f"/people/import/{import_id}/go")
    until(admin, import_id, jobs.DONE)
    with services.read() as session:
        stored = session.execute(select(Responder.name, Place.address).join(Place).order_by(Responder.id)).all()
        assert [tuple(one) for one in stored] == [("Aino Virtanen", "Torikatu 3"), ("Ääkkönen", "Torikatu 5")]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"first_name": "Aino", "last_name": "Suo"}, {"name": "Aino Suo"}),
        ({"last_name": "Suo", "first_name": "Aino", "phone": "1"}, {"name": "Aino Suo", "phone": "1"}),
        ({"home_town": "Turku", "home_street": "Torikatu 1"}, {"home_address": "Torikatu 1, Turku"}),
        (
            {"work_street": "Torikatu", "work_number": "1", "work_postcode": "20100", "work_town": "Turku"},
            {"work_address": "Torikatu 1, 20100 Turku"},
        ),
        ({"home_street": "", "home_number": "1", "home_town": "Turku"}, {"home_address": ""}),
        ({"name": "Aino", "home_address": "Torikatu 1"}, {"name": "Aino", "home_address": "Torikatu 1"}),
    ],
)
def test_parts_become_wholes_in_the_order_of_writing(row: dict[str, str], told: dict[str, str]) -> None:
    assert parts.put_together(row) == told


def test_a_file_without_names_of_columns_loses_nobody_and_leaves_nothing(admin: Visitor, services: Services) -> None:
    import_id = uploaded(admin, FINNISH.partition("\n")[2])
    until(admin, import_id, jobs.UNUSABLE)
    assert "The first line is a person already" in words(admin.get(f"/people/import/{import_id}"))


def test_what_would_be_guessed_anyway_and_what_is_left_out_is_not_kept(admin: Visitor, services: Services) -> None:
    import_id = uploaded(admin, FINNISH.replace("Kengännumero", "Aino Virtanen"))
    chosen = enumerate(chosen_on(admin.get(f"/people/import/{import_id}/columns")))
    admin.post(f"/people/import/{import_id}/columns", {f"column-{number}": column for number, column in chosen})
    until(admin, import_id, jobs.CHECKED)
    assert count(services, ImportColumn) == 0


def test_a_correction_is_remembered(admin: Visitor, services: Services) -> None:
    text = FINNISH.replace("Puhelinnumero", "Linja 1").replace("Nimi", "Tyyppi")
    import_id = uploaded(admin, text)
    assert chosen_on(admin.get(f"/people/import/{import_id}/columns"))[1:3] == ["", ""]
    right = ["external_id", "name", "phone", "home_address", "consent_at", ""]
    admin.post(f"/people/import/{import_id}/columns", {f"column-{number}": one for number, one in enumerate(right)})
    until(admin, import_id, jobs.CHECKED)
    admin.post(f"/people/import/{import_id}/discard")
    again = uploaded(admin, text)
    assert chosen_on(admin.get(f"/people/import/{again}/columns")) == right
    assert admin.post(f"/people/import/{again}/discard").status_code == 303
    assert count(services) == 0


@pytest.mark.parametrize("text", ["\0\0\0", "Nimi\n", ",".join(f"c{n}" for n in range(101)) + "\n", '"never closed\n'])
def test_what_cannot_be_matched_is_said_plainly(admin: Visitor, services: Services, text: str) -> None:
    import_id = uploaded(admin, text)
    if text == "Nimi\n":
        page = admin.post(f"/people/import/{import_id}/columns", {"column-0": "name"})
        assert "phone is needed" in words(page)
        return
    until(admin, import_id, jobs.UNUSABLE)
    assert "Nothing was written." in words(admin.get(f"/people/import/{import_id}"))


def test_an_auditor_may_look(visitor: Callable[[str], Visitor], admin: Visitor) -> None:
    import_id = uploaded(admin, FINNISH)
    page = visitor("auditor").get(f"/people/import/{import_id}/columns")
    assert "<button" not in page.text.split("<main")[1]
    assert visitor("auditor").post(f"/people/import/{import_id}/columns").status_code == 403
