"""Reminders of a certificate that ends, from the first to the last, and what ends them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dispatch import certificate_texts
from responder.certificates import verifying
from responder.certificates.verifying import Read
from tests.stories.test_certificates import sends_a_proof
from tests.stories.test_gates import opts_out
from tests.stories.town import Town

NINE = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""09:00 in Helsinki."""
DAY_S = 86_400


def reminded(town: Town, days_later: int = 0) -> int:
    """So many days later the conductor comes to it, twice."""
    town.clock.turn(days_later * DAY_S)
    sent = certificate_texts.remind_due(town.services) + certificate_texts.remind_due(town.services)
    town.settle()
    return sent


def test_from_60_days_before_to_the_lapse_each_once_in_their_language(town: Town) -> None:
    town.clock.set(NINE)
    anna = town.volunteer("Anna", certifications=[{"type": "cpr", "expires": "2027-01-22"}])
    eero = town.volunteer("Eero", language="fi", certifications=[{"type": "first_aid", "expires": "2027-01-22"}])
    assert reminded(town) == 2
    anna.gets("Your CPR certificate ends on 22 Jan. Need a refresher course? Ring 0400 123456.")
    eero.gets("Todistuksesi (ensiapu) päättyy 22.1.")
    assert reminded(town, 29) == 0
    assert reminded(town, 1) == 2
    anna.gets("ends on 22 Jan")
    eero.gets("päättyy")
    assert reminded(town, 23) == 2
    anna.gets("ends on 22 Jan")
    eero.gets("päättyy")
    assert reminded(town, 6) == 2
    anna.gets("Your CPR certificate ends tomorrow, 22 Jan.", "ring 0400 123456")
    eero.gets("päättyy huomenna")
    assert reminded(town, 1) == 0
    assert reminded(town, 1) == 2
    anna.gets("Your CPR certificate ended 22 Jan. We may not ask you without a new one:")
    eero.gets("päättyi 22.1.")
    assert reminded(town, 1) == 0


def test_only_at_civil_hours(town: Town) -> None:
    anna = town.volunteer("Anna", certifications=[{"type": "cpr", "expires": "2026-11-24"}])
    town.clock.set(NINE)
    town.clock.turn(-1)
    assert reminded(town) == 0
    town.clock.turn(1)
    assert reminded(town) == 1
    anna.gets("ends tomorrow, 24 Nov")


def test_a_late_start_sends_only_the_newest(town: Town) -> None:
    anna = town.volunteer("Anna", certifications=[{"type": "cpr", "expires": "2026-11-28"}])
    assert reminded(town) == 1
    anna.gets("ends on 28 Nov")


def test_a_new_proof_that_waits_or_counts_ends_them_and_a_rejection_brings_them_back(town: Town) -> None:
    anna = town.volunteer("Anna", certifications=[{"type": "cpr", "expires": "2026-12-01"}])
    waiting = sends_a_proof(town, anna)
    assert reminded(town) == 0
    with town.services.write() as session:
        verifying.reject(session, waiting, "unreadable", "user:admin")
    assert reminded(town, 1) == 1
    anna.gets("ends on 1 Dec")
    again = sends_a_proof(town, anna)
    with town.services.write() as session:
        verifying.verify(session, town.services.settings, again, Read(None), "user:admin")
    assert reminded(town, 6) == 0


def test_whoever_waits_too_long_is_told_of_the_lapse_when_it_comes(town: Town) -> None:
    town.clock.set(NINE)
    ends_today = [{"type": "cpr", "expires": "2026-11-23"}]
    in_time, late = town.volunteer("In Time", certifications=ends_today), town.volunteer("Late", certifications=ends_today)
    sends_a_proof(town, in_time)
    town.clock.turn(DAY_S)
    sends_a_proof(town, late)
    assert reminded(town) == 1
    late.gets("Your CPR certificate ended 23 Nov.")
    assert reminded(town, 13) == 0, "who is asked all the same is not told that they are not"
    assert reminded(town, 1) == 1
    in_time.gets("Your CPR certificate ended 23 Nov.")
    assert reminded(town, 1) == 0


@pytest.mark.both_databases
def test_a_proof_sent_in_the_days_of_grace_puts_off_the_word_of_the_lapse(town: Town) -> None:
    town.clock.set(NINE)
    town.services.settings.certificate_grace_days = 5
    anna = town.volunteer("Anna", certifications=[{"type": "cpr", "expires": "2026-11-23"}])
    town.clock.turn(3 * DAY_S)
    sends_a_proof(town, anna)
    assert reminded(town, 3) == 0, "they would have lapsed today"
    assert reminded(town, 13) == 0
    assert reminded(town, 1) == 1
    anna.gets("Your CPR certificate ended 23 Nov.")


def test_whoever_wants_no_texts_or_is_not_asked_anyway_is_left_alone(town: Town) -> None:
    nobody = town.volunteer("Nobody", certifications=[{"type": "cpr", "expires": "2026-12-01"}], consent_at=None)
    stopped = town.volunteer("Stopped", certifications=[{"type": "cpr", "expires": "2026-12-01"}])
    opts_out(town, stopped)
    assert reminded(town) == 0
    nobody.gets_nothing()
    stopped.gets_nothing()
