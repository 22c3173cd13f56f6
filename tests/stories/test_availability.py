"""OFF and ON: willing now or not, by a text and by the clock."""

from __future__ import annotations

from tests.stories.town import Town


def test_off_until_on(town: Town) -> None:
    anna = town.volunteer("Anna")
    anna.texts("OFF")
    anna.gets("You are off", "until you text ON")
    town.emergency()
    assert town.asked() == set()
    town.close()
    anna.texts("on")
    anna.gets("You are on")
    town.emergency()
    anna.gets("CARDIAC ARREST")


def test_off_for_hours_or_days_ends_by_itself(town: Town) -> None:
    hours, days = town.volunteer("Hours"), town.volunteer("Days")
    hours.texts("OFF 8h")
    hours.gets("You are off until", "23 Nov 22:00", "Text ON")
    days.texts("off 7d")
    days.gets("You are off until", "30 Nov 14:00")
    town.clock.turn(8 * 3600 - 60)
    town.emergency()
    assert town.asked() == set()
    town.turn(75)
    hours.gets("CARDIAC ARREST")
    town.close()
    hours.gets("this emergency is over")
    town.clock.turn(7 * 24 * 3600 - 8 * 3600)
    town.emergency()
    hours.gets("CARDIAC ARREST")
    days.gets("CARDIAC ARREST")


def test_off_during_an_emergency_is_no_answer_to_it(town: Town) -> None:
    anna, bo = town.volunteer("Anna"), town.volunteer("Bo")
    first = town.emergency()
    for person in (anna, bo):
        person.gets("A: CARDIAC ARREST")
    anna.texts("1")
    anna.gets("GO TO")
    for person in (anna, bo):
        person.texts("OFF")
        person.gets("You are off")
    assert [anna.state, bo.state] == ["accepted", "alerted"]
    town.emergency()
    assert town.asked() == set()
    bo.texts("1")
    bo.gets("A: GO TO")
    assert town.callout_of(bo, first)["state"] == "accepted"


def test_a_first_text_does_not_leave_after_an_off(town: Town) -> None:
    """The wish overtakes a text that waits, here because the carrier took nothing for a while."""
    anna = town.volunteer("Anna")
    town.carrier.faults.too_many.next = 1
    town.emergency()
    anna.texts("OFF")
    anna.gets("You are off")
    town.turn(20)
    anna.gets_nothing()
