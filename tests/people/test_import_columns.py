"""Which column is which: guessed in three languages, corrected by the admin, remembered for the next file."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from core.services import Services
from responder.imports import columns, jobs
from responder.imports.columns import Given
from responder.models import Responder
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
