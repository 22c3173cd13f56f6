"""Every line of the answers that a volunteer can text, told on a phone: what comes back, what moves, and what never happens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.events import Event
from core.services import Services
from dispatch.models import Alarm
from dispatch.plans import RURAL
from geo.osm import Area, read_area, store_area
from sms.models import IN, OUT, Message
from tests.stories.town import CENTRE, Town, Volunteer

HELSINKI = Path(__file__).parents[2] / "demo" / "helsinki.osm.pbf"
STREET, HOUSE, NOTES = "Mannerheimintie", "Mannerheimintie 5", "door code 1234"
CARRIERS_OWN_HELP = "Msg&Data Rates"
"""Part of what the carrier itself answers to the one word HELP; we cannot keep it from doing so."""


@pytest.fixture(scope="session")
def helsinki_area() -> Area:
    return read_area(HELSINKI)


@pytest.fixture
def helsinki(services: Services, helsinki_area: Area) -> None:
    """Streets and house numbers for this test's town; ask for it before `town`."""
    with services.write() as session:
        store_area(session, helsinki_area)


def asked(town: Town, *names: str, **report: Any) -> list[Volunteer]:
    """An emergency with a role for everyone of `names`, and each has read their first text."""
    town.plan(roles=["direct"] * 10, waves=RURAL.model_dump())
    people = [town.volunteer(name, 100 + 20 * number) for number, name in enumerate(names)]
    town.emergency(**report)
    for person in people:
        person.gets("CARDIAC ARREST")
    return people


def wait(town: Town, seconds: int) -> None:
    """A long time passes in one leap; what fell due in it happens at its end."""
    town.clock.turn(seconds - 1)
    town.turn(1)


def set_out(volunteer: Volunteer, body: str = "1") -> None:
    volunteer.texts(body)
    volunteer.gets("GO TO")


def words_of(volunteer: Volunteer) -> list[str]:
    words: list[str] = volunteer.town.callout_of(volunteer)["words"]
    return words


def red_rows(town: Town, kind: str) -> Sequence[Alarm]:
    with town.services.read() as session:
        return session.scalars(select(Alarm).where(Alarm.kind == kind).order_by(Alarm.id)).all()


def texts_of(town: Town, direction: str) -> Sequence[Message]:
    with town.services.read() as session:
        return session.scalars(select(Message).where(Message.direction == direction).order_by(Message.id)).all()


# 1: going


def test_a_1_may_name_minutes_and_transport_and_a_repeated_1_changes_at_most_those(town: Town) -> None:
    anna, bo, cilla = asked(town, "Anna", "Bo", "Cilla")
    reckoned_s = town.callout_of(bo)["eta_s"]
    set_out(anna, "1 4 bike")
    set_out(bo, "1")
    set_out(cilla, "1 12")
    town.clock.turn(1)
    for volunteer in (anna, bo):
        volunteer.texts("1")
        volunteer.gets_nothing()
    cilla.texts("1 3")
    cilla.gets_nothing()
    assert [town.callout_of(one)["eta_s"] for one in (anna, bo, cilla)] == [240, reckoned_s, 180]
    assert [one.state for one in (anna, bo, cilla)] == ["accepted"] * 3
    assert words_of(anna) == ["1 4 bike", "1"]


def test_a_text_that_the_carrier_brings_twice_counts_once(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    town.carrier.faults.inbound_doubled.next = 1
    set_out(anna)
    assert words_of(anna) == ["1"]
    assert len(town.events("text_heard")) == 1


def test_a_1_may_come_before_we_know_that_the_text_was_taken(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.carrier.faults.server_error_after.next = 1
    town.carrier.hold_callbacks()
    town.emergency()
    anna.gets("CARDIAC ARREST")
    assert anna.state == "queued"
    set_out(anna)
    town.carrier.release_callbacks()
    town.turn(120)
    assert anna.state == "accepted"


def test_a_1_counts_after_a_2_and_a_2_after_a_1_brings_the_next_at_once(town: Town) -> None:
    people = town.street(13)
    town.emergency()
    for person in people[:7]:
        person.gets("CARDIAC ARREST")
    anna, bo = people[:2]
    anna.texts("2")
    people[7].gets("CARDIAC ARREST")
    anna.texts("1")
    anna.gets("GO TO", "Straight to the patient")
    assert (anna.state, town.callout_of(anna)["role"]) == ("accepted", "direct")
    set_out(bo)
    bo.texts("2")
    assert bo.state == "declined"
    people[8].gets("CARDIAC ARREST")
    anna.texts("can't any more, sorry")
    assert anna.state == "declined"
    people[9].gets("CARDIAC ARREST")


def test_after_covered_asking_begins_again_when_a_late_comer_drops_out(town: Town) -> None:
    """Their silence had brought somebody already; it is their dropping out now that leaves a place free."""
    people = town.street(12)
    town.emergency()
    for person in people[:7]:
        person.gets("CARDIAC ARREST")
    town.turn(31)
    for person in people[7:]:
        person.gets("CARDIAC ARREST")
    set_out(people[0])
    town.stand_down("covered")
    for person in people[1:]:
        person.gets("enough helpers")
    people[0].texts("2")
    assert town.incident()["asking"] == "asking"
    for person in people[1:8]:
        person.gets("CARDIAC ARREST")


def test_covered_by_a_dispatcher_holds_although_somebody_had_dropped_out_before(town: Town) -> None:
    people = town.street(7)
    town.emergency()
    for person in people:
        person.gets("CARDIAC ARREST")
    set_out(people[0])
    set_out(people[1])
    people[0].texts("2")
    town.stand_down("covered")
    for person in people[2:]:
        person.gets("enough helpers")
    town.turn(30)
    assert town.incident()["asking"] == "filled"
    people[1].texts("2")
    assert town.incident()["asking"] == "asking"
    for person in people[2:]:
        person.gets("CARDIAC ARREST")


# 3 and 4: there, and gone again


def test_3_and_4_in_order(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    set_out(anna)
    for body, state in (("3", "on_scene"), ("I'm here", "on_scene"), ("1", "on_scene"), ("2", "on_scene"), ("4", "finished")):
        anna.texts(body)
        anna.gets_nothing()
        assert anna.state == state
    anna.texts("3")
    anna.texts("4")
    assert anna.state == "finished"


@pytest.mark.usefixtures("helsinki")
def test_a_3_without_a_1_is_one_question_and_never_the_address(town: Town) -> None:
    """Asked, out of time, refused: whoever it comes from, only a 1 brings the address."""
    anna, bo, cilla = asked(town, "Anna", "Bo", "Cilla", address=HOUSE, access_notes=NOTES)
    bo.texts("2")
    for person, state in ((anna, "alerted"), (bo, "declined")):
        person.texts("3")
        body = person.gets("are you going", "text 1 first")
        assert STREET not in body
        assert NOTES not in body
        person.texts("3")
        person.gets_nothing()
        assert person.state == state
    town.turn(305)
    cilla.texts("at the door")
    assert STREET not in cilla.gets("text 1 first")
    assert cilla.state == "expired"
    for person in (anna, bo, cilla):
        person.texts("1")
        person.gets("GO TO", STREET)
        person.texts("3")
        assert person.state == "on_scene"


def test_a_4_without_a_3_frees_who_was_going_and_is_words_from_who_never_answered(town: Town) -> None:
    anna, bo = asked(town, "Anna", "Bo")
    set_out(anna)
    anna.texts("4")
    assert anna.state == "finished"
    anna.gets_nothing()
    bo.texts("4")
    bo.gets("could not read that", "1 if you are going")
    assert bo.state == "unclear"


def test_leaving_is_finished_from_someone_on_scene_and_a_note_before(town: Town) -> None:
    anna, bo = asked(town, "Anna", "Bo")
    set_out(anna)
    anna.texts("leaving")
    anna.gets("on the dispatcher's screen")
    assert anna.state == "accepted"
    anna.texts("3")
    anna.texts("leaving")
    assert anna.state == "finished"
    anna.gets_nothing()
    bo.texts("leaving")
    bo.gets("could not read that")
    assert bo.state == "unclear"


def test_leaving_now_is_going_before_an_answer_and_finished_on_scene(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    set_out(anna, "yes, leaving now")
    anna.texts("3")
    anna.texts("jag åker nu")
    assert anna.state == "finished"


# 0 and cries for help


def test_0_and_help_in_any_sentence_raise_an_alarm_that_says_who_and_with_whom(town: Town) -> None:
    anna, bo, cilla, dag = asked(town, "Anna", "Bo", "Cilla", "Dag")
    set_out(anna)
    anna.texts("3")
    set_out(bo)
    anna.texts("0")
    bo.texts("please help he has a knife")
    cilla.texts("ring me")
    for person in (anna, bo, cilla):
        person.gets("The dispatcher has had an alarm and will ring you", "112")
    dag.texts("HELP")
    assert {CARRIERS_OWN_HELP in dag.gets(), CARRIERS_OWN_HELP in dag.gets()} == {True, False}
    assert [one.state for one in (anna, bo, cilla, dag)] == ["on_scene", "accepted", "alerted", "alerted"]
    rows = red_rows(town, "call_for_help")
    assert [row.callout_id for row in rows] == [town.callout_of(one)["id"] for one in (anna, bo, cilla, dag)]
    assert all(row.incident_id == town.incidents[0] and row.responder_id for row in rows)
    going = {rows[0].responder_id, rows[1].responder_id}
    assert [set(row.data["others"]) for row in rows] == [going - {row.responder_id} for row in rows]


def test_0_and_4_count_after_the_close(town: Town) -> None:
    anna, bo = asked(town, "Anna", "Bo")
    set_out(anna)
    anna.texts("3")
    town.close()
    anna.gets("this emergency is over")
    bo.gets("this emergency is over")
    for person in (anna, bo):
        person.texts("0")
        person.gets("will ring you")
    assert town.alarms() == ["call_for_help", "call_for_help"]
    assert [row.callout_id for row in red_rows(town, "call_for_help")] == [town.callout_of(one)["id"] for one in (anna, bo)]
    anna.texts("4")
    assert anna.state == "finished"


def test_a_cry_for_help_is_heard_under_any_letter(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    set_out(anna)
    for body in ("Q0", "Q: help, he has a gun"):
        anna.texts(body)
        anna.gets("will ring you")
    assert {row.callout_id for row in red_rows(town, "call_for_help")} == {town.callout_of(anna)["id"]}
    assert len(red_rows(town, "call_for_help")) == 2


def test_a_0_from_where_someone_still_stands_names_that_place(town: Town) -> None:
    """Closed or not, that is where they are; the other emergency went on without them."""
    town.plan(roles=["direct"] * 3)
    anna = town.volunteer("Anna")
    first, second = town.emergency(), town.emergency()
    anna.gets("A: CARDIAC")
    anna.gets("B: CARDIAC")
    anna.texts("A1")
    anna.gets("A: GO TO")
    anna.texts("3")
    town.close(incident_id=first)
    anna.gets("A: this emergency is over")
    anna.texts("0")
    anna.gets("will ring you")
    assert [row.incident_id for row in red_rows(town, "call_for_help")] == [first]
    assert town.callout_of(anna, second)["state"] == "stood_down"


def test_a_0_from_someone_on_no_callout_still_brings_a_call(town: Town) -> None:
    anna = town.volunteer("Anna")
    anna.texts("0")
    anna.gets("will ring you", "112")
    (row,) = red_rows(town, "call_for_help")
    assert (row.incident_id, row.callout_id) == (None, None)
    assert row.responder_id


# WHERE


@pytest.mark.usefixtures("helsinki")
def test_where_brings_the_address_again_but_never_before_a_1(town: Town) -> None:
    anna, bo, cilla = asked(town, "Anna", "Bo", "Cilla", address=HOUSE, access_notes=NOTES)
    anna.texts("WHERE")
    assert STREET not in anna.gets("when you have said that you go")
    anna.texts("where?")
    anna.gets_nothing()
    assert anna.state == "alerted"
    for body in ("1", "where?", "Address?", "yes, where?"):
        anna.texts(body)
        anna.gets("GO TO", HOUSE, NOTES)
    anna.texts("3")
    anna.texts("missä?")
    anna.gets("GO TO", HOUSE)
    bo.texts("2")
    bo.texts("where?")
    bo.gets_nothing()
    cilla.texts("yes, where?")
    cilla.gets("GO TO", HOUSE)
    town.close()
    for person in (anna, cilla):
        person.gets("this emergency is over")
        person.texts("where")
        person.gets_nothing()


# Words


NEVER_SURE = ["yes in 2 hours", "ok", "12", "11", "1/2", "👍", "who is this?", "test", "JOIN", "fine"]


def test_what_is_not_surely_understood_is_asked_about_once_and_kept_whole(town: Town) -> None:
    people = asked(town, *(f"P{number}" for number in range(len(NEVER_SURE))))
    for person, body in zip(people, NEVER_SURE, strict=True):
        person.texts(body)
        person.gets("could not read that", "Text 1 if you are going, 2 if you cannot")
        assert (body, person.state) == (body, "unclear")
    long = "Who are you? " * 40
    town.clock.turn(1)
    for person, body in zip(people, NEVER_SURE, strict=True):
        person.texts(long)
        person.gets_nothing()
        assert (person.state, words_of(person)) == ("unclear", [body, long])
    set_out(people[0], "now on my way")
    people[0].texts("I see a blue van")
    people[0].gets_nothing()
    people[1].texts("can't")
    assert [person.state for person in people[:2]] == ["accepted", "declined"]


def test_words_after_a_1_are_a_note_answered_once(town: Town) -> None:
    anna, bo = asked(town, "Anna", "Bo")
    set_out(anna)
    town.clock.turn(1)
    anna.texts("  the lift is broken,\ntaking the stairs ")
    anna.gets("on the dispatcher's screen", "text 0")
    town.clock.turn(1)
    anna.texts("ok")
    anna.gets_nothing()
    assert anna.state == "accepted"
    assert words_of(anna) == ["1", "  the lift is broken,\ntaking the stairs ", "ok"]
    anna.texts("3")
    anna.texts("SO SO")
    anna.gets_nothing()
    assert anna.state == "on_scene"
    bo.texts("2")
    town.clock.turn(1)
    bo.texts("my knee hurts")
    bo.gets_nothing()
    assert (bo.state, words_of(bo)) == ("declined", ["2", "my knee hurts"])


def test_words_are_in_no_event(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    anna.texts("purple elephants")
    anna.gets("could not read that")
    with town.services.read() as session:
        told = [str((event.kind, event.data)) for event in session.scalars(select(Event))]
    assert not [one for one in told if "elephant" in one or anna.phone in one]


def test_what_answers_no_emergency_is_kept_and_never_answered(town: Town) -> None:
    anna = town.volunteer("Anna")
    said = ["FINE", "SO SO", "TEST", "JOIN", "1", "2", "3", "4", "WHERE", "thank you all", "B1"]
    for body in said:
        town.clock.turn(1)
        anna.texts(body)
        anna.gets_nothing()
    assert [message.body for message in texts_of(town, IN)] == said
    assert town.alarms() == []


def test_an_unknown_number_is_stored_and_never_answered(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    stranger = Volunteer(town, "Stranger", "+447700900999")
    said = ["1", "0", "help", "WHERE", "JOIN", "STOP", "what is this number"]
    for body in said:
        town.clock.turn(1)
        stranger.texts(body)
    ours = [message for message in texts_of(town, OUT) if message.phone == stranger.phone]
    assert ours == []
    assert [message.body for message in texts_of(town, IN)] == said
    assert town.alarms() == []
    assert anna.state == "alerted"


# What every text must keep


@pytest.mark.usefixtures("helsinki")
def test_only_those_who_said_that_they_go_ever_read_the_address(town: Town) -> None:
    town.plan(roles=["direct", "direct"])
    people = town.street(8)
    coming, there, refused, unsure, silent, late, where, arrived = people
    town.emergency(address=HOUSE, access_notes=NOTES, caller_phone="+358401234567")
    for volunteer, bodies in (
        (refused, ("2", "where is it?", "3")),
        (unsure, ("what address?!", "what is going on")),
        (where, ("WHERE", "where?")),
        (arrived, ("3", "4")),
        (coming, ("1",)),
        (there, ("1", "3")),
    ):
        for body in bodies:
            volunteer.texts(body)
    late.texts("1")
    for body in ("where?", "3"):
        late.texts(body)
    town.correct(access_notes="stair B, code 777", address="Mannerheimintie 9")
    town.stand_down("ambulance_on_scene")
    town.close("helped")
    silent.texts("1")
    for volunteer in people:
        bodies = volunteer.inbox()
        volunteer.read = len(bodies)
        tells = [body for body in bodies if any(fact in body for fact in (STREET, "1234", "777", "stair B", "+3584"))]
        assert bool(tells) == (volunteer in (coming, there)), (volunteer.name, tells)
    assert not [body for volunteer in people for body in volunteer.inbox() if "401234567" in body]


def test_every_text_of_a_drill_begins_with_drill(town: Town) -> None:
    town.plan(roles=["direct"] * 10)
    people = [town.volunteer(f"P{number}", 100 + 20 * number) for number in range(6)]
    town.emergency(drill=True)
    people[0].gets("DRILL A: CARDIAC ARREST")
    talk = [("1", "WHERE", "it is dark here", "0"), ("hm",), ("3",), ("WHERE",), ("1", "3"), ("1",)]
    for person, bodies in zip(people, talk, strict=True):
        for body in bodies:
            person.texts(body)
    town.turn(60)
    town.emergency(drill=True)
    people[1].texts("1")
    assert "DRILL: You have more than one emergency: A and B" in people[1].inbox()[-1]
    wait(town, 20 * 60)
    wait(town, 10 * 60)
    for reason in ("covered", "ambulance_on_scene", "unsafe"):
        town.stand_down(reason, town.incidents[0])
    town.close("not_needed")
    for person in people:
        bodies = person.inbox()
        person.read = len(bodies)
        assert len(bodies) > 2
        assert [body for body in bodies if not body.startswith("DRILL")] == []


def test_everyone_is_answered_in_their_own_language_and_understood_in_any(town: Town) -> None:
    town.plan(roles=["direct"] * 10)
    aino, sven = town.volunteer("Aino", 100, language="fi"), town.volunteer("Sven", 120, language="sv")
    town.emergency(drill=True)
    aino.gets("HARJOITUS A: SYDÄNPYSÄHDYS", "1 = tulen, 2 = en pääse")
    sven.gets("ÖVNING A: HJÄRTSTOPP", "1 = kommer, 2 = kan inte")
    aino.texts("hmm mikä tämä on")
    aino.gets("HARJOITUS A: anteeksi, emme ymmärtäneet")
    sven.texts("joo tulen")
    sven.gets("ÖVNING A: TA DIG TILL", "Direkt till patienten")
    aino.texts("on my way")
    aino.gets("HARJOITUS A: MENE")
    sven.texts("hjälp!")
    sven.gets("Larmoperatören har fått ett larm")
    aino.texts("nej")
    assert [aino.state, sven.state] == ["declined", "accepted"]
    assert town.incident()["location"]["lat"] == CENTRE[0]
