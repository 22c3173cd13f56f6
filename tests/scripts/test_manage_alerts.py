"""The command line tells who is told when something is wrong, and tries it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core import fault_kinds, faults
from core.clock import HandClock
from core.services import Services, open_services
from core.settings import load
from scripts.lib import operators_check
from sms.models import Canary, Message
from tests.core.test_settings import REAL
from tests.operators.listening import webhook
from tests.scripts.test_manage import Call


def test_everybody_gets_a_message_and_who_took_none_is_named(
    data: Path, call_manage: Call, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with webhook() as hook, webhook() as other:
        monkeypatch.setenv("OPERATOR_ALERT", f"+358 40 123 4567, {hook.url}, {other.url}")
        assert call_manage("alert-test") == 0
        told = capsys.readouterr().out
        assert "+358…67: in the outbox" in told
        assert told.count(": taken") == 2
        assert "Nothing is wrong" in hook.got[0]["message"]
        other.status = 500
        assert call_manage("alert-test") == 2
        assert "1 of 2 addresses took nothing" in capsys.readouterr().err
    services = open_services(load(data_dir=data))
    with services.read() as session:
        assert session.scalars(select(Message.purpose)).all() == ["operator", "operator"]
        assert [fault.kind for fault in faults.standing(session)] == [fault_kinds.ALERT_FAILED]
    services.database.close()


def test_without_anybody_to_tell_it_says_what_to_set(call_manage: Call, capsys: pytest.CaptureFixture[str]) -> None:
    assert call_manage("alert-test") == 2
    assert "OPERATOR_ALERT is not set" in capsys.readouterr().err
    call_manage("check")
    assert "nobody is told when something is wrong: set OPERATOR_ALERT" in capsys.readouterr().out


def test_check_lists_them_without_their_secrets_and_names_one_that_is_none(
    call_manage: Call, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPERATOR_ALERT", "+358401234567,ops@example.org,https://chat.example.org/secret-key")
    call_manage("check")
    told = capsys.readouterr().out
    assert "+358…67, mailto://localhost, jsons://chat.example.org are told" in told
    assert "secret-key" not in told
    monkeypatch.setenv("OPERATOR_ALERT", "nosuch://service")
    assert call_manage("check") == 1
    assert "nosuch://service is no address that apprise can use" in capsys.readouterr().out
    monkeypatch.setenv("OPERATOR_ALERT", "0401234567")
    assert call_manage("check") == 1
    assert "OPERATOR_ALERT: entry 1 of 1 cannot be used" in capsys.readouterr().out


def test_of_a_real_carrier_check_advises_on_opt_out_words_and_on_canaries(tmp_path: Path) -> None:
    real = load(_env_file=None, data_dir=tmp_path, **REAL)
    assert "CANCEL, END and QUIT" in operators_check.opt_out_words(real)[2]
    services = open_services(real)
    assert operators_check.canaries(services)[:2] == ("note", "canary")
    services.database.close()


def test_check_tells_of_canaries(services: Services, clock: HandClock) -> None:
    assert "none has come back so far" in operators_check.canaries(services)[2]

    def canary(minutes: int, back_after_s: int | None = None) -> None:
        sent_at = clock.now() - timedelta(minutes=minutes)
        back_at = None if back_after_s is None else sent_at + timedelta(seconds=back_after_s)
        with services.write() as session:
            session.add(Canary(token=f"{minutes}", sent_at=sent_at, came_back_at=back_at))

    canary(60)
    canary(120)
    assert operators_check.canaries(services)[0] == "FAULT"
    canary(9, back_after_s=42)
    assert operators_check.canaries(services)[2] == "the newest was back in 42 s"
