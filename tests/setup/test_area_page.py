"""Bringing an area in from the page: what is no extract is refused, one at a time, in a process that nobody waits for."""

from __future__ import annotations

import io
import time
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from console.setup import area_job
from core import clock as clock_module
from core import milestones, words
from core.clock import HandClock, SystemClock
from core.problems import Problem
from core.services import Services
from geo import osm
from scripts.lib.bootstrap import ROOT
from tests.setup.conftest import send, sign_in

HELSINKI = ROOT / "demo" / "helsinki.osm.pbf"


def _send(client: FlaskClient, content: bytes, name: str = "town.osm.pbf") -> tuple[int, str]:
    answer = send(client, "/account", "/admin/area", {"file": (io.BytesIO(content), name)})
    told = answer.status_code, answer.text
    answer.request.environ["wsgi.input"].close()  # a large body lies in a file of the test client's
    return told


def test_what_is_no_extract_is_refused(app: Flask, services: Services) -> None:
    admin = sign_in(app, services, "admin")
    assert "no OpenStreetMap extract" in _send(admin, b"hello")[1]
    assert "Choose an .osm.pbf file" in _send(admin, b"", "")[1]
    assert not list(services.settings.data_dir.glob("area-*"))


def test_only_admins_may(app: Flask, services: Services) -> None:
    for role, status in (("dispatcher", 403), ("auditor", 403)):
        assert _send(sign_in(app, services, role), b"x")[0] == status


def test_one_at_a_time_and_one_that_died_is_given_up(app: Flask, services: Services, clock: HandClock) -> None:
    admin = sign_in(app, services, "admin")
    with services.write() as session:
        milestones.note(session, area_job.NAME, state=area_job.RUNNING, percent=40)
    assert _send(admin, b"\0\0\0\rOSMHeader")[0] == 409
    assert "<span>40</span> %" in admin.get("/admin/area").text
    assert not list(services.settings.data_dir.glob("area-*"))
    clock.turn(area_job.BROKEN_OFF_AFTER / timedelta(seconds=1) + 1)
    assert "It was broken off" in admin.get("/admin/area").text


def test_why_it_failed_is_said_in_the_readers_language(
    app: Flask, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swedish = {"there is no file {path}": "filen {path} finns inte"}
    monkeypatch.setattr(words, "gettext", lambda sentence: swedish.get(sentence, sentence))
    admin = sign_in(app, services, "admin")
    with pytest.raises(Problem) as refused:
        osm.read_area(tmp_path / "none.osm.pbf")
    area_job._note(services, state=area_job.FAILED, percent=0, words=words.kept(refused.value.errors[0].detail))
    assert f"filen {tmp_path}/none.osm.pbf finns inte" in admin.get("/admin/area").text
    assert admin.get("/admin/api/area").json["words"] == f"there is no file {tmp_path}/none.osm.pbf"
    area_job._note(services, state=area_job.FAILED, percent=0, words="It broke ({KeyError}), said an older version.")
    assert "It broke ({KeyError}), said an older version." in admin.get("/admin/area").text


def test_the_border_and_the_map_speak_the_readers_language_too(
    app: Flask, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    swedish = {
        "it has no corners; it must be a GeoJSON Polygon or MultiPolygon, e.g. {example}": "hörn saknas, t.ex. {example}",
        "Service area": "Vårt område",
    }
    monkeypatch.setattr(words, "gettext", lambda sentence: swedish.get(sentence, sentence))
    monkeypatch.setattr("geo.pages.tiles.gettext", lambda sentence: sentence.replace("contributors", "& vänner"))
    admin = sign_in(app, services, "admin")
    assert 'value="Vårt område"' in admin.get("/area").text
    refused = send(admin, "/area", "/area", {"polygon": '{"type": "Polygon", "coordinates": []}'})
    assert "The area</a>: hörn saknas, t.ex. {&#34;type&#34;" in refused.text
    assert ">© OpenStreetMap &amp; vänner</a>" in admin.get("/tiles/area.json").json["attribution"]


def test_it_is_not_told_while_the_import_itself_writes(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.database.WRITE_TURN_TIMEOUT_S", 0.0)
    monkeypatch.setattr("console.setup.area_job._SAY_EVERY_S", 0.0)
    tell = area_job._Teller(services)
    with services.write() as session:
        session.connection()
        tell(95, 100)  # one thread cannot wait for itself
    tell(99, 100)
    with services.read() as session:
        assert (area_job.state(session) or {})["percent"] == 99


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_it_comes_in_while_the_page_follows(app: Flask, services: Services) -> None:
    clock_module.use(SystemClock())  # the import runs in a process of its own, by the real one
    admin = sign_in(app, services, "admin")
    assert _send(admin, HELSINKI.read_bytes())[0] == 303
    until = time.monotonic() + 90
    while (now := admin.get("/admin/api/area").json)["state"] == "running":
        assert time.monotonic() < until, now
        time.sleep(0.2)
    assert now["state"] == "done", now
    assert now["addresses"] > 100
    assert "The newest area is in" in admin.get("/admin/area").text
    assert "area" in admin.get("/admin/api/go-live").json["done"]
    assert not list(services.settings.data_dir.glob("area-*"))
