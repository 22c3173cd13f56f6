"""OFF and ON: willing now or not, by a text and by the clock."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select, text

from dispatch import certificate_texts, still_there
from responder import civil
from responder import still_there as who_is_there
from responder.links.making import make_link
from responder.models import Responder
from sms.models import Message
from tests.stories.own_page import Phone
from tests.stories.town import Town

DAY_S = 86_400


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


def helper_looks(town: Town) -> None:
    """What the conductor's helper does every minute, for as long as somebody is left to ask."""
    while still_there.ask_due(town.services):
        town.settle()


@pytest.mark.parametrize(
    ("evening", "ends", "shown"),
    [
        (date(2027, 3, 27), 7, "28 Mar 07:00"),  # at 3:00 it is 4:00
        (date(2026, 10, 24), 5, "25 Oct 05:00"),  # at 4:00 it is 3:00 once more
    ],
)
def test_eight_hours_across_midnight_and_a_moved_clock_are_eight_hours(
    town: Town, evening: date, ends: int, shown: str
) -> None:
    zone = town.services.settings.zone_info
    town.clock.set(datetime.combine(evening, time(22), zone))
    anna = town.volunteer("Anna")
    anna.texts("OFF 8h")
    anna.gets("You are off until", shown)
    town.clock.set(datetime.combine(evening + timedelta(days=1), time(ends - 1, 59), zone))
    town.emergency()
    assert town.asked() == set()
    town.close()
    town.clock.turn(60)
    town.emergency()
    anna.gets("CARDIAC ARREST")


def test_a_long_off_is_asked_about_once_at_an_hour_at_which_a_phone_may_ring(town: Town) -> None:
    zone = town.services.settings.zone_info
    town.clock.set(datetime(2026, 11, 23, 22, 0, tzinfo=zone))
    anna, bo = town.volunteer("Anna"), town.volunteer("Bo")
    anna.texts("OFF")
    anna.gets("You are off")
    bo.texts("OFF 30d")
    bo.gets("You are off until")
    town.clock.set(datetime(2026, 11, 30, 22, 30, tzinfo=zone))
    helper_looks(town)
    anna.gets_nothing()
    town.clock.set(datetime(2026, 12, 1, 9, 0, tzinfo=zone))
    helper_looks(town)
    anna.gets("You have been off for 7 days", "ON", "OFF 7d")
    town.clock.set(datetime(2026, 12, 10, 12, 0, tzinfo=zone))
    helper_looks(town)
    anna.gets_nothing()
    anna.texts("OFF 7d")
    anna.gets("You are off until 17 Dec")
    town.clock.set(datetime(2026, 12, 18, 12, 0, tzinfo=zone))
    helper_looks(town)
    town.emergency()
    anna.gets("CARDIAC ARREST")


def test_twice_a_year_each_is_asked_to_say_on_and_paused_without_an_answer(town: Town) -> None:
    anna, bo, cleo = town.volunteer("Anna"), town.volunteer("Bo"), town.volunteer("Cleo")
    cleo.texts("OFF")
    cleo.gets("You are off")
    town.clock.turn(181 * 86_400)
    helper_looks(town)
    cleo.gets("You have been off for 181 days")
    town.clock.turn(86_400)
    helper_looks(town)
    for person in (anna, bo):
        person.gets("Are you still with us? Text ON within 14 days")
    helper_looks(town)
    town.clock.turn(13 * 86_400)
    anna.texts("on")
    anna.gets("You are on")
    helper_looks(town)
    town.clock.turn(86_400)
    helper_looks(town)
    bo.gets("you are paused", "Text ON", "0400 123456")
    town.emergency()
    assert town.asked() == {"Anna"}
    anna.gets("CARDIAC ARREST")
    town.close()
    anna.gets("this emergency is over")
    with town.services.read() as session:
        assert [one.name for one in who_is_there.paused(session, 10)] == ["Bo"]
    town.clock.turn(30 * 86_400)
    helper_looks(town)
    bo.texts("ON")
    bo.gets("You are on")
    with town.services.read() as session:
        assert who_is_there.paused(session, 10) == []


def half_a_year_later(town: Town) -> None:
    town.clock.turn(182 * DAY_S)
    helper_looks(town)


def test_nobody_is_paused_for_a_question_that_never_reached_them(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.carrier.faults.fail = {anna.phone: 30006}
    half_a_year_later(town)
    anna.gets("Are you still with us? Text ON within 14 days")  # which the carrier took, and gave up
    town.carrier.faults.fail = {}
    town.clock.turn(14 * DAY_S)
    helper_looks(town)
    anna.gets("Are you still with us? Text ON within 14 days")
    town.clock.turn(13 * DAY_S)
    helper_looks(town)
    anna.gets_nothing()
    town.clock.turn(DAY_S)
    helper_looks(town)
    anna.gets("you are paused")


def test_whoever_writes_anything_we_understand_or_opens_their_page_is_there(town: Town) -> None:
    anna, bo, cleo = town.volunteer("Anna"), town.volunteer("Bo"), town.volunteer("Cleo")
    half_a_year_later(town)
    for person in (anna, bo, cleo):
        person.gets("Are you still with us?")
    anna.texts("test")
    anna.gets("TEST ALARM")
    with town.services.write() as session:
        own = session.scalars(select(Responder).where(Responder.name == "Bo")).one()
        link = make_link(session, town.services.settings, own)
    Phone(town).opens(link, "Bo")
    cleo.texts("who is this")
    cleo.gets("could not act on that")
    town.clock.turn(14 * DAY_S)
    helper_looks(town)
    cleo.gets("you are paused")
    for person in (anna, bo):
        person.gets_nothing()
    cleo.texts("test")
    cleo.gets("TEST ALARM")
    with town.services.read() as session:
        assert [one.name for one in who_is_there.paused(session, 10)] == ["Cleo"], "a pause is ended by ON alone"


def test_whoever_wishes_to_be_left_alone_is_asked_and_reminded_of_nothing(town: Town) -> None:
    anna = town.volunteer("Anna", certifications=[{"type": "cpr", "expires": "2026-12-30"}])
    anna.texts("stop please")
    town.clock.turn(8 * DAY_S)
    helper_looks(town)
    certificate_texts.remind_due(town.services)
    town.settle()
    anna.gets_nothing()
    anna.texts("ON")
    anna.gets("You are on")
    certificate_texts.remind_due(town.services)
    town.settle()
    anna.gets("30 Dec")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_who_cannot_be_asked_keeps_nobody_waiting_and_the_question_ends_with_the_day(town: Town) -> None:
    town.volunteer("Broken")
    bo = town.volunteer("Bo")
    breaks = (
        "CREATE TRIGGER broken BEFORE INSERT ON messages WHEN NEW.phone = '+447700900000' BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    with town.services.write() as session:
        session.execute(text(breaks))
    half_a_year_later(town)
    bo.gets("Are you still with us?")
    with town.services.read() as session:
        (question,) = session.scalars(select(Message)).all()
        rows = {one.name: one.asked_on_at for one in session.scalars(select(Responder))}
    assert question.expires_at == civil.until(town.clock.now(), town.services.settings.zone_info)
    assert rows["Broken"] is None


def test_a_test_alarm_at_any_time(town: Town) -> None:
    anna = town.volunteer("Anna")
    anna.texts("test")
    anna.gets("TEST ALARM", "You need not answer")
    town.emergency()
    anna.gets("CARDIAC ARREST")
    anna.texts("TEST")
    anna.gets("TEST ALARM")
    assert anna.state == "alerted"


@pytest.mark.parametrize("word", ["ON", "START"])
def test_whoever_has_nothing_that_counts_is_promised_no_emergency(town: Town, word: str) -> None:
    new = town.volunteer("New", certified=["identity"])
    if word == "START":
        new.texts("STOP")
        new.gets("unsubscribed")
    new.texts(word)
    told = [new.gets() for _ in new.unread()]
    assert sum("as soon as a certificate of yours is verified" in one for one in told) == 1
    assert not any("Welcome back" in one or "near you" in one for one in told)
