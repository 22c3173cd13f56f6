"""The first pages in a real browser: readable by day and by night, narrow and wide, under their own security policy."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from console.app import create_app
from core.database import Database
from core.services import Services
from core.settings import WrongSetting
from tests import barriers
from tests.chromium import Browsers


@pytest.fixture
def database(empty_sqlite: Database) -> Database:
    """These pages read nothing from the database; one kind is enough."""
    return empty_sqlite


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application, served."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_pages_read_well_narrow_and_wide_by_day_and_by_night(
    address: str, browsers: Browsers, subtests: pytest.Subtests
) -> None:
    for width in (360, 1600):
        for scheme in ("light", "dark"):
            context = browsers.get(webgl=False).new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
            page = context.new_page()
            complaints: list[str] = []
            page.on("console", lambda message, heard=complaints: heard.append(message.text))
            page.on("pageerror", lambda error, heard=complaints: heard.append(str(error)))
            with subtests.test(width=width, scheme=scheme):
                page.goto(address)
                assert complaints == []
                assert page.evaluate("document.documentElement.scrollWidth") == width
                banner = page.locator(".simulated").bounding_box()
                assert banner is not None
                assert banner["width"] == width
                assert barriers.found(page).violations_count == 0
                page.goto(f"{address}/nothing")
                assert page.locator("h1").inner_text() == "There is nothing at this address"
            context.close()


def test_on_a_real_carrier_there_is_no_banner_and_no_page_of_phones(services: Services) -> None:
    real = {"twilio_account_sid": "AC" + "0" * 32, "twilio_auth_token": ("t",), "twilio_from": ("+358400000000",)}
    settings = services.settings.model_copy(update=real)
    client = create_app(Services(settings, services.database, services.wake_ups)).test_client()
    page = client.get("/").text
    assert "SIMULATED" not in page
    assert "/phones" not in page
    assert client.get("/phones").status_code == 404


def test_what_people_wrote_is_shown_as_text(services: Services) -> None:
    settings = services.settings.model_copy(update={"organisation": "<script>alert(1)</script>"})
    client = create_app(Services(settings, services.database, services.wake_ups)).test_client()
    assert "<script>alert" not in client.get("/").text
    assert "<script>alert" not in client.get("/<script>alert(1)</script>").text


def test_without_services_it_opens_its_own_from_the_environment(
    services: Services, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert create_app().test_client().get("/health/live").status_code == 200
    monkeypatch.setenv("DEFAULT_LANGUAGE", "tlh")
    with pytest.raises(WrongSetting, match="DEFAULT_LANGUAGE"):
        create_app()
