"""STOP and its kin: the carrier obeys at once, we say nothing more, and a person takes over."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from sms.models import OUT, Message
from tests import carrier_tells
from tests.stories.town import Town, Volunteer


def ours_to(volunteer: Volunteer) -> int:
    """How many texts of ours were ever meant for this phone, sent or not."""
    with volunteer.town.services.read() as session:
        mine = select(func.count()).where(Message.direction == OUT, Message.phone == volunteer.phone)
        return session.scalar(mine) or 0


def test_stop_counts_as_a_2_and_somebody_rings_instead(town: Town) -> None:
    people = town.street(12)
    town.emergency()
    for person in people[:7]:
        person.gets("CARDIAC ARREST")
    asked, coming, there = people[:3]
    for person in (coming, there):
        person.texts("1")
        person.gets("GO TO")
    there.texts("3")
    for person, state, word in ((asked, "declined", "STOP"), (coming, "declined", "cancel"), (there, "on_scene", "Quit")):
        before = ours_to(person)
        person.texts(word)
        person.gets("unsubscribed")  # the carrier's own words
        assert person.state == state
        assert town.alarms()[-2:] == ["opted_out", "ring_opted_out"]
        assert ours_to(person) == before
    for person in people[7:9]:
        person.gets("CARDIAC ARREST")
    town.close()
    for person in people[3:9]:
        person.gets("this emergency is over")
    town.emergency()
    assert {"V1", "V2", "V3"}.isdisjoint(town.asked())
    for person in [one for one in people if one.name in town.asked()]:
        person.gets("CARDIAC ARREST")


def test_a_word_of_the_services_own_on_which_the_carrier_opts_out_is_a_stop(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("CARDIAC")
    anna.texts("1")
    anna.gets("GO TO")
    form = {"MessageSid": "SM" + "a" * 32, "From": anna.phone, "Body": "LOPETA", "OptOutType": "STOP"}
    carrier_tells.of_text(town.services, form)
    town.settle()
    assert anna.state == "declined"
    assert town.alarms() == ["opted_out", "ring_opted_out"]


def test_stop_is_a_2_to_every_emergency_that_asks(town: Town) -> None:
    anna = town.volunteer("Anna")
    first, second = town.emergency(), town.emergency()
    anna.gets("A: CARDIAC")
    anna.gets("B: CARDIAC")
    anna.texts("STOP")
    anna.gets("unsubscribed")
    assert [town.callout_of(anna, one)["state"] for one in (first, second)] == ["declined", "declined"]
    assert sorted(town.alarms()) == ["opted_out", "ring_opted_out", "ring_opted_out"]


def test_start_brings_them_back(town: Town) -> None:
    anna = town.volunteer("Anna")
    anna.texts("STOP")
    anna.gets("unsubscribed")
    assert town.alarms() == ["opted_out"]
    town.emergency()
    assert town.asked() == set()
    anna.texts("START")
    assert {"re-subscribed" in body or "Welcome back!" in body for body in (anna.gets(), anna.gets())} == {True}
    assert town.alarms() == ["nobody_asked"], "no admin need ring her any more"
    town.turn(11)
    anna.gets("CARDIAC ARREST")


def test_a_wish_to_be_left_alone_stops_all_but_the_live_emergency(town: Town) -> None:
    asked, coming = town.volunteer("Asked"), town.volunteer("Coming")
    town.emergency()
    for person in (asked, coming):
        person.gets("CARDIAC ARREST")
    coming.texts("1")
    coming.gets("GO TO")
    asked.texts("stop please")
    asked.gets("could not read that")
    coming.texts("please remove me from your list")
    coming.gets("on the dispatcher's screen")
    assert [asked.state, coming.state] == ["unclear", "accepted"]
    assert town.alarms() == ["wishes_to_opt_out", "unclear_words"] * 2
    asked.texts("1")
    asked.gets("GO TO")
    town.close()
    for person in (asked, coming):
        person.gets("this emergency is over")
    town.emergency()
    assert town.asked() == set()


def test_a_wish_to_be_left_alone_on_no_callout_is_not_answered(town: Town) -> None:
    anna = town.volunteer("Anna")
    anna.texts("leave me alone")
    anna.gets_nothing()
    assert town.alarms() == ["wishes_to_opt_out"]
    town.emergency()
    assert town.asked() == set()


@pytest.mark.parametrize("body", ["Stop!", "STOP.", "stop 🙏", "(cancel)", "Stopp!", "sluta 🙏", "Lopeta!", "lopettakaa."])
def test_a_stop_on_which_no_carrier_acts_ends_all_asking(town: Town, body: str) -> None:
    anna = town.volunteer("Anna")
    for _ in range(2):
        anna.texts(body)
        anna.gets_nothing()
    assert town.alarms() == ["wishes_to_opt_out"]
    town.emergency()
    assert town.asked() == set()


@pytest.mark.parametrize("body", ["Stop!", "stop 🙏", "Cancel."])
def test_a_dressed_up_stop_counts_as_a_2_as_the_bare_word_does(town: Town, body: str) -> None:
    asked, coming = town.volunteer("Asked"), town.volunteer("Coming")
    first = town.emergency()
    for person in (asked, coming):
        person.gets("CARDIAC ARREST")
    coming.texts("1")
    coming.gets("GO TO")
    for person in (asked, coming):
        person.texts(body)
        person.gets_nothing()
        assert town.callout_of(person, first)["state"] == "declined"
        assert town.alarms()[-2:] == ["wishes_to_opt_out", "ring_opted_out"]
    town.emergency()
    assert town.callout_of(asked, first)["state"] == "declined"
    assert town.asked() == set()


@pytest.mark.parametrize("word", ["START", "ON"])
def test_whoever_has_said_stop_in_any_dress_comes_back_by_a_word(town: Town, word: str) -> None:
    anna = town.volunteer("Anna")
    anna.texts("Stop!")
    anna.texts(word)
    assert any("Welcome back!" in told or "You are on" in told for told in [anna.gets() for _ in anna.unread()])
    town.emergency()
    anna.gets("CARDIAC ARREST")


@pytest.mark.parametrize("word", ["END", "unsubscribe"])
def test_whoever_opts_out_after_saying_no_is_left_in_peace(town: Town, word: str) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("CARDIAC ARREST")
    anna.texts("2")
    anna.texts(word)
    anna.gets("unsubscribed")
    assert anna.state == "declined"
    assert town.alarms() == ["opted_out"]
