"""The carrier is killed, and is whole again: nothing it confirmed is forgotten, and what nobody answered is told again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from scripts.lib import ports
from sms.simulated import journal
from sms.simulated.client import CarrierControl, CarrierRefused
from sms.simulated.keeping_calls import calls_of
from sms.simulated.model import Account, Mode
from sms.simulated.thread import CarrierThread
from tests.simulated.conftest import OTHER, OURS, PHONE, Called, Customer, client_for
from tests.simulated.test_calls import EVENTS, ask, told

EVENTS_TOLD = ["initiated", "ringing", "in-progress", "completed"]
ROOT = Path(__file__).parents[2]
PATIENCE_S = 20.0


class Killable:
    """The carrier as a process of its own, always at the same address and with the same journal."""

    def __init__(self, settings: Settings, public_url: str) -> None:
        self.settings = settings.model_copy(update={"simulated_carrier_url": f"http://127.0.0.1:{ports.free()}"})
        self.base_url = self.settings.simulated_carrier_url
        self.account = Account.of(self.settings)
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("TWILIO_", "SIMULATE"))},
            "DATA_DIR": str(settings.data_dir),
            "SECRET_KEY": "for tests only",
            "PUBLIC_URL": public_url,
        }
        self.start()

    def start(self) -> None:
        port, folder = self.base_url.rpartition(":")[2], self.settings.data_dir / "carrier"
        command = [sys.executable, "-m", "sms.simulated", "--port", port, "--journal", str(folder)]
        self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        assert any(re.search("carrier ready", line) for line in self._process.stderr)

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def killable(own_settings: Settings, customer: Customer) -> Iterator[Killable]:
    carrier = Killable(own_settings, customer.url)
    yield carrier
    carrier.kill()


def test_what_it_took_goes_on_after_a_kill(killable: Killable, customer: Customer) -> None:
    """Killed within a moment of its 201, it still brings the text to its phone and tells every status, in order."""
    sid = send(killable, "A: come", callback=f"{customer.url}/sms/status?m=1")
    killable.kill()
    killable.start()
    until(lambda: "delivered" in customer.statuses(sid))
    told = list(dict.fromkeys(customer.statuses(sid)))
    assert told == ["sending", "sent", "delivered"]
    assert [text["body"] for text in CarrierControl(killable.settings).conversation(PHONE)["texts"]] == ["A: come"]


def test_an_answer_that_nobody_acknowledged_is_told_again(killable: Killable, customer: Customer) -> None:
    """The customer read it and never answered before the carrier died: as far as that one knows, nobody has it."""
    asked, go = threading.Event(), threading.Event()

    def slow(_: Called) -> tuple[int, str, str]:
        asked.set()
        go.wait(PATIENCE_S)
        return 200, "text/xml", "<Response/>"

    customer.answer = slow
    CarrierControl(killable.settings).send(PHONE, "1")
    assert asked.wait(PATIENCE_S)
    killable.kill()
    go.set()
    killable.start()
    until(lambda: len(customer.inbound()) == 2)
    assert {(call.form["MessageSid"], call.form["Body"]) for call in customer.inbound()} == {
        (customer.inbound()[0].form["MessageSid"], "1")
    }


def test_everything_about_phones_comes_back(killable: Killable, customer: Customer) -> None:
    control = CarrierControl(killable.settings)
    control.announce({PHONE: "Aino", OTHER: "Eino"})
    control.set_autopilot("human")
    control.set_faults(callbacks_lost=1.0, too_many={"next": 3})
    control.send(OTHER, "STOP")
    until(customer.inbound)
    killable.kill()
    killable.start()
    seen = control.phones()
    assert seen["autopilot"] == "human"
    phones = {phone["number"]: phone for phone in seen["phones"]}
    assert (phones[PHONE]["label"], phones[PHONE]["by_person"]) == ("Aino", False)
    assert (phones[OTHER]["label"], phones[OTHER]["by_person"], phones[OTHER]["opted_out"]) == ("Eino", True, True)
    # What was left of a number of sure faults nobody knows; the share holds on.
    assert send(killable, "A: come", callback=f"{customer.url}/sms/status?m=1")
    control.send(PHONE, "1")
    # What was told shortly before the kill may be told again: once too often is what a carrier does, too.
    until(lambda: "1" in {call.form["Body"] for call in customer.inbound()})
    assert all(call.path == "/sms/inbound" for call in customer.calls)


def test_a_call_that_rang_rings_on_after_a_kill(killable: Killable, customer: Customer) -> None:
    """Killed within a moment of its 201, and once more while the phone rings: the phone can still be picked up."""
    customer.answer = lambda called: ask(called) if called.path.startswith("/voice") else (204, "", "")
    sid = call(killable, customer)
    killable.kill()
    killable.start()
    until(lambda: "ringing" in told(customer))
    killable.kill()
    killable.start()
    control = CarrierControl(killable.settings)
    until(lambda: picks_up(control))
    until(lambda: "in-progress" in told(customer))
    control.on_phone(PHONE, "press", "1")
    until(lambda: "completed" in told(customer))
    assert list(dict.fromkeys(told(customer))) == EVENTS_TOLD
    assert [called.form["Digits"] for called in customer.calls if called.form.get("Digits")] == ["1"]
    record = killable.settings.data_dir / "carrier"
    until(lambda: calls_of(record)[-1].is_over)
    (kept,) = calls_of(record)
    assert (kept.sid, kept.status, [(key.digit, key.told) for key in kept.keys]) == (sid, "completed", [("1", True)])


def test_a_pressed_key_is_on_the_disk_before_we_are_told(own_settings: Settings, customer: Customer, tmp_path: Path) -> None:
    on_disk: list[list[str]] = []

    def answer(called: Called) -> tuple[int, str, str]:
        if called.form.get("Digits"):
            on_disk.append([key.digit for key in calls_of(tmp_path)[-1].keys])
        return ask(called) if called.path.startswith("/voice") else (204, "", "")

    customer.answer = answer
    with carrier_of(own_settings, customer, tmp_path) as carrier:
        call(carrier, customer)
        carrier.wait_idle()
        carrier.on_phone(PHONE, "answer")
        carrier.wait_idle()
        carrier.on_phone(PHONE, "1")
        carrier.wait_idle()
    assert on_disk == [["1"]]


def test_a_call_in_which_somebody_speaks_is_cut_off_by_a_kill(killable: Killable, customer: Customer) -> None:
    customer.answer = lambda called: ask(called) if called.path.startswith("/voice") else (204, "", "")
    call(killable, customer)
    until(lambda: picks_up(CarrierControl(killable.settings)))
    until(lambda: calls_of(killable.settings.data_dir / "carrier")[-1].status == "in-progress")
    killable.kill()
    killable.start()
    until(lambda: "completed" in told(customer))
    assert list(dict.fromkeys(told(customer))) == EVENTS_TOLD
    with pytest.raises(CarrierRefused, match="no call"):
        CarrierControl(killable.settings).on_phone(PHONE, "press", "1")


def test_a_phone_that_was_typing_still_sends_it(own_settings: Settings, customer: Customer, tmp_path: Path) -> None:
    """The same dice: what the volunteer had decided before the carrier went down is what arrives afterwards."""
    ask = "A: CARDIAC ARREST near you. Text 1 = going, 2 = cannot."
    answers = []
    for folder, stops in ((tmp_path / "whole", False), (tmp_path / "killed", True)):
        customer.calls.clear()
        carrier = carrier_of(own_settings, customer, folder).start()
        send(carrier, ask)
        carrier.wait_idle()
        if stops:
            carrier.stop()
            carrier = carrier_of(own_settings, customer, folder).start()
        until(customer.inbound)
        carrier.stop()
        answers.append(customer.inbound()[0].form["Body"])
    assert answers[0] == answers[1]


def test_a_line_that_was_cut_off_is_no_line(own_settings: Settings, customer: Customer, tmp_path: Path) -> None:
    with carrier_of(own_settings, customer, tmp_path) as carrier:
        send(carrier, "A: whole")
        carrier.wait_idle()
    file = tmp_path / journal.NAME
    file.write_bytes(file.read_bytes() + b'{"kind":"text","sid":"SM0')
    with carrier_of(own_settings, customer, tmp_path) as carrier:
        assert [text.body for text in carrier.messages()] == ["A: whole"]
        send(carrier, "A: after")
    with carrier_of(own_settings, customer, tmp_path) as carrier:
        assert [text.body for text in carrier.messages()] == ["A: whole", "A: after"]


def test_a_long_journal_is_written_anew_with_nothing_lost(
    own_settings: Settings, customer: Customer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with carrier_of(own_settings, customer, tmp_path) as carrier:
        send(carrier, "A: come", callback=f"{customer.url}/sms/status?m=1")
        carrier.text(OTHER, "STOP")
        carrier.wait_idle()
    before = len((tmp_path / journal.NAME).read_bytes())
    monkeypatch.setattr("sms.simulated.keeping.REWRITE_AT_BYTES", 100)
    customer.calls.clear()
    for _ in range(2):
        with carrier_of(own_settings, customer, tmp_path) as carrier:
            carrier.wait_idle()
            assert [text.statuses[-1] for text in carrier.messages_to(PHONE)] == ["delivered"]
            assert carrier.opted_out() == {OTHER}
    assert len((tmp_path / journal.NAME).read_bytes()) < before
    assert not customer.calls


def carrier_of(settings: Settings, customer: Customer, folder: Path) -> CarrierThread:
    inbound = f"{customer.url}/sms/inbound"
    return CarrierThread(settings, inbound_url=inbound, autopilot=Mode.HEADLESS, seed=3, journal=folder)


def send(carrier: Killable | CarrierThread, body: str, callback: str | None = None) -> str:
    """Have the carrier take a text to the phone; its SID."""
    client = client_for(carrier)
    try:
        return client.messages.create(to=PHONE, from_=OURS, body=body, status_callback=callback).sid
    finally:
        client.http_client.session.close()


def call(carrier: Killable | CarrierThread, customer: Customer) -> str:
    """Have the carrier ring the phone; the call's SID."""
    client = client_for(carrier)
    urls = {"url": f"{customer.url}/voice/answer?m=1", "status_callback": f"{customer.url}/sms/status?m=1"}
    try:
        return client.calls.create(to=PHONE, from_=OURS, status_callback_event=EVENTS, **urls).sid
    finally:
        client.http_client.session.close()


def picks_up(control: CarrierControl) -> bool:
    """Whether the phone rings, and was picked up."""
    try:
        control.on_phone(PHONE, "answer")
    except CarrierRefused:
        return False
    return True


def until(done: Callable[[], object]) -> None:
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / 0.02)):
        if done():
            return
        pause.wait(0.02)
    raise AssertionError("it did not come to that")
