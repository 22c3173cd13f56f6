"""The carrier at its worst, over real HTTP: whatever it loses, doubles or delays, the story ends as if it had not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest
from sqlalchemy import select

from core.events import Event
from dispatch import coverage, states
from dispatch.models import Callout, Incident
from sms import inbox, twilio_gateway
from sms.models import CANCELLED, EXPIRED, OUT, REFUSED, TAKEN, Contact, Message
from tests.stories.town import Town, Volunteer

SETTLED = (TAKEN, REFUSED, CANCELLED, EXPIRED)


def hears(town: Town) -> None:
    """What the webhooks stored is handled; nothing is sent."""
    town.carrier.wait_idle()
    inbox.handle_due(town.wire)


def wait(town: Town, seconds: int) -> None:
    """Let time pass with the sender looking every second, whether or not an incident has a timer due."""
    for _ in range(seconds):
        town.clock.turn(1)
        town.settle()


def check_consistency(town: Town) -> None:
    """What must be true of every incident, whatever happened on the wire."""
    with town.services.read() as session:
        outgoing = session.scalars(select(Message).where(Message.direction == OUT)).all()
        unknown = set(session.scalars(select(Event.message_id).where(Event.kind == "text_unknown")))
        rows = session.scalars(select(Callout)).all()
        incidents = session.scalars(select(Incident)).all()
        going = Counter(row.responder_id for row in rows if row.state in states.BOUND)
        of = {incident.id: [row for row in rows if row.incident_id == incident.id] for incident in incidents}
        covered = {one.id: (one.covered, not coverage.unfilled(("direct", "direct", "guide"), of[one.id])) for one in incidents}
        phones = {row.id: row.responder.contact.phone for row in rows}
        said_1 = set(session.scalars(select(Event.callout_id).where(Event.kind == "callout_accepted")))
    assert {message.state for message in outgoing} <= set(SETTLED), "a text was forgotten"
    assert all(count == 1 for count in going.values()), "somebody goes to two emergencies"
    assert all(told == true for told, true in covered.values()), "covered is not what the roles say"
    for row in rows:
        if row.state in states.BOUND:
            assert row.role is not None
            assert row.answered_at is not None
    check_texts(town, unknown, outgoing)
    for row in rows:
        if row.id not in said_1:  # not by their role: whoever said 1, 2 and then too late 1 has none any more
            got = [text.body for text in town.carrier.messages_to(phones[row.id])]
            assert not any(f"{row.letter}: GO TO" in body for body in got), "an address for someone who never said 1"


def check_texts(town: Town, unknown: set[str | None], outgoing: Sequence[Message]) -> None:
    """Nobody got one message of ours twice, unless its fate was unknown."""
    meant = Counter((message.phone, message.body) for message in outgoing if message.state != CANCELLED)
    spare = Counter((message.phone, message.body) for message in outgoing if message.id in unknown)
    sent = Counter((text.to, text.body) for text in town.carrier.messages() if text.sender == town.our_number)
    for key, count in sent.items():
        if "unsubscribed" not in key[1]:
            assert count <= meant[key] + spare[key] * 2, f"{key} was sent {count} times"


def read_everything(town: Town) -> None:
    for volunteer in town.volunteers:
        volunteer.read, volunteer.answered = len(volunteer.inbox()), len(volunteer.calls())


def gets_exactly_one(volunteers: list[Volunteer]) -> None:
    for volunteer in volunteers:
        volunteer.gets("CARDIAC")
        volunteer.gets_nothing()


def test_a_burst_of_429_delays_and_doubles_nothing(town: Town) -> None:
    street = town.street(7)
    town.carrier.faults.too_many.next = 12
    town.emergency()
    wait(town, 6)
    gets_exactly_one(street)
    assert {person.state for person in street} == {"alerted"}
    check_consistency(town)


@pytest.mark.parametrize("lost", [False, True], ids=["callbacks", "no_callbacks"])
def test_a_5xx_after_accepting_is_found_out_and_not_sent_again(town: Town, lost: bool) -> None:
    street = town.street(7)
    town.carrier.faults.server_error_after.next = 7
    town.carrier.faults.callbacks_lost.share = 1.0 if lost else 0.0
    town.emergency()
    town.turn(8)
    gets_exactly_one(street)
    assert {person.state for person in street} == {"alerted"}
    check_consistency(town)


def test_a_5xx_before_accepting_is_found_out_and_sent_again(town: Town) -> None:
    street = town.street(7)
    town.carrier.faults.server_error.next = 7
    town.emergency()
    town.turn(8)
    gets_exactly_one(street)
    check_consistency(town)


def test_a_request_that_hangs_is_found_out_and_not_sent_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twilio_gateway, "READ_TIMEOUT_S", 0.3)
    street = town.street(3)
    town.carrier.faults.hang.next = 2
    town.carrier.faults.callbacks_lost.share = 1.0
    town.emergency()
    town.turn(8)
    gets_exactly_one(street)
    assert {person.state for person in street} == {"alerted"}
    check_consistency(town)


def test_when_nobody_can_say_what_became_of_it_twice_is_better_than_never(town: Town) -> None:
    anna = town.volunteer("Anna")
    faults = town.carrier.faults
    faults.server_error_after.next = 1
    faults.callbacks_lost.share = 1.0
    town.emergency()
    faults.every_request = True
    faults.server_error.share = 1.0
    town.turn(6)
    faults.reset()
    town.turn(12)
    first = anna.gets("CARDIAC")
    for copy in anna.inbox()[1:]:
        assert copy == first
    read_everything(town)
    assert anna.state == "alerted"
    anna.texts("1")
    anna.gets("GO TO")
    check_consistency(town)


def test_a_carrier_that_is_broken_for_a_while_silences_no_emergency(town: Town) -> None:
    """Whoever counted as not reached meanwhile is asked all the same once it works again, and may come."""
    street = town.street(3)
    faults = town.carrier.faults
    faults.every_request = True
    faults.server_error.share = 1.0
    town.emergency()
    wait(town, 20)
    assert {person.state for person in street} == {"failed"}
    faults.reset()
    wait(town, 30)
    gets_exactly_one(street)
    assert {person.state for person in street} == {"alerted"}
    for person in street:
        person.texts("1")
        person.gets("GO TO")
    assert town.incident()["covered"]
    check_consistency(town)


def test_all_callbacks_lost_changes_nothing(town: Town) -> None:
    street = town.street(3)
    town.carrier.faults.callbacks_lost.share = 1.0
    town.emergency()
    for person in street:
        person.gets("CARDIAC")
        person.texts("1")
        person.gets("GO TO")
    assert town.incident()["covered"]
    check_consistency(town)


def test_callbacks_doubled_late_and_out_of_order_change_nothing(town: Town) -> None:
    street = town.street(5)
    faults = town.carrier.faults
    faults.callbacks_doubled.share = 0.5
    faults.callbacks_reordered.share = 0.5
    faults.callbacks_late.share = 0.3
    faults.late_s = 0.05
    town.emergency()
    for person in street:
        person.gets("CARDIAC")
    street[0].texts("1")
    street[0].gets("GO TO")
    street[1].texts("2")
    assert [person.state for person in street] == ["accepted", "declined", "alerted", "alerted", "alerted"]
    with town.services.read() as session:
        assert set(session.scalars(select(Message.carrier_status).where(Message.direction == OUT))) == {"delivered"}
    check_consistency(town)


def test_a_failure_told_twice_and_late_brings_one_replacement(town: Town) -> None:
    street = town.street(12)
    town.carrier.faults.switched_off.add(street[0].phone)
    town.carrier.faults.callbacks_doubled.share = 1.0
    town.carrier.hold_callbacks()
    town.emergency()
    gets_exactly_one(street[1:7])
    street[0].read = 1
    assert street[0].state == "alerted"
    town.carrier.release_callbacks()
    gets_exactly_one([street[7]])
    assert street[0].state == "failed"
    assert len(town.asked()) == 8
    wait(town, 10)
    street[0].gets("CARDIAC")  # one copy, in case that the phone is in reach by now
    check_consistency(town)


def test_a_failure_that_is_told_after_the_answer_changes_nothing(town: Town) -> None:
    anna, bo = town.volunteer("Anna"), town.volunteer("Bo", 200)
    town.carrier.faults.fail.update({anna.phone: 30003, bo.phone: 30008})
    town.carrier.hold_callbacks()
    town.emergency()
    anna.gets("CARDIAC")
    bo.gets("CARDIAC")
    town.carrier.faults.fail.clear()
    anna.texts("1")
    bo.texts("2")
    town.carrier.release_callbacks()
    town.settle()
    anna.gets("GO TO")
    assert (anna.state, bo.state) == ("accepted", "declined")
    wait(town, 10)  # nor is the text sent once more to somebody who has answered it
    check_consistency(town)


def test_a_late_word_about_an_earlier_asking_says_nothing_of_this_one(town: Town) -> None:
    near, anna = town.street(3), town.volunteer("Anna", 300)
    town.carrier.faults.fail[anna.phone] = 30008
    town.carrier.hold_callbacks()
    town.emergency()
    town.carrier.faults.fail.clear()
    for person in [*near, anna]:
        person.gets("CARDIAC")
    for person in near:
        person.texts("1")
        person.gets("GO TO")
    anna.gets("enough helpers")
    town.clock.turn(10)
    near[0].texts("2")
    anna.gets("CARDIAC")
    town.carrier.release_callbacks()
    town.settle()
    assert anna.state == "alerted"
    anna.texts("1")
    anna.gets("GO TO")


def test_an_answer_delivered_twice_counts_once(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.carrier.faults.inbound_doubled.share = 1.0
    town.emergency()
    anna.gets("CARDIAC")
    anna.texts("1")
    anna.gets("GO TO")
    anna.gets_nothing()
    town.clock.turn(1)
    anna.texts("0")
    anna.gets("will ring you")
    anna.gets_nothing()
    assert town.alarms() == ["call_for_help"]
    assert town.callout_of(anna)["words"] == ["1", "0"]
    assert len(town.events("callout_accepted")) == 1


@pytest.mark.parametrize("code", [21211, 21610, 21614, 21408])
def test_a_number_that_the_carrier_refuses_is_failed_and_the_next_is_asked(town: Town, code: int) -> None:
    street = town.street(12)
    town.carrier.faults.refuse[street[3].phone] = code
    town.emergency()
    for person in [*street[:3], *street[4:8]]:
        person.gets("CARDIAC")
    street[3].gets_nothing()
    assert street[3].state == "failed"
    assert town.events("text_failed")[0]["data"]["reason"] == str(code)
    with town.services.read() as session:
        opted_out = set(session.scalars(select(Contact.phone).where(Contact.opted_out_at.is_not(None))))
    assert opted_out == ({street[3].phone} if code == 21610 else set())
    assert ("opted_out" in town.alarms()) == (code == 21610), "an admin rings them: only they can come back"
    check_consistency(town)


@pytest.mark.parametrize("now", ["callback", "look"])
@pytest.mark.parametrize(("answer", "state"), [("1", "accepted"), ("2", "declined"), ("what?", "unclear")])
def test_an_answer_may_come_before_we_know_that_the_text_was_taken(town: Town, answer: str, state: str, now: str) -> None:
    anna = town.volunteer("Anna")
    town.carrier.faults.server_error_after.next = 1
    if now == "callback":
        town.carrier.hold_callbacks()
    else:
        town.carrier.faults.callbacks_lost.share = 1.0
    town.emergency()
    assert town.callout_of(anna)["state"] == "queued"
    town.carrier.text(anna.phone, answer)
    hears(town)
    assert town.callout_of(anna)["state"] == state
    anna.gets("CARDIAC")
    if now == "callback":
        town.carrier.release_callbacks()
    town.turn(15)
    if answer != "2":
        anna.gets({"1": "GO TO", "what?": "could not read that"}[answer])
    anna.gets_nothing()
    assert anna.state == state
    check_consistency(town)


def test_a_stand_down_while_the_first_text_is_of_unknown_fate_is_told(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.carrier.faults.server_error_after.next = 1
    town.carrier.faults.callbacks_lost.share = 1.0
    town.emergency()
    town.stand_down("not_needed")
    town.turn(8)
    assert anna.gets("CARDIAC")
    anna.gets("You need not go")
    anna.gets_nothing()
    check_consistency(town)


def test_a_text_that_waits_in_the_carriers_queue_is_not_silence_before_it_is_taken(town: Town) -> None:
    street = town.street(12)
    town.carrier.faults.too_many.share = 1.0
    town.emergency()
    town.turn(40)
    assert len(town.asked()) == 7
    town.carrier.faults.reset()
    town.turn(5)
    gets_exactly_one(street[:7])
    check_consistency(town)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_everything_at_once_and_many_answers(town: Town, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twilio_gateway, "READ_TIMEOUT_S", 0.2)
    dice = Random(seed)
    street = town.street(24, step_m=15)
    faults = town.carrier.faults
    faults.change(
        {
            "too_many": 0.2,
            "server_error": 0.1,
            "server_error_after": 0.15,
            "hang": {"next": 2, "share": 0.02},
            "callbacks_lost": 0.3,
            "callbacks_doubled": 0.2,
            "callbacks_reordered": 0.3,
            "callbacks_late": 0.1,
            "late_s": 0.02,
            "inbound_doubled": 0.4,
            "refuse": {street[2].phone: 21211, street[5].phone: 21610},
            "fail": {street[7].phone: 30003},
            "switched_off": [street[9].phone],
        }
    )
    town.emergency()
    town.emergency()
    answers = ["1", "A1", "B1", "2", "a2", "3", "4", "what?", "1 4 bike", "0", "where", "off 8h", "on"]
    for _ in range(12):
        for person in dice.sample(street, 4):
            if person.inbox():
                town.carrier.text(person.phone, dice.choice(answers))
        hears(town)
        town.turn(dice.choice([1, 2, 4]))
    faults.reset()
    wait(town, 15)
    read_everything(town)
    check_consistency(town)
    for incident_id in town.incidents:
        town.close("helped", incident_id)
    wait(town, 5)
    read_everything(town)
    check_consistency(town)
    assert not {one["state"] for one in town.incident()["callouts"]} & {"queued", "alerted", "unclear", "accepted"}
