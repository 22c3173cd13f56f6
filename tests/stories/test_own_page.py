"""One's own page: a link by text, opened once; seeing and changing oneself; to be forgotten."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from core.events import Event
from responder.links.models import PersonalLink
from responder.models import Responder
from tests.responder.helpers import everything_stored
from tests.stories.own_page import Phone, link_in
from tests.stories.town import Town, Volunteer


def link_of(anna: Volunteer) -> str:
    anna.texts("LINK")
    return link_in(anna.gets("Your own page: http", "Ring 0400 123456"))


def test_a_link_opens_once_and_a_preview_does_not_burn_it(town: Town) -> None:
    anna = town.volunteer("Anna")
    link = link_of(anna)
    path = "/m/" + link.rpartition("/")[2]
    preview, phone, thief = Phone(town), Phone(town), Phone(town)
    preview.sees(path, "Open my page")
    preview.sees(path, "Open my page")
    thief.sees("/me", "This link has ended", "text LINK to +44", status=410)
    phone.opens(link, "Anna", "You are on.", "You are asked, near your home.")
    phone.sees("/me", "Anna")
    thief.sees(path, "This link has ended", "Ring 0400 123456", status=410)
    thief.sees("/me", "This link has ended", status=410)
    with town.services.read() as session:
        kept = session.scalars(select(PersonalLink)).one()
        assert link.rpartition("/")[2] not in str(vars(kept))


def test_a_link_ends_after_a_day_and_a_visit_after_half_an_hour(town: Town) -> None:
    anna, phone = town.volunteer("Anna"), Phone(town)
    old = link_of(anna)
    town.clock.turn(24 * 3600)
    phone.sees("/m/" + old.rpartition("/")[2], "This link has ended", status=410)
    phone.opens(link_of(anna), "Anna")
    for _ in range(3):
        town.clock.turn(25 * 60)
        phone.sees("/me", "Anna")
    town.clock.turn(31 * 60)
    phone.sees("/me", "This link has ended", status=410)
    phone.opens(link_of(anna), "Anna")
    for _ in range(28):
        town.clock.turn(25 * 60)
        phone.sees("/me", "Anna")
    town.clock.turn(25 * 60)
    phone.sees("/me", status=410)


def test_a_link_dies_with_the_number_it_went_to(town: Town) -> None:
    anna, phone = town.volunteer("Anna"), Phone(town)
    opened, unopened = link_of(anna), link_of(anna)
    phone.opens(opened, "Anna")
    with town.services.write() as session:
        session.scalars(select(Responder)).one().contact.phone = "+447700900999"
    phone.sees("/me", "This link has ended", status=410)
    phone.sees("/m/" + unopened.rpartition("/")[2], "This link has ended", status=410)


def test_a_break_taken_on_the_page_is_one(town: Town) -> None:
    anna, phone = town.volunteer("Anna"), Phone(town)
    phone.opens(link_of(anna))
    phone.presses("/me", "/me/off", "You are off until Mon 23 Nov 22:00.", "You are not asked: you are off.", length="8h")
    town.emergency()
    assert town.asked() == set()
    town.close()
    phone.presses("/me", "/me/on", "You are on again.")
    phone.presses("/me", "/me/off", "still to come", until="2026-11-22T10:00", status=422)
    phone.presses("/me", "/me/off", "You are off until Tue 1 Dec 08:30.", until="2026-12-01T08:30")
    phone.presses("/me", "/me/on", "You are on again.")
    town.emergency()
    anna.gets("CARDIAC ARREST")


def test_the_page_tells_what_it_means_and_a_change_takes_effect(town: Town) -> None:
    anna, phone = town.volunteer("Anna", night_alerts=False), Phone(town)
    phone.opens(link_of(anna), "Mon 23 Nov 23:00 – Tue 24 Nov 07:00 ○ You are not asked: it is night")
    same = {
        "home_address": "",
        "home_when": "always",
        "language": "fi",
        "transport": "bike",
        "night_alerts": "yes",
        "calls": "yes",
    }
    with town.services.read() as session:
        revision = session.scalars(select(Responder.revision)).one()
    # A place that was given as coordinates has no address and stays where it is.
    phone.presses("/me/change", "/me/change", "Tallennettu.", "Pyörällä", "sinut saa herättää", revision=revision, **same)
    phone.presses("/me/change", "/me/change", "muutettiin sillä välin", revision=revision, status=409, **same)
    town.clock.set(datetime(2026, 11, 24, 1, 0, tzinfo=UTC))
    town.emergency()
    anna.gets("SYDÄNPYSÄHDYS")
    with town.services.read() as session:
        person = session.scalars(select(Responder)).one()
        assert (person.calls, person.transport, len(person.certifications)) == (True, "bike", 1)
        by = session.scalars(select(Event.actor).where(Event.kind == "responder_changed").order_by(Event.number)).all()
        assert by == [f"responder:{person.id}"]


def test_hours_by_the_day(town: Town) -> None:
    anna, phone = town.volunteer("Anna"), Phone(town)
    phone.opens(link_of(anna))
    with town.services.read() as session:
        revision = str(session.scalars(select(Responder.revision)).one())
    form = {"revision": revision, "language": "en", "transport": "foot", "home_when": "hours", "home_0_from": "18:00"}
    phone.presses("/me/change", "/me/change", "both times or neither", status=422, **form)
    phone.presses("/me/change", "/me/change", "Saved.", "Mon 18:00–20:00", home_0_to="20:00", **form)
    town.emergency()
    assert town.asked() == set(), "it is two in the afternoon"
    town.close()
    town.clock.turn(5 * 3600)
    town.emergency()
    anna.gets("CARDIAC ARREST")


def test_alerts_and_everything_about_me(town: Town) -> None:
    anna, phone = town.volunteer("Anna"), Phone(town)
    town.emergency()
    anna.gets("CARDIAC ARREST")
    anna.texts("2")
    link = link_of(anna)
    phone.opens(link, "Cardiac arrest – you could not go")
    kept = json.loads(phone.client.get("/me/everything.json").text)
    assert kept["person"]["name"] == "Anna"
    assert kept["alerts"][0]["became"] == "declined"
    assert {"2", "LINK"} <= {text["body"] for text in kept["texts"]}
    assert link.rpartition("/")[2] not in json.dumps(kept), "a file lies about, and the link may not have been opened yet"


def test_to_be_forgotten(town: Town) -> None:
    anna, phone = town.volunteer("Anna Zzyzx"), Phone(town)
    phone.opens(link_of(anna))
    phone.presses("/me", "/me/delete", "Nothing was deleted", status=422)
    phone.presses("/me", "/me/delete", "Everything about you is deleted", sure="yes")
    phone.sees("/me", status=410)
    with town.services.read() as session:
        assert "Zzyzx" not in everything_stored(session)
        assert session.scalars(select(PersonalLink)).all() == []


def test_to_be_forgotten_while_on_the_way(town: Town) -> None:
    anna, phone = town.volunteer("Anna"), Phone(town)
    town.emergency()
    anna.gets("CARDIAC ARREST")
    anna.texts("1")
    anna.gets("GO TO")
    phone.opens(link_of(anna))
    phone.presses("/me", "/me/delete", "keep getting its texts", sure="yes")
    assert anna.state == "accepted"
    with town.services.read() as session:
        assert session.scalars(select(Responder.erase_requested_at)).one() is not None


@pytest.mark.parametrize(
    ("word", "language", "answer"), [("länk", "sv", "Din egen sida: http"), ("linkki", "fi", "Oma sivusi: http")]
)
def test_in_ones_own_language(town: Town, word: str, language: str, answer: str) -> None:
    anna, phone = town.volunteer("Anna", language=language), Phone(town)
    anna.texts(word)
    link = link_in(anna.gets(answer, "0400 123456"))
    phone.opens(link, {"sv": "De närmaste 24 timmarna", "fi": "Seuraavat 24 tuntia"}[language])
    town.clock.turn(3600)
    phone.sees(
        "/m/" + link.rpartition("/")[2], {"sv": "gäller inte längre", "fi": "ei ole enää voimassa"}[language], status=410
    )


def test_whoever_waits_for_a_call_reads_until_when_and_is_asked_again_by_a_button(town: Town) -> None:
    anna, phone = town.volunteer("Anna"), Phone(town)
    anna.texts("ring me")
    anna.gets("A person rings you by 23 Nov 20:00")
    phone.opens(link_of(anna), "You are off until we have rung you, by Mon 23 Nov 20:00.", "You are not asked: you are off.")
    phone.presses("/me", "/me/on", "You are on.", "You are asked, near your home.")
    kept = json.loads(phone.client.get("/me/everything.json").text)
    assert [one["by"] for one in kept["calls_promised"]] == ["2026-11-23T18:00:00Z"]
    town.emergency()
    anna.gets("CARDIAC ARREST")
