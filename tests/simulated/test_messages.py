"""The Messages resource through the real twilio client."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from core.clock import HandClock
from sms.simulated.thread import CarrierThread
from tests.simulated.conftest import OTHER, OURS, PHONE, Customer, client_for

Send = Callable[..., Any]


def test_a_created_message_has_twilios_fields_and_formats(clock: HandClock, carrier: CarrierThread, send: Send) -> None:
    carrier.hold_queue()
    made = send("x" * 161)
    assert made.sid.startswith("SM")
    assert len(made.sid) == 34
    assert (made.status, made.num_segments, made.direction) == ("queued", "2", "outbound-api")
    assert (made.price, made.error_code, made.error_message, made.date_sent) == (None, None, None, None)
    raw = requests.get(carrier.base_url + made.uri, auth=(carrier.account.sid, carrier.account.token), timeout=5).json()
    assert raw["date_created"] == "Mon, 23 Nov 2026 12:00:00 +0000"
    assert raw["num_media"] == "0"
    assert raw["subresource_uris"]["media"].endswith(f"/Messages/{made.sid}/Media.json")
    assert set(raw) == {
        "account_sid", "api_version", "body", "date_created", "date_sent", "date_updated", "direction", "error_code",
        "error_message", "from", "messaging_service_sid", "num_media", "num_segments", "price", "price_unit", "sid",
        "status", "subresource_uris", "to", "uri",
    }  # fmt: skip


def test_the_whole_life_is_told_in_order_except_the_first_status(
    clock: HandClock, carrier: CarrierThread, send: Send, client: Client, customer: Customer
) -> None:
    made = send()
    carrier.wait_idle()
    assert customer.statuses(made.sid) == ["sending", "sent", "delivered"]
    last = customer.calls[-1]
    assert last.path == "/sms/status?m=0a1b"
    assert last.form == {
        "AccountSid": carrier.account.sid, "ApiVersion": "2010-04-01", "From": OURS, "MessageSid": made.sid,
        "MessageStatus": "delivered", "SmsSid": made.sid, "SmsStatus": "delivered", "To": PHONE,
        "RawDlrDoneDate": "2611231200",
    }  # fmt: skip
    fetched = client.messages(made.sid).fetch()
    assert fetched.status == "delivered"
    assert fetched.date_sent == datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "code", "status"),
    [
        ({"to": "12345", "from_": OURS, "body": "x"}, 21211, 400),
        ({"to": "+1", "from_": OURS, "body": "x"}, 21211, 400),
        ({"to": "+44abc", "from_": OURS, "body": "x"}, 21211, 400),
        ({"to": "", "from_": OURS, "body": "x"}, 21604, 400),
        ({"to": OURS, "from_": OURS, "body": "x"}, 21266, 400),
        ({"to": PHONE, "from_": OURS, "body": "x" * 1601}, 21617, 400),
        ({"to": PHONE, "from_": OURS}, 21602, 400),
        ({"to": PHONE, "body": "x"}, 21603, 400),
        ({"to": PHONE, "from_": "+358401234567", "body": "x"}, 21606, 400),
        ({"to": PHONE, "messaging_service_sid": "MG" + "0" * 32, "body": "x"}, 21705, 400),
        ({"to": PHONE, "from_": OURS, "body": "x", "status_callback": "http://no_underscore/x"}, 21609, 400),
        ({"to": PHONE, "from_": OURS, "body": "x", "status_callback": "nonsense"}, 21609, 400),
    ],
)
def test_refusals_carry_twilios_codes(
    client: Client, carrier: CarrierThread, wanted: dict[str, str], code: int, status: int
) -> None:
    with pytest.raises(TwilioRestException) as refusal:
        client.messages.create(**wanted)
    assert (refusal.value.code, refusal.value.status) == (code, status)
    assert not carrier.messages()


@pytest.mark.parametrize("code", [21211, 21408, 21610, 21611, 21612, 21614, 20429])
def test_a_code_can_be_dialled_for_a_number(carrier: CarrierThread, send: Send, code: int) -> None:
    carrier.faults.refuse = {PHONE: code}
    with pytest.raises(TwilioRestException) as refusal:
        send()
    assert refusal.value.code == code
    assert send(to=OTHER).status == "queued"


def test_wrong_credentials_and_foreign_accounts_get_nothing(carrier: CarrierThread) -> None:
    stranger = client_for(carrier, "0" * 32)
    with pytest.raises(TwilioRestException) as refusal:
        stranger.messages.create(to=PHONE, from_=OURS, body="x")
    assert (refusal.value.code, refusal.value.status) == (20003, 401)
    stranger.http_client.session.close()
    auth = (carrier.account.sid, carrier.account.token)
    foreign = requests.get(f"{carrier.base_url}/2010-04-01/Accounts/AC{'0' * 32}/Messages.json", auth=auth, timeout=5)
    assert (foreign.status_code, foreign.json()["code"]) == (404, 20404)


def test_what_is_not_there_is_said_in_twilios_words(client: Client, carrier: CarrierThread) -> None:
    with pytest.raises(TwilioRestException) as refusal:
        client.messages("SM" + "0" * 32).fetch()
    assert (refusal.value.code, refusal.value.status) == (20404, 404)
    with pytest.raises(TwilioRestException) as refusal:
        client.calls("CA" + "0" * 32).fetch()
    assert refusal.value.code == 20404


def test_the_account_can_be_read(client: Client) -> None:
    assert client.api.accounts(client.account_sid).fetch().status == "active"


def test_the_list_is_newest_first_filtered_and_paged(
    clock: HandClock, carrier: CarrierThread, client: Client, send: Send
) -> None:
    for number in range(5):
        send(f"A: {number}")
        carrier.wait_idle()
        clock.turn(60)
    send("A: other", to=OTHER)
    carrier.wait_idle()
    assert [m.body for m in client.messages.list(to=PHONE)] == [f"A: {n}" for n in (4, 3, 2, 1, 0)]
    assert [m.body for m in client.messages.list(to=PHONE, page_size=2)] == [f"A: {n}" for n in (4, 3, 2, 1, 0)]
    assert [m.body for m in client.messages.list(from_=OURS, limit=2)] == ["A: other", "A: 4"]
    since = datetime(2026, 11, 23, 12, tzinfo=UTC) + timedelta(seconds=150)
    assert [m.body for m in client.messages.list(to=PHONE, date_sent_after=since)] == ["A: 4", "A: 3"]
    assert [m.body for m in client.messages.list(to=PHONE, date_sent_before=since)] == ["A: 2", "A: 1", "A: 0"]
    assert client.messages.list(to="+447700900999") == []


def test_a_list_by_day_and_a_filter_that_cannot_be_read(clock: HandClock, carrier: CarrierThread, send: Send) -> None:
    send()
    auth = (carrier.account.sid, carrier.account.token)
    address = f"{carrier.base_url}/2010-04-01/Accounts/{carrier.account.sid}/Messages.json"
    for day, found in (("2026-11-23", 1), ("2026-11-22", 0)):
        answer = requests.get(address, params={"DateSent": day}, auth=auth, timeout=5).json()
        assert len(answer["messages"]) == found
    for bad in ({"DateSent": "yesterday"}, {"PageSize": "0"}, {"PageSize": "many"}):
        answer = requests.get(address, params=bad, auth=auth, timeout=5)
        assert (answer.status_code, answer.json()["code"]) == (400, 20001)


def test_a_queued_message_can_be_cancelled_and_a_gone_one_cannot(
    carrier: CarrierThread, client: Client, send: Send, customer: Customer
) -> None:
    carrier.hold_queue()
    made = send()
    assert client.messages(made.sid).update(status="canceled").status == "canceled"
    carrier.release_queue()
    carrier.wait_idle()
    assert client.messages(made.sid).fetch().status == "canceled"
    assert customer.statuses(made.sid) == ["canceled"]
    with pytest.raises(TwilioRestException) as refusal:
        client.messages(made.sid).update(status="canceled")
    assert refusal.value.code == 30409


def test_a_finished_message_can_be_redacted_and_deleted(carrier: CarrierThread, client: Client, send: Send) -> None:
    carrier.hold_queue()
    made = send("A: secret")
    with pytest.raises(TwilioRestException) as refusal:
        client.messages(made.sid).delete()
    assert refusal.value.code == 20009
    carrier.release_queue()
    carrier.wait_idle()
    assert client.messages(made.sid).update(body="").body == ""
    assert client.messages(made.sid).delete()
    assert client.messages.list() == []


def test_a_messaging_service_answers_accepted_and_no_segments_yet(customer: Customer, own_settings: Any) -> None:
    service = "MG" + "a" * 32
    with CarrierThread(own_settings) as carrier:
        carrier._carrier.state.account = carrier.account.__class__(
            **{**vars(carrier.account), "messaging_service_sid": service}
        )
        carrier.hold_queue()
        client = client_for(carrier)
        made = client.messages.create(
            to=PHONE, messaging_service_sid=service, body="A: x", status_callback=f"{customer.url}/sms/status?m=1"
        )
        assert (made.status, made.num_segments, made.from_) == ("accepted", "0", None)
        carrier.release_queue()
        carrier.wait_idle()
        assert customer.statuses(made.sid) == ["queued", "sending", "sent", "delivered"]
        client.http_client.session.close()


def test_the_log_keeps_the_newest_only() -> None:
    from sms.simulated.book import Book
    from sms.simulated.model import DELIVERED, OUTBOUND_API, Text

    book = Book(limit=3)
    for number in range(5):
        book.add(Text(OUTBOUND_API, OURS, f"+44770090000{number}", str(number), DELIVERED))
    assert [text.body for text in book.newest_first()] == ["4", "3", "2"]
    assert len(book.phones()) == 3
