"""`scripts/manage install-service` and `set-up-link`, called as a person calls them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from core.services import open_services
from core.settings import load
from scripts.lib import announcing, manage_service
from scripts.lib.bootstrap import ROOT
from scripts.lib.installation import Installation
from tests.scripts.conftest import Call

_UNIT = re.compile(r"# /etc/systemd/system/(\S+)\n(.*?)(?=\n# /etc|\Z)", re.DOTALL)


def _units(call_manage: Call, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, str]:
    assert call_manage("install-service", "--print", "--user", "root", *more) == 0
    return dict(_UNIT.findall(capsys.readouterr().out))


def test_three_units_are_printed_and_nothing_is_written(
    call_manage: Call, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: Path
) -> None:
    monkeypatch.setattr(manage_service, "UNITS", tmp_path)
    assert call_manage("install-service", "--print", "--user", "root", "--port", "9000") == 0
    told = capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    assert f'ExecStart="{ROOT}/scripts/start" --data "{data}" --host 127.0.0.1 --port 9000 --no-demo' in told
    assert f'ExecStart="{ROOT}/scripts/manage" --data "{data}" backup "{data}/backups"' in told
    assert "OnCalendar=" in told
    for hardening in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=\n", "UMask=0077"):
        assert hardening in told
    assert f'ReadWritePaths="{ROOT}" "{data}"' in told


def test_paths_are_quoted(data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert manage_service._quoted(Path('/srv/a "b" 50%/$x\\y')) == '"/srv/a \\"b\\" 50%%/$$x\\\\y"'
    assert manage_service._escaped(Path("/srv/50% sure")) == "/srv/50%% sure"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
def test_systemd_understands_them(call_manage: Call, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name, unit in _units(call_manage, capsys).items():
        (tmp_path / name).write_text(unit)
    found = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.glob("doorstep*")))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Unknown" not in found.stderr
    assert "Failed to parse" not in found.stderr
    assert "ignoring" not in found.stderr.lower()


@pytest.mark.parametrize(
    ("user", "said"), [("no-such-account", "no such account"), ("a b", "not the name"), ("../x", "not the name")]
)
def test_an_account_that_is_none_is_refused(
    call_manage: Call, capsys: pytest.CaptureFixture[str], user: str, said: str
) -> None:
    assert call_manage("install-service", "--print", "--user", user) == 2
    assert said in capsys.readouterr().err


def test_only_root_writes(call_manage: Call, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert call_manage("install-service", "--user", "root") == 2
    told = capsys.readouterr()
    assert "ExecStart" in told.out, "it is printed all the same"
    assert "sudo" in told.err


def test_root_writes_them(
    call_manage: Call, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: Path
) -> None:
    monkeypatch.setattr(manage_service, "UNITS", tmp_path)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.chown", lambda *_: None)
    assert call_manage("install-service", "--user", "root") == 0
    assert sorted(path.name for path in tmp_path.iterdir() if path != data) == [
        "doorstep-backup.service",
        "doorstep-backup.timer",
        "doorstep.service",
    ]
    assert (data / "backups").is_dir()


def test_the_set_up_link_is_the_last_line(call_manage: Call, capsys: pytest.CaptureFixture[str]) -> None:
    assert call_manage("set-up-link") == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/set-up\?token=[\w-]{43}", last)


def test_no_link_once_there_is_a_user(call_manage: Call, capsys: pytest.CaptureFixture[str]) -> None:
    assert call_manage("create-user", "ada", "--role", "admin") == 0
    capsys.readouterr()
    assert call_manage("set-up-link") == 2
    assert "set up already" in capsys.readouterr().err


def test_a_start_prints_the_link_once(call_manage: Call, capsys: pytest.CaptureFixture[str]) -> None:
    assert call_manage("list-incidents") == 0
    services = open_services(load())
    try:
        new = Installation(services, (), "http://127.0.0.1:8000", has_town=False)
        first = announcing._set_up(new, "scripts/manage")
        again = announcing._set_up(new, "scripts/manage")
        of_demo = announcing._set_up(Installation(services, (), "http://127.0.0.1:8000", has_town=True), "scripts/manage")
    finally:
        services.database.close()
    assert "/set-up?token=" in first[-1]
    assert "set-up-link makes a new one" in again[-1]
    assert of_demo == []
