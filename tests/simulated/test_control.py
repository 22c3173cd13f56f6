"""The control API."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from core.settings import Settings
from sms.simulated.client import CarrierControl, CarrierDown, CarrierRefused
from sms.simulated.thread import CarrierThread
from tests.simulated.conftest import OURS, PHONE, Customer


@pytest.fixture
def control(carrier: CarrierThread, own_settings: Settings) -> CarrierControl:
    return CarrierControl(own_settings.model_copy(update={"simulated_carrier_url": carrier.base_url}))


def ask(carrier: CarrierThread, method: str, path: str, **more: Any) -> requests.Response:
    auth = (carrier.account.sid, carrier.account.token)
    return requests.request(method, f"{carrier.base_url}/control{path}", auth=auth, timeout=5, **more)


def test_only_the_account_may_use_it(carrier: CarrierThread) -> None:
    assert requests.get(f"{carrier.base_url}/control/phones", timeout=5).status_code == 401
    assert requests.get(f"{carrier.base_url}/control/phones", auth=("x", "y"), timeout=5).status_code == 401


def test_faults_are_read_dialled_and_reset(carrier: CarrierThread) -> None:
    assert ask(carrier, "PATCH", "/faults", json={"too_many": 0.25, "hang": {"next": 2}, "latency_s": 0.1}).status_code == 200
    assert (carrier.faults.too_many.share, carrier.faults.hang.next, carrier.faults.latency_s) == (0.25, 2, 0.1)
    assert ask(carrier, "DELETE", "/faults").json()["hang"] == {"share": 0.0, "next": 0}


@pytest.mark.parametrize(
    ("method", "path", "body", "named"),
    [
        ("PATCH", "/faults", {"latency_s": -1}, "latency_s"),
        ("PATCH", "/faults", {"too_many": {"share": 2}}, "too_many.share"),
        ("PATCH", "/faults", {"nonsense": 1}, "nonsense"),
        ("PATCH", "/faults", ["x"], "a JSON object"),
        ("PUT", "/autopilot", {"mode": "fast"}, "mode"),
        ("POST", "/phones", {"phones": {"12": "x"}}, "phones"),
        ("POST", f"/phones/{PHONE}/texts", {}, "body"),
        ("POST", "/phones/12/texts", {"body": "1"}, "phones"),
        ("POST", f"/phones/{PHONE}/texts", {"body": "1", "to": "+1"}, "to"),
        ("PUT", "/hold", {"queue": "perhaps"}, "queue"),
        ("GET", "/idle?timeout_s=soon", None, "soon"),
    ],
)
def test_bad_input_is_named(carrier: CarrierThread, method: str, path: str, body: Any, named: str) -> None:
    answer = ask(carrier, method, path, json=body)
    assert answer.status_code == 422
    assert named in answer.json()["error"]
    assert carrier.messages() == []


def test_a_body_that_is_no_json(carrier: CarrierThread) -> None:
    assert "JSON" in ask(carrier, "PATCH", "/faults", data="{").json()["error"]


def test_phones_are_announced_listed_and_speak(carrier: CarrierThread, control: CarrierControl, customer: Customer) -> None:
    control.announce({PHONE: "Aino"})
    seen = control.phones()
    assert [(phone["number"], phone["label"], phone["texts"]) for phone in seen["phones"]] == [(PHONE, "Aino", 0)]
    assert control.phones(str(seen["version"]))["phones"] is None, "nothing has changed"
    control.send(PHONE, "on my way")
    carrier.wait_idle()
    assert customer.inbound()[0].form["Body"] == "on my way"
    (phone,) = control.phones(str(seen["version"]))["phones"]
    assert phone["by_person"]


def test_a_conversation_is_read_and_counts_as_read(carrier: CarrierThread, control: CarrierControl, send: Any) -> None:
    send("A: hello")
    carrier.wait_idle()
    assert control.phones()["phones"][0]["unread"] == 1
    conversation = control.conversation(PHONE)
    assert conversation is not None
    assert [(text["from_phone"], text["body"]) for text in conversation["texts"]] == [(False, "A: hello")]
    assert control.phones()["phones"][0]["unread"] == 0
    assert control.conversation("+447700900999") is None


def test_a_text_shows_on_the_phone_only_when_it_has_arrived(carrier: CarrierThread, control: CarrierControl, send: Any) -> None:
    carrier.faults.switched_off = {PHONE}
    send("A: hello")
    carrier.wait_idle()
    (phone,) = control.phones()["phones"]
    assert (phone["texts"], phone["unread"], phone["switched_off"]) == (0, 0, True)


def test_a_phone_is_switched_off_and_given_back(carrier: CarrierThread, control: CarrierControl) -> None:
    control.send(PHONE, "hello")
    assert ask(carrier, "PATCH", f"/phones/{PHONE}", json={"switched_off": True, "by_person": False}).json()["switched_off"]
    assert carrier.faults.switched_off == {PHONE}
    assert not control.phones()["phones"][0]["by_person"]
    assert ask(carrier, "PATCH", "/phones/+447700900999", json={}).status_code == 404


def test_work_can_be_held_and_waited_for(carrier: CarrierThread, send: Any) -> None:
    assert ask(carrier, "PUT", "/hold", json={"queue": True}).json() == {"queue": True, "callbacks": False}
    send()
    assert ask(carrier, "GET", "/idle").json()["idle"]
    assert carrier.messages_to(PHONE)[0].status == "queued"
    ask(carrier, "PUT", "/hold", json={"queue": False})
    assert ask(carrier, "GET", "/idle?timeout_s=5").json()["idle"]
    assert carrier.messages_to(PHONE)[0].status == "delivered"


def test_errors_of_webhooks_are_listed(carrier: CarrierThread, customer: Customer) -> None:
    customer.answer = lambda _: (500, "", "")
    carrier.text(PHONE, "1", to=OURS)
    carrier.wait_idle()
    (error,) = ask(carrier, "GET", "/errors").json()["errors"]
    assert (error["code"], error["why"]) == (11200, "inbound: answered 500")


def test_a_carrier_that_is_down_is_said_so(own_settings: Settings) -> None:
    with pytest.raises(CarrierDown):
        CarrierControl(own_settings.model_copy(update={"simulated_carrier_url": "http://127.0.0.1:9"})).phones()


def test_a_refusal_carries_its_reason(control: CarrierControl) -> None:
    with pytest.raises(CarrierRefused, match="mode"):
        control.set_autopilot("fast")
