"""The settings page: what an admin changes there is in the next text, without a restart."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask

from console.app import create_app
from core.queue import WakeUps
from core.services import Services
from dispatch import writing
from tests.setup.conftest import send, sign_in

CHANGED: dict[str, object] = {
    "organisation": "First Aid Monaco",
    "emergency_number": "911",
    "contact_phone": "0800 1234",
    "default_region": "MC",
    "time_zone": "Europe/Monaco",
    "languages": ["en"],
    "default_language": "en",
}


def test_a_change_reaches_a_text_of_another_process_within_two_seconds(app: Flask, services: Services, monkeypatch) -> None:
    moment = [0.0]
    monkeypatch.setattr("core.clock.monotonic_s", lambda: moment[0])
    worker = Services(services.settings, services.database, WakeUps(None))
    assert worker.settings.emergency_number == "112"
    admin = sign_in(app, services, "admin")
    assert send(admin, "/admin/settings", "/admin/settings", CHANGED).status_code == 303
    moment[0] += 1.9
    assert worker.settings.emergency_number == "911"
    assert writing.catalog.render("T10", "en", emergency_number=worker.settings.emergency_number).endswith("ring 911.")
    assert "First Aid Monaco" in admin.get("/admin/settings").text


def test_what_the_environment_fixes_is_shown_and_not_changed(services: Services) -> None:
    fixed = replace(services, settings=services.settings.model_copy(update={"emergency_number": "999"}))
    app = create_app(fixed)
    admin = sign_in(app, fixed, "admin")
    page = admin.get("/admin/settings").text
    assert "EMERGENCY_NUMBER" in page
    assert 'name="emergency_number"' not in page
    assert send(admin, "/admin/settings", "/admin/settings", CHANGED).status_code == 303
    assert fixed.settings.emergency_number == "999"
    assert fixed.settings.organisation == "First Aid Monaco"


def test_an_auditor_reads_and_a_dispatcher_does_neither(app: Flask, services: Services) -> None:
    auditor, dispatcher = sign_in(app, services, "auditor"), sign_in(app, services, "dispatcher")
    assert auditor.get("/admin/settings").status_code == 200
    assert "Save" not in auditor.get("/admin/settings").text
    assert dispatcher.get("/admin/settings").status_code == 403
    for client in (auditor, dispatcher):
        assert send(client, "/admin", "/admin/settings", CHANGED).status_code == 403


def test_a_wrong_field_changes_nothing(app: Flask, services: Services) -> None:
    admin = sign_in(app, services, "admin")
    answer = send(admin, "/admin/settings", "/admin/settings", CHANGED | {"time_zone": "Nowhere"})
    assert answer.status_code == 422
    assert services.settings.organisation == "Doorstep"
