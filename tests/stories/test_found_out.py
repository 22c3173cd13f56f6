"""The answer to our request is lost, and so is every callback: what the carrier then says of the text counts as if it had been
told."""

from __future__ import annotations

from tests.stories.talk import asked
from tests.stories.town import Town

NO_MOBILE = 30006


def test_a_first_text_that_is_found_failed_brings_the_next_one(town: Town) -> None:
    street = town.street(8)
    faults = town.carrier.faults
    faults.fail[street[0].phone] = NO_MOBILE
    faults.server_error_after.next, faults.callbacks_lost.share = 7, 1.0
    town.emergency()
    town.turn(8)
    street[0].read = 1  # the carrier keeps it, the phone never had it
    for person in street[1:]:
        person.gets("CARDIAC")
    assert [person.state for person in street] == ["failed"] + ["alerted"] * 7


def test_whoever_is_found_to_have_the_address_is_not_rung_about_it(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    faults = town.carrier.faults
    faults.server_error_after.next, faults.callbacks_lost.share = 1, 1.0
    anna.texts("1")
    town.turn(120)
    anna.gets("GO TO")
    assert anna.calls() == []
