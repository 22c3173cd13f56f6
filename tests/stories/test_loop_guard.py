"""Two machines never talk for ever, and nobody who must be told something is not told it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.events import Event
from responder.texts_with import with_contact
from sms import loop_guard
from sms.models import Message
from tests.stories.talk import asked, set_out
from tests.stories.town import Town, Volunteer

MOST = loop_guard.LIMITS[0][0]


def answers_everything(town: Town, person: Volunteer, body: str, most: int = 40) -> int:
    """A phone that sends `body` whenever a text arrives, until none does. Returns how many texts it got."""
    got = 0
    for _ in range(most):
        town.settle()
        new = len(person.inbox()) - person.read
        if not new:
            return got
        got += new
        person.read += new
        town.carrier.text(person.phone, body)
        town.settle()
    raise AssertionError(f"they talk for ever: {person.inbox()[-3:]}")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "body", ["I am driving and will answer later", "where", "1", "2", "0", "off", "on", "3", "4", "A1", "start"]
)
def test_a_phone_that_answers_everything_comes_to_an_end(town: Town, body: str) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    assert 1 <= answers_everything(town, anna, body) <= MOST + 5


def test_the_limit_holds_for_answers_on_a_callout_and_a_dispatcher_is_told_once(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    set_out(anna)
    town.carrier.text(anna.phone, "where")
    got = answers_everything(town, anna, "where")
    assert MOST - 1 <= got <= MOST
    assert town.alarms().count("answers_itself") == 1
    anna.texts("where")
    anna.gets_nothing()
    assert town.alarms().count("answers_itself") == 1
    town.clock.turn(301)
    anna.texts("where")
    anna.gets()
    with town.services.read() as session:
        held = session.scalars(select(Message).where(Message.error_code == loop_guard.HELD_BACK)).all()
        kinds = set(session.scalars(select(Event.kind).where(Event.message_id.in_([one.id for one in held]))))
        told = [one.state for one in with_contact(session, held[0].contact_id, all_bodies=False)]
    assert {one.state for one in held} == {"cancelled"}
    assert "answer_held_back" in kinds
    assert told.count(loop_guard.HELD_BACK) == len(held), "an admin reads why, and not that they were needed no more"


def test_answers_to_texts_that_are_handled_together_are_counted_too(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    set_out(anna)
    town.settle()
    answers = len(anna.inbox())
    for _ in range(3 * MOST):
        town.carrier.text(anna.phone, "where")
    town.settle()
    assert len(anna.inbox()) - answers == MOST - 1, "the address after the 1 was the first answer"
    anna.read = len(anna.inbox())


def test_thirty_a_day(town: Town) -> None:
    anna = town.volunteer("Anna")
    got = 0
    for _ in range(20):
        town.carrier.text(anna.phone, "off")
        got += answers_everything(town, anna, "off")
        town.clock.turn(301)
    assert got == loop_guard.LIMITS[1][0]
    town.clock.turn(24 * 3600)
    anna.texts("on")
    anna.gets()


def test_an_address_a_stand_down_and_danger_are_never_held_back(town: Town) -> None:
    anna, bo = town.volunteer("Anna"), town.volunteer("Bo", 120)
    for _ in range(MOST + 2):
        anna.texts("off")
        anna.texts("on")  # only then: two that are under way at once may come in either order
    anna.read = len(anna.inbox())
    town.emergency()
    anna.gets("CARDIAC ARREST")
    bo.gets("CARDIAC ARREST")
    set_out(anna)
    anna.texts("0")
    anna.gets("will ring you")
    town.correct(location={"lat": 60.1705, "lon": 24.9405})
    anna.gets("ADDRESS WAS WRONG")
    town.stand_down("unsafe")
    anna.gets("DO NOT GO IN")
    bo.gets("DO NOT GO IN")


def test_a_late_answer_is_told_once_that_enough_are_going(town: Town) -> None:
    anna = town.volunteer("Anna")
    for _ in range(MOST + 2):
        anna.texts("off")
    anna.texts("on")
    anna.read = len(anna.inbox())
    town.emergency()
    anna.gets("CARDIAC ARREST")
    town.stand_down("not_needed")
    anna.gets("You need not go")
    anna.texts("1")
    anna.gets_nothing()  # the same once more, to a phone that has had too many
