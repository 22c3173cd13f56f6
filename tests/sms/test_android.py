"""The gateway phone: its API as the gateway meets it, and its webhooks, signed, false, old, doubled."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
import requests
from sqlalchemy import select

from core.clock import HandClock
from core.services import Services
from core.settings import Settings
from sms.android_gateway import AndroidGateway
from sms.carriers.routes import ANDROID, Route
from sms.gateway import Refused, Sent, Unknown
from sms.models import IN, Contact, Message, MessageStatus
from tests.sms.fake_android import NUMBER, FakeAndroid
from tests.stories.two_carriers import TwoCarriers, open_two_carriers

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
A = "+358401234567"
BY = Route(ANDROID, NUMBER, 1)


@pytest.fixture
def phone() -> Iterator[FakeAndroid]:
    fake = FakeAndroid()
    yield fake
    fake.close()


@pytest.fixture
def two(services: Services, clock: HandClock) -> Iterator[TwoCarriers]:
    with open_two_carriers(services, clock) as opened:
        yield opened


def gateway(settings: Settings, phone: FakeAndroid, **more: object) -> AndroidGateway:
    account = phone.settings(settings, twilio_account_sid="AC" + "0" * 32, **more).android_gateway
    assert account is not None
    return AndroidGateway(account)


def test_a_text_is_taken_under_our_own_id(settings: Settings, phone: FakeAndroid) -> None:
    one = gateway(settings, phone)
    one.warm()
    assert one.send("m1", A, "hello", 60, BY) == Sent("android:m1", "queued")
    assert phone.taken[0] | {"state": ""} == {
        "id": "m1",
        "textMessage": {"text": "hello"},
        "phoneNumbers": [A],
        "ttl": 60,
        "priority": 100,
        "withDeliveryReport": True,
        "state": "",
    }
    assert one.find("m1", A, "hello", BY) == [Sent("android:m1", "queued")]
    assert one.find("m2", A, "hello", BY) == []


def test_sent_again_it_is_there_once(settings: Settings, phone: FakeAndroid) -> None:
    one = gateway(settings, phone)
    phone.drop_after = 1
    assert isinstance(one.send("m1", A, "hello", 60, BY), Unknown)
    assert one.send("m1", A, "hello", 60, BY) == Sent("android:m1", "queued")
    assert phone.bodies_to(A) == ["hello"]


@pytest.mark.parametrize(
    ("status", "words", "result"),
    [
        (400, "phone number is wrong", Refused("400", 400)),
        (429, "", Refused("429", 429, retry=True)),
        (500, "", Unknown("HTTP 500")),
        (503, "", Unknown("HTTP 503")),
        (503, "queue limits exceeded: too many", Refused("QUEUE_LIMITS", 503)),
    ],
)
def test_what_an_answer_means(settings: Settings, phone: FakeAndroid, status: int, words: str, result: object) -> None:
    phone.answers.append((status, words))
    assert gateway(settings, phone).send("m", A, "hello", 60, BY) == result


def test_a_wrong_password_is_said(settings: Settings, phone: FakeAndroid) -> None:
    wrong = gateway(settings, phone, android_gateway_password="wrong")
    assert wrong.send("m", A, "hello", 60, BY) == Refused("401", 401)


def test_nobody_there(settings: Settings, phone: FakeAndroid) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = gateway(settings, phone, android_gateway_url=f"http://127.0.0.1:{taken.getsockname()[1]}")
        assert nobody.send("m", A, "hello", 60, BY) == Refused("unreachable", 0, retry=True)
        assert isinstance(nobody.find("m", A, "hello", BY), Unknown)
        nobody.warm()  # complains, and leaves it at that


def came_in(two: TwoCarriers) -> list[Message]:
    with two.town.services.read() as session:
        return list(session.scalars(select(Message).where(Message.direction == IN)))


def test_a_text_that_comes_in_is_kept_once_however_often_it_is_told(two: TwoCarriers) -> None:
    for _ in range(2):
        assert two.phone.text(A, "1", event_id="event-1").status_code == 204
    assert two.phone.text(A, "1", event_id="event-2").status_code == 204  # the same words again are another text
    assert [(one.phone, one.body, one.carrier, one.sender) for one in came_in(two)] == [(A, "1", "android", NUMBER)] * 2


def test_a_number_without_its_country_is_read_as_one_of_the_region(two: TwoCarriers) -> None:
    two.phone.text("040 1234567", "1")
    two.phone.text("Operator", "Your balance is low")
    assert [one.phone for one in came_in(two)] == [A, "Operator"]


@pytest.mark.parametrize("false", [{"key": "another"}, {"timestamp": "1"}, {"timestamp": "soon"}, {"timestamp": ""}])
def test_what_the_phone_has_not_signed_just_now_is_not_read(two: TwoCarriers, false: dict[str, str]) -> None:
    assert two.phone.text(A, "1", **false).status_code == 403
    assert came_in(two) == []


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 403), (b"{}", 403), (b"x" * (64 * 1024 + 1), 413)], ids=["empty", "unsigned", "too large"]
)
def test_nothing_is_read_of_a_request_without_a_signature(two: TwoCarriers, body: bytes, status: int) -> None:
    with requests.Session() as session:
        session.trust_env = False
        assert session.post(two.phone.webhook_url, data=body, timeout=10).status_code == status


def test_an_event_that_is_no_text_is_left_alone(two: TwoCarriers) -> None:
    assert two.phone.tell("system:ping", {"health": {}}).status_code == 204
    assert two.phone.tell("sms:delivered", {"messageId": "of nobody"}).status_code == 204
    assert two.phone.tell("sms:received", {"message": 1, "sender": []}).status_code == 204
    assert came_in(two) == []


def test_what_became_of_a_text_is_kept_with_it(two: TwoCarriers) -> None:
    anna = two.town.volunteer("Anna")
    with two.town.services.write() as session:
        session.scalars(select(Contact)).one().carrier = "android"
    two.town.emergency()
    two.phone.tell_all()
    two.phone.tell("sms:sent", {"messageId": two.phone.taken[0]["id"]})  # late and doubled
    two.town.settle()
    with two.town.services.read() as session:
        told = session.scalars(select(MessageStatus).order_by(MessageStatus.id)).all()
        assert [one.status for one in told] == ["sent", "delivered"]
        assert session.get_one(Message, told[0].message_id).carrier_status == "delivered"
    assert two.phone.bodies_to(anna.phone)


def test_without_a_gateway_phone_nobody_may_call(services: Services, clock: HandClock) -> None:
    from console.app import create_app

    answer = create_app(services).test_client().post("/sms/android", data=b"{}", headers={"X-Timestamp": "1"})
    assert answer.status_code == 403
