"""A web process tells what only it can see, and stands in for a conductor that is gone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from twilio.request_validator import RequestValidator

from console.app import create_app
from console.guarding import WebGuard
from core import fault_kinds, faults, heartbeats
from core.clock import HandClock
from core.services import Services
from dispatch import conductor
from sms.refusals import MANY_IN_A_ROW, OF_THIS_PROCESS
from tests.operators.listening import Webhook, posted, webhook

ALL = (conductor.NAME, "worker:outbox", "worker:inbox", "stream")
FORM = {"MessageSid": "SM1", "From": "+447700900001", "Body": "1"}


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "doorstep.sqlite3")
    return f"sqlite:///{tmp_path / 'doorstep.sqlite3'}"


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as opened:
        yield opened


def standing(services: Services) -> list[str]:
    with services.read() as session:
        return [fault.kind for fault in faults.standing(session)]


def all_beat(services: Services, *without: str) -> None:
    with services.write() as session:
        for name in ALL:
            if name not in without:
                heartbeats.beat(session, name)


def test_webhooks_with_a_wrong_token_are_a_fault_until_one_is_right(services: Services) -> None:
    all_beat(services)
    OF_THIS_PROCESS.accepted()
    guard, caller = WebGuard(services), create_app(services).test_client()
    guard.round()
    for _ in range(MANY_IN_A_ROW):
        assert caller.post("/sms/inbound", data=FORM, headers={"X-Twilio-Signature": "wrong"}).status_code == 403
    guard.round()
    assert standing(services) == [fault_kinds.WEBHOOKS_REFUSED]
    guard.round()
    url, token = services.settings.public_url + "/sms/inbound", services.settings.carrier.auth_tokens[0]
    signature = RequestValidator(token).compute_signature(url, FORM)
    assert caller.post("/sms/inbound", data=FORM, headers={"X-Twilio-Signature": signature}).status_code == 200
    guard.round()
    assert standing(services) == []


def test_strangers_without_a_signature_are_no_fault(services: Services) -> None:
    all_beat(services)
    OF_THIS_PROCESS.accepted()
    guard, caller = WebGuard(services), create_app(services).test_client()
    guard.round()
    for _ in range(2 * MANY_IN_A_ROW):
        assert caller.post("/sms/inbound", data=FORM).status_code == 403
    guard.round()
    assert standing(services) == []


def test_a_conductor_that_is_gone_is_told_of_by_the_web(services: Services, clock: HandClock, hook: Webhook) -> None:
    told = replace(services, settings=services.settings.model_copy(update={"operator_alert": (hook.url,)}))
    guard = WebGuard(told)
    all_beat(told)
    guard.round()
    assert fault_kinds.CONDUCTOR_SILENT not in standing(told)
    for _ in range(8):
        clock.turn(5)
        all_beat(told, conductor.NAME)
        guard.round()
    posted()
    assert fault_kinds.CONDUCTOR_SILENT in standing(told)
    assert any(got["message"].startswith("The conductor has stopped") for got in hook.got)


def test_while_the_others_start_nobody_is_missed(services: Services) -> None:
    WebGuard(services).round(stands_in=False)
    assert standing(services) == []
    with services.read() as session:
        assert any(name.startswith("web:") for name in heartbeats.alive(session))
