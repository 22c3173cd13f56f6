"""One phone, two emergencies: letters keep them apart."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from console.app import create_app
from responder.texts_with import with_contact
from sms import inbox
from sms.models import Contact
from tests.desk.signed_in import Desk
from tests.stories.town import Town


@pytest.fixture
def desk(town: Town) -> Desk:
    return Desk(create_app(town.services), town.services, name="anna")


def test_a_letter_names_the_emergency_and_frees_the_person_from_the_other(town: Town) -> None:
    anna, bo = town.volunteer("Anna", 100), town.volunteer("Bo", 200)
    first = town.emergency()
    second = town.emergency()
    for volunteer in (anna, bo):
        volunteer.gets("A: CARDIAC")
        volunteer.gets("B: CARDIAC")
    anna.texts("b1")
    anna.gets("B: GO TO")
    assert town.callout_of(anna, first)["state"] == "stood_down"
    assert town.callout_of(anna, second)["state"] == "accepted"
    bo.texts("A1")
    bo.gets("A: GO TO")


def test_a_1_for_one_that_they_have_left_takes_nobody_from_the_one_that_they_go_to(town: Town) -> None:
    town.plan(roles=["direct"] * 3)
    anna = town.volunteer("Anna", 100)
    first = town.emergency()
    anna.gets("A: CARDIAC")
    anna.texts("1")
    anna.gets("A: GO TO")
    anna.texts("3")
    anna.texts("4")
    second = town.emergency()
    anna.gets("B: CARDIAC")
    anna.texts("B1")
    anna.gets("B: GO TO")
    anna.texts("A1")
    anna.gets("A: your words are on the dispatcher's screen")
    assert (town.callout_of(anna, first)["state"], town.callout_of(anna, second)["state"]) == ("finished", "accepted")
    assert "unclear_words" in town.alarms()
    anna.texts("A1")
    anna.gets_nothing()


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        ("covered", "enough helpers"),
        ("not_needed", "over for volunteers"),
        ("unsafe", "NOT SAFE"),
        (None, "over for volunteers"),
    ],
)
def test_where_nobody_is_wanted_any_more_it_is_answered_truly(town: Town, ended: str | None, told: str) -> None:
    anna = town.volunteer("Anna", 100)
    town.emergency()
    anna.gets("CARDIAC")
    anna.texts("1")
    anna.gets("GO TO")
    anna.texts("4")
    if ended:
        town.stand_down(ended)
    else:
        town.close()
    anna.texts("1")
    anna.gets(told)
    assert anna.state == "finished"


def test_a_bare_1_with_two_live_emergencies_is_asked_about_once(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    town.emergency()
    anna.gets("A: CARDIAC")
    anna.gets("B: CARDIAC")
    anna.texts("1")
    anna.gets("more than one emergency", "A1")
    anna.texts("1")
    anna.gets_nothing()
    anna.texts("a 1")
    anna.gets("A: GO TO")


def test_words_that_may_be_about_either_are_the_desks_and_not_an_admins(town: Town, desk: Desk) -> None:
    anna = town.volunteer("Anna")
    incidents = [town.emergency(), town.emergency()]
    anna.gets("A: CARDIAC")
    anna.gets("B: CARDIAC")
    anna.texts("yes on my way")
    anna.gets("more than one emergency")
    for incident in incidents:
        assert any("on my way" in line["text"] for line in desk.get(f"/incidents/{incident}")[1]["events"])
    with town.services.read() as session:
        contact = session.scalars(select(Contact).where(Contact.phone == anna.phone)).one()
        (theirs,) = (one for one in with_contact(session, contact.id, all_bodies=False) if one.is_theirs)
    assert theirs.body is None


def test_a_bare_digit_that_only_one_of_them_can_mean_belongs_to_that_one(town: Town) -> None:
    anna = town.volunteer("Anna")
    first = town.emergency()
    town.emergency()
    anna.gets("A: CARDIAC")
    anna.gets("B: CARDIAC")
    anna.texts("A1")
    anna.gets("A: GO TO")
    anna.texts("3")
    assert town.callout_of(anna, first)["state"] == "on_scene"
    anna.texts("1")
    anna.gets_nothing()


@pytest.mark.parametrize("closed", [True, False])
def test_a_bare_1_belongs_to_the_emergency_that_they_have_read_of(town: Town, closed: bool) -> None:
    anna = town.volunteer("Anna")
    first = town.emergency()
    anna.gets("A: CARDIAC")
    if closed:
        town.close()
        anna.gets("A: this emergency is over")
    town.carrier.faults.too_many.share = 1.0
    second = town.emergency()
    town.carrier.text(anna.phone, "1")
    town.carrier.wait_idle()
    inbox.handle_due(town.wire)
    assert town.callout_of(anna, first)["state"] == ("stood_down" if closed else "accepted")
    assert town.callout_of(anna, second)["state"] == ("queued" if closed else "stood_down")
    town.carrier.faults.reset()
    town.turn(3)
    if closed:
        told, asked = sorted([anna.gets(), anna.gets()])
        assert told.startswith("A: this emergency is over")
        assert asked.startswith("B: CARDIAC")
        anna.texts("1")
    anna.gets("B: GO TO" if closed else "A: GO TO")


def test_a_text_that_may_have_arrived_may_have_been_read(town: Town) -> None:
    """The carrier has it, and its answer and callbacks were lost: as far as we know it is queued."""
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("A: CARDIAC")
    town.close()
    anna.gets("A: this emergency is over")
    town.carrier.faults.server_error_after.next = 1
    town.carrier.faults.callbacks_lost.share = 1.0
    second = town.emergency()
    anna.gets("B: CARDIAC")
    assert town.callout_of(anna, second)["state"] == "queued"
    anna.texts("1")
    anna.gets("B: GO TO")
    town.turn(8)


def test_a_letter_that_is_nobodys_is_not_taken_for_another(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("A: CARDIAC")
    anna.texts("C1")
    anna.gets("could not read that")
    assert anna.state == "unclear"


def test_a_letter_is_not_given_again_to_the_same_phone_for_a_day(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("A: CARDIAC")
    town.close()
    anna.gets("A: this emergency is over")
    town.emergency()
    anna.gets("B: CARDIAC")
    town.close()
    anna.gets("B: this emergency is over")
    town.clock.turn(24 * 3600 + 1)
    town.emergency()
    anna.gets("A: CARDIAC")


def test_whoever_goes_to_one_is_not_asked_for_another(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("A: CARDIAC")
    anna.texts("1")
    anna.gets("A: GO TO")
    town.emergency()
    anna.gets_nothing()
    assert town.alarms() == ["nobody_asked"]
