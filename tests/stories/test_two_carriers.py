"""A carrier fails in the middle of an emergency: the other takes over, nobody is left without a text, and the desk reads it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from console.app import create_app
from core.clock import HandClock
from core.events import Event
from core.services import Services
from dispatch.desk import sentences
from dispatch.operators import telling
from dispatch.retention import to_redact
from dispatch.retention.at_carrier import Redaction
from sms import results
from sms.carriers.doors import open_gateways
from sms.carriers.models import Carrier
from sms.gateway import Logged
from sms.models import OUT, Contact, Message
from tests import carrier_tells
from tests.stories.test_faults import wait
from tests.stories.town import Volunteer
from tests.stories.two_carriers import TwoCarriers, open_two_carriers


@pytest.fixture
def two(services: Services, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwoCarriers]:
    monkeypatch.setattr(results, "SLOW_S", 60.0)  # a busy machine is no fault of a carrier
    with open_two_carriers(services, clock) as opened:
        yield opened


def by_phone(two: TwoCarriers, volunteer: Volunteer) -> list[str]:
    return two.phone.bodies_to(volunteer.phone)


def answers_the_phone(two: TwoCarriers, volunteer: Volunteer, words: str) -> None:
    assert two.phone.text(volunteer.phone, words).status_code == 204
    two.town.settle()


def unknown(two: TwoCarriers) -> int:
    with two.town.services.read() as session:
        return len(session.scalars(select(Event).where(Event.kind == "text_unknown")).all())


def test_the_first_carrier_dies_in_mid_incident_and_nobody_is_left_without_a_text(two: TwoCarriers) -> None:
    town, faults = two.town, two.town.carrier.faults
    street = town.street(7)
    faults.server_error.share, faults.every_request = 1.0, True
    town.emergency()
    wait(town, 4)
    for person in street:
        assert len(by_phone(two, person)) == 1
        assert "CARDIAC" in by_phone(two, person)[0]
        assert person.state == "alerted"
        person.gets_nothing()  # by the first carrier
    answers_the_phone(two, street[0], "1")
    assert "GO TO" in by_phone(two, street[0])[1]  # at once, and from where they wrote to
    told = [sentences.sentence(Event(**one_event(event)), None, None, None) for event in town.events("carrier_failed_over")]
    assert told == ["Twilio fails: texts go by the gateway phone until it is well again"]
    ready = create_app(town.services).test_client().get("/health/ready").get_json()
    assert "carrier:twilio" in ready["parts"]


def test_a_text_that_the_phone_carried_in_the_end_is_forgotten_by_the_first_carrier_that_had_it_too(two: TwoCarriers) -> None:
    town, faults = two.town, two.town.carrier.faults
    anna = town.volunteer("Anna")
    faults.server_error_after.next, faults.callbacks_lost.share = 1, 1.0
    town.emergency()
    faults.server_error.share, faults.every_request = 1.0, True
    wait(town, 4)
    assert "CARDIAC" in by_phone(two, anna)[0]
    anna.gets("CARDIAC")
    faults.reset()
    (message,) = texts_to(two, anna)
    (copy,) = (one for one in town.carrier.messages() if one.to == anna.phone)
    carrier_tells.of_status(town.services, message.id, {"MessageSid": copy.sid, "MessageStatus": "delivered"})
    town.settle()
    town.close()
    town.clock.turn(90_000)
    gateways = open_gateways(town.services.settings)
    Redaction(town.services, gateways).round()
    assert gateways.log is not None
    assert isinstance(logged := gateways.log.logged(copy.sid), Logged)
    assert logged.body == ""
    with town.services.read() as session:
        assert to_redact.count(session, town.services.settings, 10) == 0
    anna.read = len(anna.inbox())


def texts_to(two: TwoCarriers, person: Volunteer) -> list[Message]:
    with two.town.services.read() as session:
        return list(session.scalars(select(Message).where(Message.direction == OUT, Message.phone == person.phone)))


def one_event(shown: dict[str, object]) -> dict[str, object]:
    return {"kind": shown["kind"], "actor": shown["actor"], "data": shown["data"]}


def test_nobody_is_texted_twice_but_for_a_text_whose_fate_nobody_could_tell(two: TwoCarriers) -> None:
    town, faults = two.town, two.town.carrier.faults
    street = town.street(7)
    faults.server_error_after.next = 2  # taken, and the answer lost
    faults.callbacks_lost.share = 1.0
    town.emergency()
    faults.server_error.share, faults.every_request = 1.0, True  # and from now on nobody is there to ask
    wait(town, 4)
    assert unknown(two) == 2
    doubled = [person for person in street if by_phone(two, person)]
    assert len(doubled) == 2
    for person in street:
        person.gets("CARDIAC")


def test_a_text_that_the_first_carrier_has_is_found_there_and_not_sent_by_the_other(two: TwoCarriers) -> None:
    town, faults = two.town, two.town.carrier.faults
    street = town.street(7)
    faults.server_error_after.next = 2
    faults.callbacks_lost.share = 1.0
    town.emergency()
    wait(town, 4)
    for person in street:
        person.gets("CARDIAC")
        assert (by_phone(two, person), person.state) == ([], "alerted")


def test_whoever_wrote_to_the_phone_is_answered_by_it(two: TwoCarriers) -> None:
    anna = two.town.volunteer("Anna")
    answers_the_phone(two, anna, "on")
    two.town.emergency()
    anna.gets_nothing()
    assert "CARDIAC" in by_phone(two, anna)[-1]
    two.phone.tell_all()
    two.town.settle()
    with two.town.services.read() as session:
        sent = session.scalars(select(Message).where(Message.direction == OUT)).all()
        assert {(one.carrier, one.carrier_status) for one in sent} == {("android", "delivered")}


def test_operators_are_told_by_the_second_carrier(two: TwoCarriers) -> None:
    services, number = two.town.services, "+447700900990"
    with services.write() as session:
        telling.text(session, services.settings, [number], "Texts wait to leave.")
    two.town.settle()
    assert two.phone.bodies_to(number) == ["Texts wait to leave."]
    assert not two.town.carrier.messages_to(number)


def test_the_first_carrier_comes_back_slowly(two: TwoCarriers, clock: HandClock) -> None:
    town, faults = two.town, two.town.carrier.faults
    street = town.street(7)
    faults.server_error.share, faults.every_request = 1.0, True
    town.emergency()
    wait(town, 4)
    faults.reset()
    with town.services.write() as session:
        session.execute(update(Contact).values(carrier=None, sender=None))
    shares = []
    for step in range(9):
        clock.turn(31 if step else 61)
        for one in range(7):
            answers_the_phone(two, street[one], "0")  # an answer to each, by whichever carrier has its turn
        with town.services.read() as session:
            shares.append(session.get_one(Carrier, "twilio").share)
    for person in street:
        person.read = len(person.inbox())
    assert shares[0] == 0.05
    assert shares == sorted(shares)
