"""What people have given, counted over two spans, and who is spared while others are in reach."""

from __future__ import annotations

from sqlalchemy import select

from dispatch import ledger
from responder.care.ledger import Given
from responder.links.making import make_link
from responder.models import Responder
from tests.stories.own_page import Phone
from tests.stories.talk import set_out
from tests.stories.town import Town, Volunteer

DAY_S = 86_400


def given(town: Town, volunteer: Volunteer) -> dict[str, Given]:
    with town.services.read() as session:
        responder_id = session.scalars(select(Responder.id).where(Responder.name == volunteer.name)).one()
        return dict(ledger.of_person(session, responder_id))


def test_what_each_has_given_in_a_month_and_in_a_year(town: Town) -> None:
    anna, bo, cleo = town.volunteer("Anna"), town.volunteer("Bo"), town.volunteer("Cleo")
    town.plan(roles=["direct"] * 3)

    def alert(*there: Volunteer, outcome: str = "helped", drill: bool = False) -> None:
        town.emergency(drill=drill)
        for person in town.volunteers:
            person.gets("CARDIAC ARREST")
        for person in there:
            set_out(person)
            town.clock.turn(10)
            person.texts("3")
            person.texts("4")
        town.close(outcome)
        for person in town.volunteers:
            person.read = len(person.inbox())

    alert(anna, bo)
    town.clock.turn(31 * DAY_S)
    alert(anna, bo, outcome="false_alarm")
    alert(bo)
    alert(anna, bo, cleo, drill=True)
    assert given(town, anna) == {"month": Given(2, 1, 1, 1, 0), "year": Given(3, 2, 2, 1, 0)}
    assert given(town, bo) == {"month": Given(2, 2, 2, 1, 1), "year": Given(3, 3, 3, 1, 2)}
    assert given(town, cleo) == {"month": Given(2, 0, 0, 1, 0), "year": Given(3, 0, 0, 1, 0)}
    town.clock.turn(366 * DAY_S)
    assert given(town, bo) == {"month": Given(), "year": Given()}


def test_everybody_reads_their_own(town: Town) -> None:
    anna, phone = town.volunteer("Anna"), Phone(town)
    town.plan(roles=["direct"])
    town.emergency()
    anna.gets("CARDIAC ARREST")
    set_out(anna)
    anna.texts("3")
    anna.texts("4")
    town.close()
    with town.services.write() as session:
        link = make_link(session, town.services.settings, session.scalars(select(Responder)).one())
    phone.opens(link, "30 days 12 months Alerts 1 1 You set out 1 1 You were there 1 1 Were false alarms 0 0")
