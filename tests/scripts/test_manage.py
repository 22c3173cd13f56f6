"""`scripts/manage`, called as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.accounts import passwords, users
from core.services import open_services
from core.settings import load
from scripts.lib import guards, manage_options, town
from tests.scripts.conftest import Call

HEADER = "external_id,name,phone,home_lat,home_lon,consent_at,certification_type,certification_expires\n"
GOOD = "a1,Anna Aalto,+358401234567,60.1700,24.9400,2026-01-01,cpr,2027-12-31\n"
BAD = "a2,Bo Berg,,60.1700,24.9400,2026-01-01,cpr,2027-12-31\n"


def _complaint(capsys: pytest.CaptureFixture[str]) -> str:
    err = capsys.readouterr().err
    assert err.count("\n") == 1, err
    assert err.startswith("scripts/manage")
    return err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "COMMAND"),
        (["nonsense"], "nonsense"),
        (["import-responders"], "FILE.csv"),
        (["open-incident"], "--type"),
        (["open-incident", "--type", "cardiac_arrest"], "location"),
        (["open-incident", "--type", "cardiac_arrest", "--lat", "x", "--lon", "24"], "--lat"),
        (["open-incident", "--type", "cardiac_arrest", "--lat", "60.17"], "--lon"),
        (["open-incident", "--type", "cardiac_arrest", "--lat", "nan", "--lon", "24"], "--lat"),
        (["open-incident", "--type", "cardiac_arrest", "--lat", "91", "--lon", "24"], "--lat"),
        (["open-incident", "--type", "cardiac_arrest", "--lat", "0", "--lon", "0"], "--lat"),
        (["open-incident", "--type", "earthquake", "--lat", "60.17", "--lon", "24.94"], "cardiac_arrest"),
        (["open-incident", "--type", "bleeding", "--address", "Nowhere 1"], "--address"),
        (["open-incident", "--type", "bleeding", "--lat", "60", "--lon", "24", "--hazard", "bears"], "--hazard"),
        (["open-incident", "--type", "bleeding", "--lat", "60", "--lon", "24", "--caller-phone", "abc"], "--caller-phone"),
        (["open-incident", "--type", "bleeding", "--lat", "60", "--lon", "24", "--ambulance-eta-s", "-1"], "--ambulance-eta-s"),
        (["show-incident", "XXXXX"], "XXXXX"),
        (["close-incident", "XXXXX", "--outcome", "helped"], "XXXXX"),
        (["list-incidents", "--state", "ajar"], "--state"),
        (["create-api-key", "bad name"], "NAME"),
        (["create-api-key", "cad", "--scope", "everything"], "--scope"),
        (["create-user", "bad name", "--role", "admin"], "NAME"),
        (["create-user", "anna", "--role", "boss"], "--role"),
        (["create-user", "anna"], "--role"),
        (["import-area", "/no/such.osm.pbf"], "FILE"),
        (["import-responders", "/no/such.csv"], "/no/such.csv"),
    ],
)
def test_bad_input_is_named_in_one_line(
    call_manage: Call, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert call_manage(*arguments) == 2
    assert told in _complaint(capsys)


@pytest.mark.parametrize("command", manage_options.NOT_YET)
def test_what_is_not_there_says_so(call_manage: Call, capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert call_manage(command, "whatever", "--role", "admin") == 2
    assert "not yet" in _complaint(capsys)


def test_a_key_is_the_last_line_alone(call_manage: Call, capsys: pytest.CaptureFixture[str]) -> None:
    assert call_manage("create-api-key", "cad", "--scope", "read", "--scope", "people") == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("doorstep_")
    assert call_manage("create-api-key", "cad") == 2


def test_a_users_password_is_the_last_line_alone_and_only_its_hash_is_kept(
    call_manage: Call, capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    assert call_manage("create-user", "Anna.Aalto", "--role", "dispatcher") == 0
    password = capsys.readouterr().out.splitlines()[-1]
    services = open_services(load(_env_file=None, data_dir=data))
    with services.read() as session:
        user = users.by_name(session, "anna.aalto")
    services.database.close()
    assert user is not None
    assert (user.role, user.password_given, user.demo) == ("dispatcher", True, False)
    assert passwords.matches(user.password_hash, password)
    assert call_manage("create-user", "anna.aalto", "--role", "admin") == 2
    assert "not given twice" in _complaint(capsys)


def test_good_rows_go_in_and_bad_ones_are_told(call_manage: Call, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(HEADER + GOOD + BAD, encoding="utf-8")
    assert call_manage("import-responders", file) == 2
    told = capsys.readouterr()
    assert "line 3, phone" in told.out
    assert "1 added" in told.out
    assert told.err.count("\n") == 1
    file.write_text(HEADER + GOOD, encoding="utf-8")
    assert call_manage("import-responders", file) == 0
    assert "1 unchanged" in capsys.readouterr().out


def test_an_incident_by_command_line(call_manage: Call, capsys: pytest.CaptureFixture[str]) -> None:
    assert call_manage("open-incident", "--type", "cardiac_arrest", "--lat", "60.17", "--lon", "24.94") == 0
    opened = json.loads(capsys.readouterr().out)
    assert opened["state"] == "open"
    code = opened["code"]
    assert call_manage("correct-incident", code.lower(), "--access-notes", "blue door", "--hazard", "traffic") == 0
    assert json.loads(capsys.readouterr().out)["hazards"] == ["traffic"]
    assert call_manage("correct-incident", code) == 2
    assert call_manage("stand-down", code, "--reason", "not_needed") == 0
    assert call_manage("close-incident", code, "--outcome", "helped") == 0
    assert call_manage("close-incident", code, "--outcome", "helped") == 2
    capsys.readouterr()
    assert call_manage("list-incidents", "--state", "closed") == 0
    assert code in capsys.readouterr().out
    assert call_manage("reopen-incident", opened["id"]) == 0
    assert call_manage("show-incident", code) == 0
    assert json.loads(capsys.readouterr().out.split("\n}\n")[1] + "\n}")["state"] == "open"


def test_check_finds_nothing_wrong_after_a_start_and_something_before(
    call_manage: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call_manage("check") == 1
    assert "migrations" in capsys.readouterr().out.split("FAULT", 1)[1].splitlines()[0]
    assert call_manage("list-incidents") == 0
    capsys.readouterr()
    assert call_manage("check") == 0
    assert "FAULT" not in capsys.readouterr().out


def test_check_names_a_wrong_setting_and_a_dead_redis(
    call_manage: Call, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    assert call_manage("check") == 1
    assert "REDIS_URL" in capsys.readouterr().out
    monkeypatch.setenv("TIME_ZONE", "Helsinki")
    assert call_manage("check") == 1
    assert "TIME_ZONE" in capsys.readouterr().out


def test_check_says_that_a_carrier_cannot_reach_this_machine(
    call_manage: Call, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "0" * 32)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "secret")
    monkeypatch.setenv("TWILIO_FROM", "+358401234567")
    monkeypatch.setenv("TWILIO_BASE_URL", "http://carrier.invalid")
    assert call_manage("check") == 1
    told = capsys.readouterr().out
    assert "PUBLIC_URL" in told
    assert "cannot be reached" in told


def test_the_demo_town_is_loaded_once_and_never_over_a_town_of_ones_own(data: Path, call_manage: Call) -> None:
    assert call_manage("import-area", town.EXTRACT) == 0
    services = open_services(load(data_dir=data))
    assert town.ensure(services) is False
    services.database.close()


def test_the_demo_town_never_comes_where_a_real_carrier_has_been(data: Path, call_manage: Call) -> None:
    assert call_manage("list-incidents") == 0
    (data / guards.MARKER).write_text("2026-11-23T12:00:00Z\n")
    services = open_services(load(data_dir=data, simulate=True))
    assert town.ensure(services) is False
    services.database.close()


def test_the_demo_town_twice_is_the_demo_town_once(data: Path, call_manage: Call) -> None:
    assert call_manage("list-incidents") == 0
    services = open_services(load(data_dir=data))
    assert [town.ensure(services), town.ensure(services)] == [True, True]
    services.database.close()
    assert call_manage("open-incident", "--type", "cardiac_arrest", "--address", "Aleksanterinkatu 21") == 0
    assert call_manage("open-incident", "--type", "cardiac_arrest", "--lat", "60.3", "--lon", "24.94") == 2
