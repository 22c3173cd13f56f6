"""After the emergency: people are asked how they are, each at their own time, and whoever wishes it is rung."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from core.events import Event
from dispatch import aftercare
from responder.care import call_backs
from responder.care.models import CareQuestion
from responder.models import Responder
from sms.models import IN, Message
from tests.stories.talk import red_rows, set_out
from tests.stories.town import Town, Volunteer

MINUTE_S = 60
WEEKS = timedelta(weeks=4)


def looks(town: Town) -> None:
    """What the conductor's helper does every minute."""
    aftercare.ask_due(town.services)
    town.settle()


def was_there(town: Town, *people: Volunteer, **report: object) -> None:
    """An emergency at which these people were on scene, closed."""
    town.emergency(**report)
    for person in people:
        person.gets("CARDIAC ARREST")
        set_out(person)
        person.texts("3")
        person.texts("4")
    town.close()


def ninety_minutes_later(town: Town) -> None:
    town.clock.turn(90 * MINUTE_S)
    looks(town)


def at_local(town: Town, day: int, hour: int, minute: int = 0) -> None:
    town.clock.set(datetime(2026, 11, day, hour, minute, tzinfo=town.services.settings.zone_info))


def test_each_is_asked_at_their_own_time_and_nobody_who_did_not_say_1(town: Town) -> None:
    at_local(town, 22, 22)  # a Sunday evening
    town.plan(roles=["direct"] * 2)
    there, turned, late, declined, silent = (town.volunteer(name) for name in ("There", "Turned", "Late", "Declined", "Silent"))
    town.emergency()
    for person in town.volunteers:
        person.gets("CARDIAC ARREST")
    declined.texts("2")
    for person in (there, turned):
        set_out(person)
    for person in (late, silent):
        person.gets("enough helpers")
    late.texts("1")
    late.gets("enough helpers")
    there.texts("3")
    town.stand_down("ambulance_on_scene")
    there.gets("the ambulance is there")
    turned.gets("the ambulance has arrived")
    there.texts("4")
    town.close()
    town.clock.turn(89 * MINUTE_S)
    looks(town)
    town.everyone_has_read_everything()
    town.clock.turn(MINUTE_S)
    looks(town)
    there.gets("How are you after Sunday's emergency?", "FINE, SO SO or RING ME", "Thank you for going", "ring 112")
    for person in town.volunteers:
        person.gets_nothing()
    at_local(town, 23, 8, 59)
    looks(town)
    town.everyone_has_read_everything()
    at_local(town, 23, 9)
    looks(town)
    for person in (turned, late):
        assert "Thank you for going" not in person.gets("How are you after Sunday's emergency?", "FINE, SO SO or RING ME")
    looks(town)
    town.clock.turn(int(WEEKS.total_seconds()))
    looks(town)
    there.gets("It is four weeks since an emergency you went to", "FINE, SO SO or RING ME")
    looks(town)


def test_after_a_drill_or_an_emergency_that_is_open_again_nobody_is_asked(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.plan(roles=["direct"])
    town.emergency(drill=True)
    anna.gets("DRILL A: CARDIAC ARREST")
    set_out(anna)
    anna.texts("3")
    anna.texts("4")
    town.close()
    town.clock.turn(3600)
    was_there(town, anna)
    town.reopen()
    ninety_minutes_later(town)
    anna.gets_nothing()
    town.close()
    ninety_minutes_later(town)
    anna.gets("How are you after Monday's emergency?")


def test_nobody_is_asked_while_on_a_callout_or_twice_after_two_emergencies(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.plan(roles=["direct"])
    was_there(town, anna)
    was_there(town, anna)
    town.emergency()
    anna.gets("CARDIAC ARREST")
    ninety_minutes_later(town)
    anna.gets_nothing()
    anna.texts("2")
    looks(town)
    anna.gets("How are you after Monday's emergency?")
    looks(town)
    anna.gets_nothing()


def test_whoever_stopped_our_texts_or_wants_none_is_left_alone(town: Town) -> None:
    stopped, alone = town.volunteer("Stopped"), town.volunteer("Alone")
    town.plan(roles=["direct"] * 2)
    was_there(town, stopped, alone)
    stopped.texts("STOP")
    alone.texts("please stop texting me")
    for person in (stopped, alone):
        person.read = len(person.inbox())
    ninety_minutes_later(town)
    town.everyone_has_read_everything()


def test_fine_and_so_so_are_kept_with_the_question_and_an_admin_hears_of_the_second(town: Town) -> None:
    anna, bo = town.volunteer("Anna"), town.volunteer("Bo")
    town.plan(roles=["direct"] * 2)
    anna.texts("fine")  # unasked
    anna.gets_nothing()
    was_there(town, anna, bo)
    ninety_minutes_later(town)
    for person in (anna, bo):
        person.gets("How are you after")
    anna.texts("FINE, thanks!")
    anna.gets("Good to hear", "RING ME")
    anna.texts("Fine")
    anna.gets_nothing()
    bo.texts("so so")
    bo.gets("Many feel that way afterwards", "RING ME", "ring 112")
    with town.services.read() as session:
        assert sorted(str(one) for one in session.scalars(select(CareQuestion.answer))) == ["fine", "so_so"]
        (call,) = call_backs.waiting(session, 10)
    assert (call.name, call.wish) == ("Bo", "so_so")
    town.emergency()  # nobody was promised a call: both are asked as ever
    for person in (anna, bo):
        person.gets("CARDIAC ARREST")


def test_ring_me_is_a_call_today_and_no_emergency_before_it(town: Town) -> None:
    anna, bo = town.volunteer("Anna"), town.volunteer("Bo")
    town.plan(roles=["direct"] * 2)
    was_there(town, anna, bo)
    ninety_minutes_later(town)
    for person in (anna, bo):
        person.gets("How are you after")
    anna.texts("I can't sleep, please ring me")
    anna.gets("A person rings you by 23 Nov 20:00", "no emergency reaches you, unless you text ON")
    anna.texts("ring me")
    anna.gets_nothing()
    assert red_rows(town, "call_for_help") == [], "this is for an admin, not for the desk"
    town.emergency()
    bo.gets("CARDIAC ARREST")
    assert town.asked() == {"Bo"}
    bo.texts("2")
    with town.services.write() as session:
        (call,) = call_backs.waiting(session, 10)
        assert (call.name, call.phone, call.wish) == ("Anna", anna.phone, "ring_me")
        call_backs.done(session, call.id, "Slept badly, better now", "user:admin")
    town.turn(15)
    anna.gets("CARDIAC ARREST")


def test_whoever_waits_for_a_call_and_texts_on_is_asked_and_still_rung(town: Town) -> None:
    anna = town.volunteer("Anna")
    anna.texts("ring me")
    anna.gets("A person rings you by")
    town.emergency()
    assert town.asked() == set()
    anna.texts("ON")
    anna.gets("You are on")
    town.turn(15)
    anna.gets("CARDIAC ARREST")
    with town.services.read() as session:
        assert [one.name for one in call_backs.waiting(session, 10)] == ["Anna"]


def test_a_first_text_does_not_leave_once_somebody_asks_to_be_rung(town: Town) -> None:
    """The gate: the wish overtakes a text that waits, here because the carrier took nothing for a while."""
    anna = town.volunteer("Anna")
    town.carrier.faults.too_many.next = 1
    town.emergency()
    with town.services.write() as session:
        person = session.get_one(Responder, 1)
        call_backs.ask_for(session, person, call_backs.RING_ME, town.services.settings.zone_info)
    town.turn(20)
    anna.gets_nothing()


def test_on_a_callout_ring_me_is_a_0_and_a_0_is_one_wherever_one_is(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.plan(roles=["direct"])
    town.emergency()
    anna.gets("CARDIAC ARREST")
    set_out(anna)
    anna.texts("ring me")
    anna.gets("The dispatcher has had an alarm and will ring you")
    anna.texts("4")
    town.close()
    town.clock.turn(2 * 86_400)
    anna.texts("0")
    anna.gets("The dispatcher has had an alarm and will ring you")
    assert len(red_rows(town, "call_for_help")) == 2
    with town.services.read() as session:
        assert call_backs.waiting(session, 10) == []


def test_what_they_wrote_of_themselves_is_tied_to_no_emergency(town: Town) -> None:
    """A dispatcher reads the words of a callout; these are for those who look after people."""
    anna = town.volunteer("Anna")
    town.plan(roles=["direct"])
    was_there(town, anna)
    ninety_minutes_later(town)
    anna.gets("How are you after")
    anna.texts("so so")
    anna.gets("Many feel that way")
    with town.services.read() as session:
        newest = session.scalars(select(Message).where(Message.direction == IN).order_by(Message.created_at.desc())).first()
        assert newest is not None
        assert (newest.body, newest.about_id) == ("so so", None)
        kinds = select(Event.incident_id).where(Event.kind.in_(["care_asked", "care_answered", "call_back_wished"]))
        assert set(session.scalars(kinds)) == {None}
    assert not any("so so" in str(one) for one in town.incident()["events"])
