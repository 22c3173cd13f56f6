"""Words: a cry for help in any sentence, and what is not surely understood; in drills and in three languages."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.events import Event
from sms.models import IN, OUT
from tests.stories.talk import asked, red_rows, set_out, texts_of, wait, words_of
from tests.stories.town import CENTRE, Town, Volunteer

CARRIERS_OWN_HELP = "Msg&Data Rates"
"""Part of what the carrier itself answers to the one word HELP; we cannot keep it from doing so."""


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


@pytest.mark.parametrize("body", ["Q0", "Q: help, he has a gun"])
def test_a_cry_for_help_is_heard_under_any_letter(town: Town, body: str) -> None:
    (anna,) = asked(town, "Anna")
    set_out(anna)
    anna.texts(body)
    anna.gets("will ring you")
    assert [row.callout_id for row in red_rows(town, "call_for_help")] == [town.callout_of(anna)["id"]]


def test_while_the_alarm_sounds_a_second_cry_is_kept_but_starts_no_conversation(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    set_out(anna)
    anna.texts("0")
    anna.gets("will ring you")
    anna.texts("call me")
    anna.gets_nothing()
    assert len(red_rows(town, "call_for_help")) == 1
    assert {"0", "call me"} <= set(town.callout_of(anna)["words"])


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


def test_words_about_no_emergency_are_answered_once_a_day_with_what_to_send(town: Town) -> None:
    anna = town.volunteer("Anna")
    for courtesy in ("ok", "Thank you so much!", "Kiitos", "tack så mycket"):
        anna.texts(courtesy)
        anna.gets_nothing()
    anna.texts("off till tomorrow")
    anna.gets("could not act on that", "OFF 8h", "ring 112")
    for words in ("ok", "apua", "1"):
        anna.texts(words)
        anna.gets_nothing()
    town.clock.turn(86_400)
    anna.texts("1")
    anna.gets("could not act on that")
    anna.texts("leave me alone")
    anna.gets_nothing()
    town.clock.turn(86_400)
    anna.texts("who is this?")
    anna.gets_nothing()


NEVER_SURE = ["yes in 2 hours", "ok", "12", "11", "1/2", "👍", "who is this?", "blah", "JOIN", "fine"]


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


def test_what_answers_no_emergency_is_kept_and_moves_nothing(town: Town) -> None:
    anna = town.volunteer("Anna")
    said = ["FINE", "SO SO", "blah", "1", "2", "3", "4", "WHERE", "thank you all", "B1"]
    for body in said:
        town.clock.turn(1)
        anna.texts(body)
    anna.gets("could not act on that")
    anna.gets_nothing()
    assert [message.body for message in texts_of(town, IN)] == said
    assert town.alarms() == []


def test_an_unknown_number_is_stored_and_never_answered(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    stranger = Volunteer(town, "Stranger", "+447700900999")
    said = ["1", "0", "help", "WHERE", "STOP", "what is this number"]
    for body in said:
        town.clock.turn(1)
        stranger.texts(body)
    ours = [message for message in texts_of(town, OUT) if message.phone == stranger.phone]
    assert ours == []
    assert [message.body for message in texts_of(town, IN)] == said
    assert town.alarms() == []
    assert anna.state == "alerted"


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
