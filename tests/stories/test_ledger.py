"""What people have given, counted over two spans, and who is spared while others are in reach."""

from __future__ import annotations

from sqlalchemy import select

from dispatch import ledger, passed_over, sparing
from dispatch.models import PassedOver
from dispatch.plans import REPLACE, RURAL
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


def looks(town: Town) -> None:
    """What the conductor's helper does every minute, after a stop and therefore over the whole week."""
    sparing.Keeper(town.services).look()


def came_from_one(town: Town, *people: Volunteer) -> None:
    """These people were on scene, and it is over."""
    town.plan(roles=["direct"] * len(people), waves=RURAL.model_dump())
    town.emergency()
    for person in people:
        person.gets("CARDIAC ARREST")
        set_out(person)
        person.texts("3")
        person.texts("4")
    town.close()
    looks(town)


def test_whoever_comes_from_an_emergency_is_spared_while_three_others_are_in_reach(town: Town) -> None:
    near = town.volunteer("Near", 50)
    came_from_one(town, near)
    others = town.street(3)
    town.emergency()
    assert town.asked() == {"V1", "V2", "V3"}
    for person in others:
        person.gets("CARDIAC ARREST")
    town.turn(25)
    near.gets_nothing()
    others[0].texts("2")  # now two are left who may come
    near.gets("CARDIAC ARREST")
    assert "was to be spared" in town.callout_of(near)["reason"]
    town.close()
    for person in (near, *others[1:]):
        person.gets("this emergency is over")
    town.clock.turn(12 * 3600)
    town.emergency()
    assert town.asked() == {"Near", "V1", "V2", "V3"}
    for person in town.volunteers:
        person.gets("CARDIAC ARREST")


def test_where_fewer_than_three_others_are_in_reach_whoever_is_spared_is_asked_at_once_after_them(town: Town) -> None:
    near = town.volunteer("Near", 50)
    came_from_one(town, near)
    others = town.street(2)
    town.emergency()
    for person in (*others, near):
        person.gets("CARDIAC ARREST")
    reasons = [town.callout_of(person)["reason"] for person in (*others, near)]
    assert [reason[:8] for reason in reasons] == ["number 1", "number 2", "number 3"]


def test_the_desk_reads_why_somebody_near_was_not_asked(town: Town) -> None:
    near = town.volunteer("Near", 50)
    came_from_one(town, near)
    town.plan(waves=REPLACE.model_dump() | {"first": 3, "all_below": 0})
    town.street(3)
    town.emergency()
    passed_over.explain_due(town.services)
    for person in town.volunteers[1:]:
        person.gets("CARDIAC ARREST")
    with town.services.read() as session:
        assert session.scalars(select(PassedOver.reason)).all() == ["spared"]


def test_many_alerts_spare_somebody_until_the_week_has_passed(town: Town) -> None:
    busy = town.volunteer("Busy", 50)
    town.plan(roles=["direct"])
    for _ in range(town.services.settings.most_alerts_in_7_days):
        town.emergency()
        busy.gets("CARDIAC ARREST")
        busy.texts("2")
        town.close()
        town.clock.turn(3600)
    looks(town)
    others = town.street(3)
    town.emergency()
    for person in others:
        person.gets("CARDIAC ARREST")
    busy.gets_nothing()
    town.close()
    for person in others:
        person.gets("this emergency is over")
    town.clock.turn(7 * DAY_S)
    looks(town)
    town.emergency()
    for person in town.volunteers:
        person.gets("CARDIAC ARREST")


def test_a_limit_of_ones_own_is_kept_even_where_nobody_else_is(town: Town) -> None:
    anna, phone = town.volunteer("Anna"), Phone(town)
    town.plan(roles=["direct"])
    with town.services.write() as session:
        link = make_link(session, town.services.settings, session.scalars(select(Responder)).one())
    phone.opens(link, "The most alerts that you wish in 7 days")
    phone.presses("/me", "/me/limit", "Saved.", most="1")
    phone.presses("/me", "/me/limit", status=422, most="99")
    town.emergency()
    anna.gets("CARDIAC ARREST")
    town.emergency()  # at once: nothing was counted meanwhile
    assert town.asked() == set()
    town.close()
    anna.texts("2")
    town.close(incident_id=town.incidents[0])
    looks(town)
    phone.sees("/me", "You are off until Mon 30 Nov 14:00: you have had as many alerts as you wish.")
    town.emergency()
    assert town.asked() == set()
    anna.texts("ON")  # says nothing of the limit
    anna.gets("as many alerts as you wish", "asked again after 30 Nov 14:00", "LINK")
    town.turn(15)
    assert town.asked() == set()
    town.close()
    town.clock.turn(7 * DAY_S)
    town.emergency()
    anna.gets("CARDIAC ARREST")


def wishes(town: Town, volunteer: Volunteer, most: int) -> None:
    with town.services.write() as session:
        session.scalars(select(Responder).where(Responder.name == volunteer.name)).one().most_alerts = most


def one_at_a_time(town: Town) -> None:
    town.plan(roles=["direct"], waves=REPLACE.model_dump() | {"first": 1, "all_below": 0})


def test_whose_limit_this_very_minute_has_filled_leaves_their_place_to_the_next(town: Town) -> None:
    near, far = town.volunteer("Near", 50), town.volunteer("Far", 400)
    wishes(town, near, 1)
    one_at_a_time(town)
    town.emergency()
    near.gets("CARDIAC ARREST")
    near.texts("2")
    far.gets("CARDIAC ARREST")
    town.close()
    far.gets("this emergency is over")
    town.emergency()  # nothing was counted meanwhile
    assert town.asked() == {"Far"}
    far.gets("CARDIAC ARREST")


def test_nobody_stands_in_for_whoever_declined_but_somebody_who_may_be_asked(town: Town) -> None:
    first, full, last = town.volunteer("First", 50), town.volunteer("Full", 60), town.volunteer("Last", 400)
    wishes(town, full, 1)
    one_at_a_time(town)
    town.emergency()
    first.gets("CARDIAC ARREST")
    first.texts("2")
    full.gets("CARDIAC ARREST")
    full.texts("2")
    last.gets("CARDIAC ARREST")
    town.close()
    last.gets("this emergency is over")
    town.emergency()
    first.gets("CARDIAC ARREST")
    first.texts("2")
    last.gets("CARDIAC ARREST")
    full.gets_nothing()


def test_what_keeps_count_looks_at_what_is_new_and_forgets_nothing_in_a_stop(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.plan(roles=["direct"])
    keeper = sparing.Keeper(town.services)
    assert keeper.look() == 0
    for _ in range(2):
        town.clock.turn(DAY_S)
        town.emergency()
        anna.gets("CARDIAC ARREST")
        set_out(anna)
        anna.texts("3")
        anna.texts("4")
        town.close()
        assert (keeper.look(), keeper.look()) == (1, 0)
    with town.services.write() as session:
        session.scalars(select(Responder)).one().spared_until = None
    assert sparing.Keeper(town.services).look() == 1, "the next process begins with the whole week"
