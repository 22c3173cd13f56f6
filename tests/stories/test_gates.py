"""Between choosing somebody and the leaving of their text the world goes on: what is true then decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from dispatch import intake, lifecycle
from dispatch.models import Callout
from dispatch.reports import NewIncident
from responder import availability, erasure, people
from responder.fields import Context
from responder.input import ResponderInput
from responder.models import Responder
from sms import contacts, inbox
from tests.stories.town import CENTRE, Town, Volunteer

JUST_BEFORE_MIDNIGHT = datetime(2026, 11, 23, 21, 59, 55, tzinfo=UTC)
"""23:59:55 in Helsinki."""
JUST_BEFORE_NIGHT = datetime(2026, 11, 23, 20, 59, 55, tzinfo=UTC)
"""22:59:55 in Helsinki."""
JUST_BEFORE_FOUR = datetime(2026, 11, 23, 13, 59, 55, tzinfo=UTC)
"""15:59:55 in Helsinki."""


def chosen(town: Town) -> None:
    """An emergency comes in and people are chosen; no text has left yet."""
    wanted = NewIncident.model_validate({"type": "cardiac_arrest", "location": {"lat": CENTRE[0], "lon": CENTRE[1]}})
    town.incidents.append(intake.open_incident(town.services, town.geocoder, wanted, "key:cad").incident_id)


def change(town: Town, volunteer: Volunteer, how: Callable[[Any, Responder], None]) -> None:
    with town.services.write() as session:
        how(session, session.scalars(select(Responder).where(Responder.name == volunteer.name)).one())


def says_off(town: Town, volunteer: Volunteer) -> None:
    change(town, volunteer, lambda session, person: availability.set_off(session, person, None))


def opts_out(town: Town, volunteer: Volunteer) -> None:
    change(town, volunteer, lambda session, person: contacts.opt_out(town.wire, session, person.contact))


def loses_the_certificate(town: Town, volunteer: Volunteer) -> None:
    put(town, volunteer, certifications=[])


def withdraws_consent(town: Town, volunteer: Volunteer) -> None:
    put(town, volunteer, consent_at=None)


def is_erased(town: Town, volunteer: Volunteer) -> None:
    change(town, volunteer, lambda session, person: erasure.erase(session, person.external_id, "operator"))


def put(town: Town, volunteer: Volunteer, **other: Any) -> None:
    person = {
        "external_id": volunteer.name.lower(),
        "name": volunteer.name,
        "phone": volunteer.phone,
        "places": [{"kind": "home", "lat": CENTRE[0] + 0.001, "lon": CENTRE[1]}],
        "consent_at": "2026-01-01",
    }
    checked = ResponderInput.read(person | other, Context.of(town.services.settings))
    people.upsert(town.services, town.geocoder, checked, people.Manner("operator"))


def why_failed(town: Town) -> list[str]:
    return [event["data"]["reason"] for event in town.events("text_failed")]


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (says_off, "off"),
        (opts_out, "opted_out"),
        (loses_the_certificate, "not_certified"),
        (withdraws_consent, "no_consent"),
    ],
)
def test_what_a_person_changes_in_between_holds_their_text_back_and_the_next_is_asked(
    town: Town, what: Callable[[Town, Volunteer], None], reason: str
) -> None:
    street = town.street(12)
    chosen(town)
    what(town, street[2])
    town.settle()
    street[2].gets_nothing()
    assert street[2].state == "failed"
    assert why_failed(town) == [reason]
    for person in [*street[:2], *street[3:8]]:
        person.gets("CARDIAC")
    assert len(town.asked()) == 8


def test_whoever_is_erased_in_between_is_not_texted_and_replaced_when_their_time_is_over(town: Town) -> None:
    street = town.street(12)
    chosen(town)
    is_erased(town, street[2])
    town.settle()
    street[2].gets_nothing()
    for person in [*street[:2], *street[3:7]]:
        person.gets("CARDIAC")
        person.texts("1") if person in street[:2] else None
    for person in street[:2]:
        person.gets("GO TO")
    town.turn(35)
    for person in street[7:11]:
        person.gets("CARDIAC")
    town.turn(300)
    street[11].gets("CARDIAC")
    assert {"expired"} == {one["state"] for one in town.incident()["callouts"] if one["responder_id"] is None}


@pytest.mark.parametrize(
    ("before", "person", "reason"),
    [
        (JUST_BEFORE_MIDNIGHT, {"certifications": [{"type": "cpr", "expires": "2026-11-23"}]}, "certification_lapsed"),
        (JUST_BEFORE_NIGHT, {"night_alerts": False}, "night"),
        (
            JUST_BEFORE_FOUR,
            {"places": [{"kind": "home", "lat": CENTRE[0] + 0.001, "lon": CENTRE[1], "hours": "Mo-Fr 08:00-16:00"}]},
            "outside_hours",
        ),
    ],
    ids=["lapse", "night", "hours"],
)
def test_what_the_clock_changes_in_between_counts_too(
    town: Town, before: datetime, person: dict[str, Any], reason: str
) -> None:
    town.clock.set(before)
    anna = town.volunteer("Anna", 50, **person)
    street = town.street(12)
    chosen(town)
    town.clock.turn(6)
    town.settle()
    anna.gets_nothing()
    assert anna.state == "failed"
    assert why_failed(town) == [reason]
    for other in street[:7]:
        other.gets("CARDIAC")


def test_up_to_its_last_second_a_certificate_counts(town: Town) -> None:
    town.clock.set(JUST_BEFORE_MIDNIGHT)
    anna = town.volunteer("Anna", certifications=[{"type": "cpr", "expires": "2026-11-23"}])
    chosen(town)
    town.clock.turn(4)
    town.settle()
    anna.gets("CARDIAC")


def test_a_text_that_waited_out_a_crowded_carrier_is_checked_when_it_leaves(town: Town) -> None:
    town.clock.set(JUST_BEFORE_MIDNIGHT)
    anna = town.volunteer("Anna", certifications=[{"type": "cpr", "expires": "2026-11-23"}])
    town.carrier.faults.too_many.share = 1.0
    town.emergency()
    town.clock.turn(6)
    town.carrier.faults.reset()
    town.turn(3)
    anna.gets_nothing()
    assert anna.state == "failed"


def test_the_other_place_of_a_person_opens_the_gate_too(town: Town) -> None:
    town.clock.set(JUST_BEFORE_NIGHT)
    lat = CENTRE[0] + 0.001
    places = [{"kind": "home", "lat": lat, "lon": CENTRE[1]}]
    places.append({"kind": "work", "lat": lat, "lon": CENTRE[1] + 0.001, "hours": "Mo-Su 22:00-06:00"})
    anna = town.volunteer("Anna", places=places, night_alerts=False)
    chosen(town)
    town.clock.turn(6)
    town.settle()
    anna.gets("CARDIAC")


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (lambda town: lifecycle.close_incident(town.services, town.incidents[-1], "helped", "user:d"), "expired"),
        (lambda town: lifecycle.stand_down(town.services, town.incidents[-1], "not_needed", "user:d"), "stood_down"),
        (lambda town: lifecycle.stand_down(town.services, town.incidents[-1], "covered", "user:d"), "stood_down"),
        (lambda town: lifecycle.stand_down(town.services, town.incidents[-1], "unsafe", "user:d"), "stood_down"),
    ],
    ids=["closed", "not_needed", "covered", "unsafe"],
)
def test_an_emergency_that_ended_in_between_texts_nobody_at_all(town: Town, end: Callable[[Town], None], state: str) -> None:
    anna = town.volunteer("Anna")
    chosen(town)
    end(town)
    town.settle()
    town.turn(15)
    anna.gets_nothing()
    assert anna.state == state


def test_a_first_text_older_than_its_emergency_asks_is_never_sent(town: Town) -> None:
    anna = town.volunteer("Anna")
    chosen(town)
    town.clock.turn(301)
    town.settle()
    anna.gets_nothing()
    assert anna.state in ("failed", "expired")


def test_whoever_has_accepted_keeps_getting_every_text_whatever_lapses(town: Town) -> None:
    town.clock.set(JUST_BEFORE_MIDNIGHT)
    anna = town.volunteer("Anna", certifications=[{"type": "cpr", "expires": "2026-11-23"}], night_alerts=True)
    town.emergency()
    anna.gets("CARDIAC")
    town.carrier.text(anna.phone, "1")
    town.carrier.wait_idle()
    inbox.handle_due(town.wire)
    town.clock.turn(6)
    put(town, anna, night_alerts=False, available=False, consent_at=None)
    town.settle()
    anna.gets("GO TO")
    anna.texts("where?")
    anna.gets("GO TO")
    town.correct(location={"lat": CENTRE[0] + 0.001, "lon": CENTRE[1]})
    anna.gets("ADDRESS WAS WRONG")
    anna.texts("3")
    assert anna.state == "on_scene"
    town.stand_down("ambulance_on_scene")
    anna.gets("hand over")
    town.stand_down("unsafe")
    anna.gets("NOT SAFE")
    anna.texts("4")
    assert anna.state == "finished"


def test_whoever_is_asked_and_says_off_may_still_say_1(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("CARDIAC")
    says_off(town, anna)
    anna.texts("1")
    anna.gets("GO TO")


def test_an_opt_out_alone_blocks_the_texts_of_someone_who_is_coming(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("CARDIAC")
    anna.texts("1")
    anna.gets("GO TO")
    opts_out(town, anna)
    town.stand_down("not_needed")
    anna.gets_nothing()
    with town.services.read() as session:
        assert session.scalars(select(Callout.state)).one() == "stood_down"
