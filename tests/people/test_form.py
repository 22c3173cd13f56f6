"""The long form: every field checked where it was typed, nothing half-written, nobody's change overwritten unseen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from console.app import create_app
from core import words as sentences
from core.events import Event
from core.services import Services
from geo import examples
from geo.models import HouseNumber
from responder.models import Certification, Place, Responder
from responder.pages.room import load
from sms.models import Contact
from tests.conftest import empty_sqlite as database
from tests.people.conftest import Visitor, error_at, words

__all__ = ["database"]

GOOD = {
    "name": "Björn Åström",
    "phone": "040 123 4567",
    "language": "sv",
    "transport": "bike",
    "consent": "2026-03-01",
    "night_alerts": "yes",
    "home_address": "Torikatu 5",
    "work_coordinates": "60.1712, 24.9400",
    "work_hours": "Mo-Fr 08:00-16:00; PH off",
    "certification-0-type": "cpr",
    "certification-0-number": "N-7",
    "certification-0-issuer": "Red Cross",
    "certification-0-issued": "2025-05-01",
    "certification-0-expires": "2027-05-01",
}
WRONG = [
    ("name", " ", "name", "the person's name"),
    ("name", "x" * 201, "name", "at most 200 characters"),
    ("name", "bell\u0007", "name", "U+0007"),
    ("phone", "", "phone", "that can be texted"),
    ("phone", "040", "phone", "digits"),
    ("phone", "call me", "phone", "letters"),
    ("language", "xx", "language", "'en', 'sv' or 'fi'"),
    ("transport", "rocket", "transport", "'foot', 'bike' or 'car'"),
    ("consent", "2031-01-01", "consent", "not in the future"),
    ("consent", "1 March", "consent", "2026-12-31"),
    ("home_address", "Nowhere 1", "home_address", "no such address is known"),
    ("home_coordinates", "here", "home_coordinates", "latitude and longitude"),
    ("home_coordinates", "91, 24", "home_coordinates", "latitude and longitude"),
    ("home_coordinates", "0, 0", "home_coordinates", "0,0 lies in the sea"),
    ("home_hours", "mornings", "home_hours", "cannot be read"),
    ("home_hours", "100 % <b>day</b>", "home_hours", "'100 % <b>day</b>'"),
    ("work_hours", "", "work_hours", "a work place needs its hours"),
    ("work_hours", "Jan-Mar 08:00-16:00", "work_hours", "every week"),
    ("certification-0-type", "", "certification-0-type", "a kind of certificate"),
    ("certification-0-type", "pilot", "certification-0-type", "a kind of certificate"),
    ("certification-0-number", "9" * 81, "certification-0-number", "at most 80 characters"),
    ("certification-0-issued", "2031-01-01", "certification-0-issued", "not in the future"),
    ("certification-0-expires", "2024-01-01", "certification-0-expires", "not before issued"),
    ("certification-0-expires", "soon", "certification-0-expires", "2026-12-31"),
    ("external_id", "erased-1", "external_id", "erased"),
]


def everything(services: Services) -> tuple[Any, ...]:
    with services.read() as session:
        tables = (Responder, Contact, Place, Certification)
        return tuple(session.scalar(select(func.count()).select_from(table)) for table in tables)


def fields_of(page: Any) -> dict[str, str]:
    """The form as a browser would send it back untouched."""
    form = page.text.split('<form method="post" class="stack"')[1].split("</form>")[0]
    sent = dict(re.findall(r'<input id="[^"]*" name="([^"]+)" type="[^"]+" value="([^"]*)"', form))
    sent |= dict(
        re.findall(r'name="([^"]+)" value="yes" checked', form)
        and [(name, "yes") for name in re.findall(r'name="([^"]+)" value="yes" checked', form)]
    )
    for name, options in re.findall(r'<select id="[^"]*" name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        sent[name] = chosen[1] if chosen else re.search(r'value="([^"]*)"', options)[1]
    sent["revision"] = re.search(r'name="revision" value="(\d+)"', form)[1]
    return sent


def test_a_person_is_added_whole(admin: Visitor, services: Services, kinds: Callable[[int], list[str]]) -> None:
    answer = admin.post("/people/new", GOOD)
    assert answer.status_code == 303
    with services.read() as session:
        person = load(session, session.scalars(select(Responder.id)).one())
        assert (person.name, person.contact.phone, person.contact.language) == ("Björn Åström", "+358401234567", "sv")
        assert (person.transport, person.night_alerts, person.calls) == ("bike", True, False)
        places = {place.kind: place for place in person.places}
        assert places["home"].address == "Torikatu 5"
        assert places["home"].lat == pytest.approx(60.1718, abs=1e-3)
        assert (places["work"].lat, places["work"].hours) == (60.1712, GOOD["work_hours"])
        [proof] = person.certifications
        assert (proof.type, proof.issuer, proof.verified_at) == ("cpr", "Red Cross", None)
        assert person.external_id.startswith("web-")
        page = admin.get(answer.location)
    assert "To verify" in words(page)
    assert "Mon–Fri 08:00–16:00 not on public holidays" in words(page)
    assert kinds(person.id) == ["responder_added", "responder_opened"]


@pytest.mark.parametrize(("name", "value", "field", "said"), WRONG)
def test_what_is_wrong_is_said_at_its_field(
    admin: Visitor, services: Services, name: str, value: str, field: str, said: str
) -> None:
    before = everything(services)
    page = admin.post("/people/new", GOOD | {name: value})
    assert page.status_code == 422
    assert said in error_at(page, field)
    assert f'href="#{field}"' in page.text
    assert everything(services) == before
    assert "Red Cross" in page.text, "what was typed is still there"


FINNISH = {
    "cannot be read from {rest} on; write it as OSM opening_hours, such as {example}": "lukematta {rest}; kirjoita {example}",
    "the same {kind} certification is given twice": "sama todistus kahdesti: {kind}",
    "home hours": "ajat kotona",
    "certificate {number}, kind": "todistus {number}, laji",
    "the person's name": "henkilön nimi",
}


def test_it_is_said_in_the_readers_language(admin: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentences, "gettext", lambda sentence: FINNISH.get(sentence, sentence))
    twice = {f"certification-1-{part}": GOOD[f"certification-0-{part}"] for part in ("type", "number", "expires")}
    page = admin.post("/people/new", GOOD | twice | {"name": "", "home_hours": "100 % {rest}"})
    assert error_at(page, "name") == "henkilön nimi"
    assert error_at(page, "home_hours") == "lukematta '100 % {rest}'; kirjoita Mo-Fr 08:00-16:00; PH off"
    assert "ajat kotona : lukematta" in words(page)
    assert "todistus 1, laji : sama todistus kahdesti: cpr" in words(page)


def test_everything_wrong_is_said_at_once(admin: Visitor) -> None:
    page = admin.post("/people/new", GOOD | {"name": "", "phone": "1", "work_hours": "x"})
    assert all(error_at(page, field) for field in ("name", "phone", "work_hours"))


def test_without_any_place_it_says_so(admin: Visitor) -> None:
    given = {name: value for name, value in GOOD.items() if not name.startswith(("home_", "work_"))}
    assert "without a place" in error_at(admin.post("/people/new", given), "home_address")


def test_an_address_with_several_meanings_offers_them(admin: Visitor, services: Services) -> None:
    page = admin.post("/people/new", GOOD | {"home_address": "Torikat 5"})
    assert page.status_code == 422
    offered = re.findall(r'name="home_match" value="([^"]+\|[^"]+)"', page.text)
    [chosen] = [one for one in offered if one.endswith("|Torikatu 5")]
    sent = {"home_address": "Torikat 5", "home_matched_for": "Torikat 5", "home_match": chosen}
    again = admin.post("/people/new", GOOD | sent)
    assert again.status_code == 303
    with services.read() as session:
        place = session.scalars(select(Place).where(Place.kind == "home")).one()
        assert place.address == "Torikatu 5"
        assert f"{place.lat}, {place.lon}" == chosen.partition("|")[0]


def test_a_choice_for_another_address_does_not_count(admin: Visitor, services: Services) -> None:
    sent = {"home_address": "Kirkkokatu 2", "home_matched_for": "Tori 5", "home_match": "60.5, 25.5|Torikuja 5"}
    assert admin.post("/people/new", GOOD | sent).status_code == 303
    with services.read() as session:
        assert session.scalars(select(Place.address).where(Place.kind == "home")).one() == "Kirkkokatu 2"


@pytest.mark.parametrize(("sent", "field"), [({"external_id": "p-00"}, "external_id"), ({"phone": "+447700900000"}, "phone")])
def test_ids_and_phones_belong_to_one_person(
    admin: Visitor, services: Services, person: Callable[..., int], sent: dict[str, str], field: str
) -> None:
    person()
    before = everything(services)
    page = admin.post("/people/new", GOOD | sent)
    assert page.status_code == 422
    assert error_at(page, field)
    assert everything(services) == before


def test_a_form_sent_back_untouched_changes_nothing(admin: Visitor, services: Services, person: Callable[..., int]) -> None:
    row = person()
    answer = admin.post(f"/people/{row}/edit", fields_of(admin.get(f"/people/{row}/edit")))
    assert answer.location.endswith("said=unchanged")
    with services.read() as session:
        found = load(session, row)
        assert (found.places[0].lat, found.places[0].lon) == (60.1712345678, 24.9412345678)
        assert found.consent_at.isoformat() == "2026-01-15T10:11:12+00:00"
        assert found.certifications[0].verified_by == "operator"
        assert found.revision == 1


def test_a_changed_address_moves_the_place(admin: Visitor, services: Services, person: Callable[..., int]) -> None:
    row = person()
    sent = fields_of(admin.get(f"/people/{row}/edit")) | {"home_address": "Kirkkokatu 9"}
    assert admin.post(f"/people/{row}/edit", sent).location.endswith("said=saved")
    with services.read() as session:
        place = load(session, row).places[0]
        assert (place.address, round(place.lon, 4)) == ("Kirkkokatu 9", 24.9436)


def test_an_edit_shows_what_is_wrong_and_keeps_the_rest(admin: Visitor, services: Services, person: Callable[..., int]) -> None:
    row = person()
    sent = fields_of(admin.get(f"/people/{row}/edit")) | {"name": "Somebody Else", "phone": "12"}
    page = admin.post(f"/people/{row}/edit", sent)
    assert page.status_code == 422
    assert error_at(page, "phone")
    with services.read() as session:
        assert load(session, row).name == "Aino Virtanen"


def test_two_who_edit_at_once_hear_of_each_other(admin: Visitor, services: Services, person: Callable[..., int]) -> None:
    row = person()
    mine = fields_of(admin.get(f"/people/{row}/edit"))
    theirs = dict(mine)
    assert admin.post(f"/people/{row}/edit", theirs | {"name": "Aino Salo", "transport": "car"}).status_code == 303
    page = admin.post(f"/people/{row}/edit", mine | {"name": "Aino Koski"})
    assert page.status_code == 409
    assert "Somebody else has changed this person" in words(page)
    assert "Now stored: Aino Salo" in words(page)
    assert "Now stored: By car" in words(page)
    with services.read() as session:
        assert load(session, row).name == "Aino Salo"
    again = fields_of(page)
    assert again["name"] == "Aino Koski"
    assert admin.post(f"/people/{row}/edit", again).status_code == 303
    with services.read() as session:
        assert load(session, row).name == "Aino Koski"


def test_a_certificate_is_added_and_removed(admin: Visitor, services: Services, person: Callable[..., int]) -> None:
    row = person()
    sent = fields_of(admin.get(f"/people/{row}/edit"))
    new = {"certification-1-type": "first_aid", "certification-1-expires": "2029-01-01", "certification-0-remove": "yes"}
    assert admin.post(f"/people/{row}/edit", sent | new).status_code == 303
    with services.read() as session:
        [proof] = load(session, row).certifications
        assert (proof.type, proof.verified_at) == ("first_aid", None)


def test_the_same_certificate_twice_is_refused(admin: Visitor) -> None:
    twice = {f"certification-1-{part}": GOOD[f"certification-0-{part}"] for part in ("type", "number", "expires")}
    assert "twice" in error_at(admin.post("/people/new", GOOD | twice), "certification-0-type")


def test_what_people_are_called_is_never_markup(admin: Visitor, person: Callable[..., int]) -> None:
    row = person("<script>alert(1)</script>")
    for path in ("/people", f"/people/{row}", f"/people/{row}/edit"):
        assert "<script>alert" not in admin.get(path).text


def test_events_hold_no_names(admin: Visitor, services: Services) -> None:
    admin.post("/people/new", GOOD)
    with services.read() as session:
        said = str(session.execute(select(Event.kind, Event.data)).all())
    assert "Björn" not in said
    assert "1234567" not in said


def test_editing_opens_a_person_too(admin: Visitor, person: Callable[..., int], kinds: Callable[[int], list[str]]) -> None:
    row = person()
    admin.get(f"/people/{row}/edit")
    assert kinds(row)[-1] == "responder_opened"


@pytest.mark.parametrize("path", ["/people/99", "/people/99/edit", "/people/99999999999999999999"])
def test_nobody_is_not_found(admin: Visitor, path: str) -> None:
    assert admin.get(path).status_code == 404


def test_its_hints_are_of_this_town_and_this_country(admin: Visitor, services: Services) -> None:
    page = words(admin.get("/people/new"))
    assert "such as 041 2345678 or +358 41 2345678" in page
    with services.read() as session:
        house = examples.of_town(session)
    assert house is not None
    assert f"latitude and longitude, such as {house.lat:.4f}, {house.lon:.4f}" in page
    with services.write() as session:
        session.execute(delete(HouseNumber))
    abroad = replace(services, settings=services.settings.model_copy(update={"default_region": "MC"}))
    page = words(Visitor(create_app(abroad), services, admin.cookie).get("/people/new"))
    assert "such as 06 12 34 56 78 or +377 6 12 34 56 78" in page
    assert "latitude and longitude, with a comma between them" in page
