"""From somebody's first certificate to their first test alarm: once in their life, at an hour at which a phone may ring."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dispatch import first_alarms
from responder.certificates import verifying
from responder.certificates.verifying import Read
from tests.stories.own_page import Phone, link_in
from tests.stories.test_certificates import sends_a_proof
from tests.stories.test_gates import opts_out
from tests.stories.town import Town, Volunteer

LATE = datetime(2026, 11, 23, 17, 57, tzinfo=UTC)
"""19:57 in Helsinki: two minutes later nobody is welcomed any more today."""
HOUR_S = 3600


def new(town: Town, name: str = "Anna", **other: Any) -> Volunteer:
    """Somebody who has joined, of whom nobody has verified anything."""
    return town.volunteer(name, certifications=[], **other)


def verified(town: Town, volunteer: Volunteer) -> int:
    """A proof of theirs is sent and verified."""
    certification_id = sends_a_proof(town, volunteer)
    with town.services.write() as session:
        assert verifying.verify(session, town.services.settings, certification_id, Read(None), "user:admin")
    return certification_id


def looked(town: Town, after_s: int = 121) -> int:
    """So many seconds later the conductor looks, twice. How many were welcomed."""
    town.clock.turn(after_s)
    town.settle()
    welcomed = first_alarms.send_due(town.services) + first_alarms.send_due(town.services)
    town.settle()
    return welcomed


@pytest.mark.both_databases
def test_the_first_certificate_brings_our_numbers_and_then_a_test_alarm_once(town: Town) -> None:
    anna = new(town)
    verified(town, anna)
    assert looked(town, 119) == 0, "the verdict may still be a slip"
    assert looked(town, 2) == 1
    link = link_in(anna.gets("Welcome, we ask you from now on!", "sound at night: http", "ring 0400 123456"))
    Phone(town).opens(link, "Save our numbers as a contact and let it through at night")
    anna.gets_nothing()
    town.turn(300)
    anna.gets("TEST ALARM.", "You need not answer.")
    anna.texts("TEST")
    anna.gets("TEST ALARM.")
    verified(town, anna)
    assert looked(town) == 0, "who renews a certificate is no newcomer"


def test_a_real_alarm_in_the_minutes_between_takes_the_place_of_the_test(town: Town) -> None:
    anna, bert = new(town), new(town, "Bert")
    verified(town, anna)
    verified(town, bert)
    assert looked(town) == 2
    anna.gets("Welcome")
    bert.gets("Welcome")
    town.turn(280)
    town.emergency()
    anna.gets("CARDIAC")
    bert.gets("CARDIAC")
    bert.texts("2")
    town.turn(25)
    anna.gets_nothing()
    bert.gets("TEST ALARM.")
    anna.texts("TEST")
    anna.gets("TEST ALARM.")


def test_in_their_language_and_at_a_civil_hour(town: Town) -> None:
    town.clock.set(LATE)
    eero, elsa = new(town, "Eero", language="fi"), new(town, "Elsa", language="sv")
    verified(town, eero)
    verified(town, elsa)
    assert looked(town, 181) == 0
    assert looked(town, 13 * HOUR_S) == 2
    eero.gets("Tervetuloa", "Koehälytys seuraa.")
    elsa.gets("Välkommen", "Ett provlarm följer.")
    town.turn(300)
    eero.gets("KOEHÄLYTYS.")
    elsa.gets("PROVLARM.")


def test_a_verdict_that_was_a_slip_welcomes_nobody_until_it_is_made_again(town: Town) -> None:
    anna = new(town)
    slip = verified(town, anna)
    with town.services.write() as session:
        verifying.take_back(session, slip, "user:admin")
    assert looked(town, HOUR_S) == 0
    with town.services.write() as session:
        verifying.verify(session, town.services.settings, slip, Read(None), "user:admin")
    assert looked(town, 119) == 0
    assert looked(town, 2) == 1
    anna.gets("Welcome")


def test_whom_a_list_vouches_for_was_a_volunteer_before(town: Town) -> None:
    anna = town.volunteer("Anna")
    verified(town, anna)
    assert looked(town) == 0
    anna.gets_nothing()


@pytest.mark.parametrize("hindered", ["off", "no consent", "opted out"])
def test_it_waits_for_whoever_is_not_asked_yet(town: Town, hindered: str) -> None:
    anna = new(town, consent_at=None if hindered == "no consent" else "2026-01-01")
    if hindered == "off":
        anna.texts("OFF 8h")
        anna.gets("You are off until")
    elif hindered == "opted out":
        opts_out(town, anna)
    verified(town, anna)
    assert looked(town) == 0
    if hindered == "off":
        anna.texts("ON")
        anna.gets("You are on")
        assert looked(town) == 1
        anna.gets("Welcome")


def test_nobody_hears_of_a_test_while_they_are_asked_to_a_real_emergency(town: Town) -> None:
    anna = new(town)
    verified(town, anna)
    town.turn(121)
    town.emergency()
    anna.gets("CARDIAC")
    assert looked(town, 0) == 0
    anna.texts("2")
    town.close()
    assert looked(town) == 1
    anna.gets("Welcome")
