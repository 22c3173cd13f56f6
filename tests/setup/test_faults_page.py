"""Every page says what is wrong with the system to whoever is signed in; admins see what to do and say that they see to it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from flask import Flask

from core import fault_kinds, faults
from core.clock import HandClock
from core.services import Services
from dispatch.desk import board
from tests.setup.conftest import send, sign_in

TITLE = fault_kinds.KINDS[fault_kinds.REDIS_SILENT].title


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "doorstep.sqlite3")
    return f"sqlite:///{tmp_path / 'doorstep.sqlite3'}"


def stand(services: Services, kind: str = fault_kinds.REDIS_SILENT, subject: str = "", **facts: object) -> int:
    with services.write() as session:
        faults.stand(session, kind, subject, **facts)
        return faults.standing(session)[-1].id


def line(page: str) -> str | None:
    """The line about the system; None while it is hidden or not there."""
    found = re.search(r'<aside id="degraded"(?P<marks>[^>]*)>(?P<words>.*?)</aside>', page, re.DOTALL)
    return None if found is None or " hidden" in found["marks"] else re.sub("<[^>]+>", "", found["words"])


@pytest.mark.parametrize("role", ["dispatcher", "admin", "auditor"])
def test_every_page_says_degraded_in_plain_words(app: Flask, services: Services, role: str) -> None:
    signed_in = sign_in(app, services, role)
    assert line(signed_in.get("/account").text) is None
    stand(services)
    assert (line(signed_in.get("/account").text) or "").startswith(f"Degraded: {TITLE}")
    assert line(app.test_client().get("/sign-in").text) is None, "strangers read nothing of it"


def test_an_alarm_that_waits_makes_the_system_no_worse(app: Flask, services: Services) -> None:
    stand(services, fault_kinds.ALARM_UNANSWERED, "7", what="RING a volunteer NOW")
    dispatcher = sign_in(app, services, "dispatcher")
    assert line(dispatcher.get("/account").text) is None
    with services.read() as session:
        assert board.changes(session, 0)["faults"] == []


def test_an_admin_sees_what_to_do_and_says_so(app: Flask, services: Services) -> None:
    fault_id = stand(services, fault_kinds.WORKER_SILENT, "outbox")
    admin, auditor = sign_in(app, services, "admin"), sign_in(app, services, "auditor")
    page = admin.get("/admin").text
    kind = fault_kinds.KINDS[fault_kinds.WORKER_SILENT]
    for words in (f"{kind.title}: outbox", kind.words, kind.do, "/runbook#worker-silent"):
        assert words in page
    assert "I see to it" not in auditor.get("/admin").text
    assert send(auditor, "/account", f"/admin/faults/{fault_id}/seen", {}).status_code == 403
    assert send(admin, "/admin", f"/admin/faults/{fault_id}/seen", {}).status_code == 303
    page = auditor.get("/admin").text
    assert "admin sees to it; nobody is told of it again." in page
    assert send(admin, "/admin", f"/admin/faults/{fault_id}/seen", {}).status_code == 303, "said again it changes nothing"
    with services.read() as session:
        assert faults.standing(session)[0].acknowledged_by == "user:admin"


def test_the_stream_tells_the_desk(services: Services, clock: HandClock) -> None:
    with services.read() as session:
        before = board.last_number(session)
    stand(services)
    with services.read() as session:
        changed = board.changes(session, before)
    assert changed["number"] > before
    assert [fault["title"] for fault in changed["faults"]] == [TITLE]
    with services.write() as session:
        faults.end(session, fault_kinds.REDIS_SILENT)
    with services.read() as session:
        assert board.changes(session, changed["number"])["faults"] == []


def test_the_runbook_is_read_here(app: Flask, services: Services) -> None:
    page = sign_in(app, services, "dispatcher").get("/runbook").text
    assert 'id="redis-silent"' in page
    assert "<table>" in page
    assert app.test_client().get("/runbook").status_code == 303
