"""The second channel: who is rung, when, what they hear, and what the keys they press do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from core.carrier_settings import NO_VOICE
from core.clock import HandClock
from core.services import Services
from sms.simulated.faults import Dial
from tests.stories.town import Town, Volunteer, open_town


def one_asked(town: Town, **person: Any) -> Volunteer:
    """One volunteer who agreed to calls, and an emergency at a street that has asked them."""
    anna = town.volunteer("Anna", 400, **{"calls": True} | person)
    town.emergency(access_notes="door code 1234")
    anna.gets("CARDIAC ARREST")
    return anna


def test_whoever_does_not_answer_is_rung_and_a_1_brings_the_address_twice_and_as_a_text(town: Town) -> None:
    anna = one_asked(town)
    town.turn(29)
    assert anna.calls() == []
    town.turn(1)
    asked = anna.picks_up("Cardiac arrest near you, about 400 metres away", "Press 1 if you are going, 2 if you cannot")
    assert "1234" not in asked
    assert "24" not in asked
    told = anna.presses("1", "Go to this place on the map", "How to get in: door code 1, 2, 3, 4", "comes as a text")
    assert anna.state == "accepted"
    assert anna.calls()[0].heard[-2:] == [told, told]
    assert anna.calls()[0].status == "completed"
    anna.gets("GO TO", "door code 1234", "Straight to the patient")
    assert [event["kind"] for event in town.incident()["events"] if "rung" in event["kind"]] == ["rung_asked"]
    town.turn(200)
    assert len(anna.calls()) == 1, "once an asking"


@pytest.mark.parametrize("answer", ["1", "2", "0"])
def test_every_key_means_what_its_digit_means(town: Town, answer: str) -> None:
    anna = one_asked(town)
    town.turn(30)
    anna.picks_up()
    words = {"1": "Go to", "2": "Thank you for telling us", "0": "will ring you"}[answer]
    anna.presses(answer, words)
    assert anna.state == {"1": "accepted", "2": "declined", "0": "alerted"}[answer]
    if answer == "1":
        anna.gets("GO TO")
    if answer == "0":
        anna.gets("will ring you")
        assert "call_for_help" in town.alarms()


def test_nobody_is_rung_who_has_not_agreed_to_it(town: Town) -> None:
    anna = one_asked(town, calls=False)
    town.turn(120)
    assert anna.calls() == []
    assert town.events("rung_asked") == []


def test_whoever_answers_is_not_rung_and_unclear_words_are_no_answer(town: Town) -> None:
    town.plan(roles=["direct"] * 5)
    people = [town.volunteer(name, 100 + n, calls=True) for n, name in enumerate(("Going", "Cannot", "Baffled"))]
    town.emergency()
    for person, body, reply in zip(people, ("1", "2", "who is this?"), ("GO TO", None, "could not read"), strict=True):
        person.gets("CARDIAC")
        person.texts(body)
        if reply:
            person.gets(reply)
    town.turn(35)
    assert [len(person.calls()) for person in people] == [0, 0, 1]
    people[2].picks_up("Can you go now?")
    people[2].presses("2")
    assert people[2].state == "declined"


def test_a_text_that_cannot_reach_them_rings_them_at_once(town: Town) -> None:
    anna, bert = town.volunteer("Anna", 100, calls=True), town.volunteer("Bert", 200, calls=True)
    town.carrier.faults.fail = {anna.phone: 30006, bert.phone: 30034}
    town.emergency()
    assert (anna.state, bert.state) == ("failed", "failed")
    anna.picks_up("Can you go now?")
    town.carrier.faults.fail = {}
    anna.presses("1", "Go to")
    assert anna.state == "accepted"
    anna.read = bert.read = 1
    anna.gets("GO TO")
    town.turn(3)  # one call starts a second: Bert's would have had its turn by now
    assert bert.calls() == [], "30034 is our own registration, and says nothing of their phone"


def test_a_mailbox_presses_nothing_and_nothing_changes(town: Town) -> None:
    anna = one_asked(town)
    town.carrier.faults.calls = {anna.phone: "voicemail"}
    town.turn(30)
    anna.rings()
    assert (anna.calls()[0].status, anna.state) == ("completed", "alerted")
    assert town.events("text_heard") == []


@pytest.mark.parametrize("fault", ["busy", "no-answer", "failed"])
def test_a_call_that_does_not_get_through_is_told_and_moves_nothing(town: Town, fault: str) -> None:
    anna = one_asked(town)
    town.carrier.faults.calls = {anna.phone: fault}
    town.turn(30)
    anna.rings()
    assert anna.state == "alerted"
    assert len(town.events("call_failed")) == 1


def test_the_soonest_there_is_rung_first_and_one_call_starts_a_second(town: Town) -> None:
    far, near, middle = (town.volunteer(name, m, calls=True) for name, m in (("Far", 500), ("Near", 100), ("Middle", 300)))
    town.emergency()
    for person in (far, near, middle):
        person.gets("CARDIAC")
    town.turn(30)
    rung = [[len(person.calls()) for person in (near, middle, far)]]
    for _ in range(2):
        town.turn(1)
        rung.append([len(person.calls()) for person in (near, middle, far)])
    assert rung == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    for person in (far, near, middle):
        person.rings()


def test_a_call_that_waits_for_its_turn_never_leaves_after_the_end(town: Town) -> None:
    first, second = town.volunteer("First", 100, calls=True), town.volunteer("Second", 200, calls=True)
    town.emergency()
    for person in (first, second):
        person.gets("CARDIAC")
    town.turn(30)
    first.rings()
    town.close("helped")
    for person in (first, second):
        person.gets("over for volunteers")
    town.turn(10)
    assert second.calls() == []
    first.on_phone("answer")
    first.hears("This emergency is over for volunteers")
    assert len(first.calls()[0].heard) == 1


def test_a_late_1_by_phone_hears_a_kind_true_answer_and_no_address(town: Town) -> None:
    anna = one_asked(town)
    town.turn(30)
    anna.picks_up("Can you go now?")
    town.stand_down("not_needed")
    anna.gets("over for volunteers")
    anna.presses("1", "This emergency is over for volunteers")
    anna.gets("over for volunteers")
    assert anna.state == "stood_down"


def test_whoever_texted_1_while_it_rang_hears_the_address(town: Town) -> None:
    anna = one_asked(town)
    town.turn(30)
    anna.rings()
    anna.texts("1")
    anna.gets("GO TO")
    anna.on_phone("answer")
    anna.hears("Go to this place")


def test_a_slip_of_the_finger_has_it_said_again_once(town: Town) -> None:
    anna = one_asked(town)
    town.turn(30)
    anna.picks_up()
    anna.presses("7", "Can you go now?")
    anna.presses("7")
    assert (anna.calls()[0].status, anna.state) == ("completed", "alerted")


@pytest.mark.parametrize(
    ("language", "says", "then"),
    [
        ("sv", "ungefär 400 meter bort. Ambulansen är larmad", "Ta dig till"),
        ("fi", "noin 400 metrin päässä sinusta. Ambulanssi on hälytetty", "Mene osoitteeseen"),
    ],
)
def test_everyone_is_rung_in_their_own_language(town: Town, language: str, says: str, then: str) -> None:
    anna = town.volunteer("Anna", 400, calls=True, language=language)
    town.emergency(drill=True)
    anna.read = 1
    town.turn(30)
    anna.picks_up(says, {"sv": "Det här är en övning.", "fi": "Tämä on harjoitus."}[language])
    anna.presses("1", then)
    anna.read = 2


def going_without_the_address(town: Town, **person: Any) -> Volunteer:
    """Somebody who goes, and whose text with the address the carrier took and never told of again."""
    anna = town.volunteer("Anna", 400, **person)
    town.emergency()
    anna.gets("CARDIAC")
    town.carrier.faults.callbacks_lost = Dial(share=1.0)
    anna.texts("1")
    anna.gets("GO TO")
    return anna


def test_an_address_that_has_not_arrived_in_20_s_is_told_by_voice_and_stands_red(town: Town) -> None:
    anna = going_without_the_address(town)  # who has not agreed to calls: this one comes all the same
    town.turn(19)
    assert (anna.calls(), town.alarms()) == ([], [])
    town.turn(1)
    assert town.alarms() == ["address_not_delivered"]
    told = anna.picks_up("has not reached you", "Go to this place on the map", "Press 1 if you are going")
    assert anna.calls()[0].heard == [told, told]
    assert town.alarms() == ["address_not_delivered"], "a mailbox picks up too"
    anna.presses("1", "Thank you")
    assert (town.alarms(), anna.state) == ([], "accepted")
    town.turn(120)
    assert len(anna.calls()) == 1


def test_a_late_receipt_takes_the_red_away(town: Town) -> None:
    anna = town.volunteer("Anna", 400)
    town.emergency()
    anna.gets("CARDIAC")
    town.carrier.hold_callbacks()
    anna.texts("1")
    anna.gets("GO TO")
    town.turn(20)
    anna.rings()
    assert town.alarms() == ["address_not_delivered"]
    assert town.events("address_arrived") == []
    town.carrier.release_callbacks()
    town.settle()
    assert town.alarms() == []
    assert len(town.events("address_arrived")) == 1, "which pages hear of, also where somebody had seen to the alarm"


def test_a_receipt_that_comes_before_the_turn_to_ring_saves_the_call(town: Town) -> None:
    people = [town.volunteer(name, 100 + n) for n, name in enumerate(("First", "Second"))]
    town.emergency()
    town.carrier.hold_callbacks()
    for person in people:
        person.gets("CARDIAC")
        person.texts("1")
        person.gets("GO TO")
    town.turn(20)
    rung = next(person for person in people if person.calls())
    waiting = next(person for person in people if person is not rung)
    rung.rings()
    town.carrier.release_callbacks()
    town.settle()
    town.turn(5)
    assert waiting.calls() == []
    assert town.alarms() == []


def test_an_address_that_fails_is_told_by_voice_at_once(town: Town) -> None:
    anna = town.volunteer("Anna", 400)
    town.emergency()
    anna.gets("CARDIAC")
    town.carrier.faults.fail = {anna.phone: 30003}
    anna.texts("1")
    anna.gets("GO TO")
    anna.picks_up("Go to")
    assert town.alarms() == ["address_not_delivered"]
    anna.presses("2", "Thank you for telling us")
    assert (town.alarms(), anna.state) == ([], "declined")


def test_a_corrected_address_that_has_not_arrived_is_told_by_voice(town: Town) -> None:
    anna = town.volunteer("Anna", 400)
    town.emergency()
    anna.gets("CARDIAC")
    anna.texts("1")
    anna.gets("GO TO")
    town.carrier.faults.callbacks_lost = Dial(share=1.0)
    town.correct(location={"lat": 60.1710, "lon": 24.9400})
    anna.gets("ADDRESS WAS WRONG")
    town.turn(20)
    anna.picks_up("The address was wrong, sorry", "point 1, 7, 1, 0")
    anna.presses("1")
    assert town.alarms() == []


def test_whoever_is_at_the_door_needs_no_call(town: Town) -> None:
    anna = going_without_the_address(town)
    anna.texts("3")
    town.turn(60)
    assert (anna.calls(), town.alarms()) == ([], [])


def test_in_danger_they_are_rung_every_minute_five_times_until_their_4(town: Town) -> None:
    coming, there = town.volunteer("Coming", 200), town.volunteer("There", 100)
    town.emergency()
    for person in (coming, there):
        person.gets("CARDIAC")
        person.texts("1")
        person.gets("GO TO")
    there.texts("3")
    town.stand_down("unsafe")
    for person in (coming, there):
        person.gets("NOT SAFE")
    assert town.alarms() == ["unsafe_not_away", "unsafe_not_away"]
    town.turn(62)
    there.rings()
    there.on_phone("ring_out")
    coming.picks_up("Do not go in, it is not safe", "Press 4 when you are away", "1, 1, 2")
    coming.presses("4", "good to know that you are safe")
    assert (coming.state, town.alarms()) == ("stood_down", ["unsafe_not_away"])
    for _ in range(4):
        town.turn(60)
        there.rings()
        there.on_phone("ring_out")
    town.turn(180)
    assert len(there.calls()) == 5
    there.texts("4")
    assert (there.state, town.alarms()) == ("finished", [])


def test_a_stop_leaves_out_none_of_the_five_calls(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("CARDIAC")
    anna.texts("1")
    anna.gets("GO TO")
    town.stand_down("unsafe")
    anna.gets("NOT SAFE")
    town.clock.turn(200)  # nothing runs meanwhile
    for call in range(1, 6):
        town.turn(2)
        anna.rings()
        anna.on_phone("ring_out")
        assert len(anna.calls()) == call
        town.turn(60)
    town.turn(120)
    assert len(anna.calls()) == 5


def test_whoever_is_away_is_not_rung_by_a_call_that_waited(town: Town) -> None:
    people = [town.volunteer(name, 100 + n) for n, name in enumerate(("First", "Second"))]
    town.emergency()
    for person in people:
        person.gets("CARDIAC")
        person.texts("1")
        person.gets("GO TO")
    town.stand_down("unsafe")
    for person in people:
        person.gets("NOT SAFE")
    town.turn(60)
    rung = next(person for person in people if person.calls())
    waiting = next(person for person in people if person is not rung)
    rung.rings()
    waiting.texts("4")
    town.turn(5)
    assert waiting.calls() == []


@pytest.fixture
def mute_town(services: Services, clock: HandClock) -> Iterator[Town]:
    """A town that cannot ring anybody."""
    mute = services.settings.model_copy(update={"twilio_voice_from": NO_VOICE})
    with open_town(replace(services, settings=mute), clock) as opened:
        yield opened


def test_without_a_voice_texts_go_on_and_the_red_row_stays(mute_town: Town) -> None:
    town = mute_town
    anna = going_without_the_address(town, calls=True)
    town.turn(30)
    assert town.alarms() == ["address_not_delivered"]
    town.carrier.faults.callbacks_lost = Dial()
    town.stand_down("unsafe")
    anna.gets("NOT SAFE")
    for _ in range(5):
        town.turn(60)
        anna.gets("NOT SAFE")
    town.turn(120)
    anna.texts("4")
    assert town.alarms() == []
    assert anna.calls() == []
