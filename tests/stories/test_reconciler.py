"""The carrier's log alone is enough: with webhooks, callbacks and spool lost, everything that was said is found there."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.events import Event
from sms import reconciler, twilio_gateway
from sms.addresses import inbound_url
from sms.carriers.routes import routes_of
from sms.models import OUT, Message
from sms.received import INBOUND, Told
from sms.sender import Sender
from sms.spool import Spool
from tests import carrier_tells
from tests.stories.talk import asked
from tests.stories.town import Town, Volunteer


def unheard(town: Town, person: Volunteer, body: str) -> None:
    """A text that the carrier has and no webhook brings."""
    url = inbound_url(town.services.settings.public_url)
    town.carrier.use_inbound_url(url.replace("/sms/inbound", "/sms/nowhere"))
    town.carrier.text(person.phone, body)
    town.carrier.wait_idle()
    town.carrier.use_inbound_url(url)
    town.webhooks_may_fail = True


def events(town: Town, kind: str) -> list[Event]:
    with town.services.read() as session:
        return list(session.scalars(select(Event).where(Event.kind == kind).order_by(Event.number)))


def statuses(town: Town) -> list[str | None]:
    with town.services.read() as session:
        return list(session.scalars(select(Message.carrier_status).where(Message.direction == OUT).order_by(Message.id)))


def test_answers_that_no_webhook_brought_are_found_once_and_in_their_order(town: Town) -> None:
    anna, bo = asked(town, "Anna", "Bo")
    unheard(town, anna, "1")
    unheard(town, bo, "1")
    unheard(town, bo, "2")
    anna.gets_nothing()
    town.clock.turn(60)
    assert town.reconcile() == 3
    anna.gets("GO TO")
    assert (anna.state, bo.state) == ("accepted", "declined")
    assert town.reconcile() == 0
    assert len(events(town, "text_recovered")) == 3


def test_with_the_spool_deleted_nothing_is_lost(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    spool = Spool(town.services.settings.data_dir)
    before = {"MessageSid": "SMbefore", "From": anna.phone, "Body": "what is it?"}
    spool.add(Told(INBOUND, before, town.clock.now()))  # so that the answer goes behind it
    town.carrier.text(anna.phone, "1")
    town.carrier.wait_idle()
    assert len(spool.waiting()) == 2
    shutil.rmtree(spool.folder)
    anna.gets_nothing()
    town.clock.turn(60)
    assert town.reconcile() == 1
    anna.gets("GO TO")


def test_an_answer_is_found_after_a_long_time_away(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    town.reconcile()
    town.clock.turn(60)
    unheard(town, anna, "off 8h")
    town.clock.turn(24 * 3600)
    assert town.reconcile() == 1
    assert "until" in anna.gets("off")


def test_what_was_said_last_counts_even_when_it_is_heard_first(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    unheard(town, anna, "1")
    town.clock.turn(20)
    anna.texts("2")
    assert anna.state == "declined"
    town.clock.turn(40)
    assert town.reconcile() == 1
    assert anna.state == "declined"
    anna.gets_nothing()
    assert [event.callout_id for event in events(town, "answer_overtaken")] == [town.callout_of(anna)["id"]]
    assert town.callout_of(anna)["words"] == ["1", "2"]


@pytest.mark.parametrize(("said", "state"), [(("1", "3"), "on_scene"), (("1", "2"), "declined"), (("2", "1"), "accepted")])
def test_whichever_was_said_last_counts_though_the_one_before_it_reached_us_late(
    town: Town, said: tuple[str, str], state: str
) -> None:
    """The webhook of the first came half a minute after it was said, that of the second never."""
    (anna,) = asked(town, "Anna")
    unheard(town, anna, said[0])
    town.clock.turn(5)
    unheard(town, anna, said[1])
    town.clock.turn(25)
    first = next(text for text in town.carrier.messages() if (text.sender, text.body) == (anna.phone, said[0]))
    form = {"MessageSid": first.sid, "From": anna.phone, "To": first.to, "Body": first.body}
    carrier_tells.of_text(town.services, form)
    town.settle()
    town.clock.turn(30)
    assert town.reconcile() == 1
    assert anna.state == state
    anna.read = len(anna.inbox())


@pytest.mark.parametrize(
    ("lost", "heard", "is_asked"),
    [
        ("STOP", "START", True),
        ("START", "STOP", False),
        ("stop please", "ON", True),
        ("OFF", "ON", True),
        ("ON", "OFF 8h", False),
        ("STOP", "ON", False),
        ("OFF", "START", False),
    ],
)
def test_what_was_said_last_of_being_asked_counts_even_when_it_is_heard_first(
    town: Town, lost: str, heard: str, is_asked: bool
) -> None:
    """A START takes back a STOP, for the carrier too; an ON does not, nor a START an OFF."""
    anna = town.volunteer("Anna")
    unheard(town, anna, lost)
    town.clock.turn(20)
    anna.texts(heard)
    town.clock.turn(40)
    assert town.reconcile() == 1
    town.settle()
    town.emergency()
    assert any("CARDIAC" in body for body in anna.inbox()) == is_asked
    anna.read = len(anna.inbox())


def test_an_off_found_later_changes_nothing_for_somebody_on_a_callout_either(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    unheard(town, anna, "OFF")
    town.clock.turn(20)
    anna.texts("ON")
    anna.gets("You are on")
    assert town.reconcile() == 1
    anna.gets_nothing()
    assert len(events(town, "answer_overtaken")) == 1


def test_words_since_do_not_overtake_an_answer(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    unheard(town, anna, "1")
    town.clock.turn(20)
    anna.texts("did you get that")
    anna.gets("could not read that")
    assert anna.state == "unclear"
    assert town.reconcile() == 1
    anna.gets("GO TO")


def test_a_call_for_help_is_never_too_old(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    anna.texts("1")
    anna.gets("GO TO")
    unheard(town, anna, "0")
    town.clock.turn(10)
    anna.texts("3")
    town.reconcile()
    anna.gets("will ring you")
    assert town.alarms() == ["call_for_help"]


def test_a_text_whose_answer_and_callbacks_were_lost_is_found(town: Town) -> None:
    """Before the sender looks for it itself: the process that sent it is gone, say."""
    anna = town.volunteer("Anna")
    town.carrier.faults.server_error_after.next = 1
    town.carrier.faults.callbacks_lost.share = 1.0
    town.emergency()
    assert anna.state == "queued"
    assert town.reconcile() == 1
    anna.gets("CARDIAC")
    assert anna.state == "alerted"
    town.turn(8)
    assert len(town.carrier.messages_to(anna.phone)) == 1


def test_the_second_copy_of_a_text_sent_twice_is_ours(town: Town) -> None:
    anna = town.volunteer("Anna")
    faults = town.carrier.faults
    faults.callbacks_lost.share = 1.0
    faults.server_error_after.next = 1
    town.emergency()
    faults.every_request = True
    faults.server_error.next = 1  # the look-up
    town.clock.turn(3)
    town.settle()
    assert len(town.carrier.messages_to(anna.phone)) == 2
    town.reconcile()
    assert events(town, "texts_not_ours") == []
    anna.gets("CARDIAC")
    anna.gets("CARDIAC")


def test_texts_of_our_account_that_nobody_knows_are_told_of_once(town: Town) -> None:
    gateway = twilio_gateway.TwilioGateway(town.services.settings)
    gateway.send("0" * 26, "+447700900999", "hello from another program", 60, routes_of(town.services.settings)[0])
    town.carrier.wait_idle()
    town.reconcile()
    town.clock.turn(60)
    town.reconcile()
    assert [event.data["texts"] for event in events(town, "texts_not_ours")] == [1]


def test_statuses_that_were_never_told_are_taken_from_the_log(town: Town) -> None:
    street = town.street(3)
    town.carrier.faults.callbacks_lost.share = 1.0
    town.carrier.faults.switched_off.add(street[2].phone)
    town.emergency()
    for person in street[:2]:
        person.gets("CARDIAC")
    assert street[2].state == "alerted"
    town.reconcile()
    street[2].read = 1
    assert street[2].state == "failed"
    assert sorted(map(str, statuses(town))) == ["None", "delivered", "delivered", "undelivered"], "and the copy that waits"


def test_a_text_older_than_the_log_that_is_read_is_asked_for_by_itself(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = town.volunteer("Anna")
    town.carrier.faults.callbacks_lost.share = 1.0
    town.emergency()
    anna.gets("CARDIAC")
    monkeypatch.setattr(reconciler, "OVERLAP", timedelta(0))
    town.clock.turn(61)
    assert statuses(town) == ["queued"]
    assert town.reconcile() == 1
    assert statuses(town) == ["delivered"]
    assert town.reconcile() == 0


def test_asking_stops_at_the_first_429_and_goes_on_with_the_oldest(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    street = town.street(4)
    town.carrier.faults.callbacks_lost.share = 1.0
    town.emergency()
    for person in street:
        person.gets("CARDIAC")
    monkeypatch.setattr(reconciler, "OVERLAP", timedelta(0))
    monkeypatch.setattr(reconciler, "MOST_ASKED", 3)
    town.clock.turn(61)
    town.reconciler._read()
    town.carrier.faults.every_request = True
    faulty = town.carrier.faults.too_many
    asked_for: list[str] = []
    gateway = town.reconciler._carrier
    really = gateway.logged

    def logged(carrier_id: str) -> object:
        asked_for.append(carrier_id)
        faulty.next = 1 if len(asked_for) == 2 else 0
        return really(carrier_id)

    monkeypatch.setattr(gateway, "logged", logged)
    assert town.reconcile() == 1
    assert len(asked_for) == 2, "not one request more after the 429"
    assert town.reconcile() == 3
    assert len(set(asked_for)) == 4
    assert statuses(town) == ["delivered"] * 4


def test_a_log_of_many_pages_is_read_as_far_as_it_is_new(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twilio_gateway, "LOG_PAGE", 3)
    (anna,) = asked(town, "Anna")
    town.reconcile()
    for _ in range(10):
        town.carrier.text("+447700900777", "spam")
    unheard(town, anna, "1")
    town.carrier.wait_idle()
    town.clock.turn(1000)
    town.reconcile()
    for _ in range(10):
        town.carrier.text("+447700900777", "spam")
    town.carrier.wait_idle()
    town.clock.turn(1)
    pages = list(town.reconciler._carrier.log_pages())
    assert len(pages) >= 7
    assert len(town.reconciler._read()[0]) == 11, "those ten, and the address that has just left"
    anna.gets("GO TO")


def test_a_carrier_that_cannot_be_asked_is_an_event_and_is_asked_again(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    town.reconcile()
    unheard(town, anna, "1")
    town.carrier.faults.every_request = True
    town.carrier.faults.too_many.share = 1.0
    assert town.reconcile() == 0
    assert town.reconcile() == 0
    town.carrier.faults.reset()
    town.clock.turn(1200)
    assert town.reconcile() == 1, "the window reaches back to the last reading that succeeded"
    anna.gets("GO TO")
    assert len(events(town, "carrier_log_not_read")) == 1
    assert [event.data["rounds"] for event in events(town, "carrier_log_read_again")] == [2]


def test_a_second_process_finds_nothing_more(town: Town) -> None:
    (anna,) = asked(town, "Anna")
    unheard(town, anna, "1")
    assert town.reconcile() == 1
    other = reconciler.Reconciler(town.wire, twilio_gateway.TwilioGateway(town.services.settings))
    assert other.round() == 0
    anna.gets("GO TO")
    assert isinstance(town.sender, Sender)
