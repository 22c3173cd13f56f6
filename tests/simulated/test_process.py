"""The carrier as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from core.settings import load

ROOT = Path(__file__).parents[2]


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    quiet = {key: value for key, value in os.environ.items() if not key.startswith(("TWILIO_", "SIMULATE"))}
    return subprocess.Popen(
        [sys.executable, "-m", "sms.simulated", *arguments],
        cwd=ROOT,
        env={**quiet, "DATA_DIR": str(folder), "SECRET_KEY": "for tests only", **environment},
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_serves_until_it_is_told_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = start(tmp_path, "--port", "0", "--autopilot", "headless")
    try:
        line = process.stderr.readline()
        base = f"http://127.0.0.1:{json.loads(line)['port']}"
        assert requests.get(f"{base}/health", timeout=5).json() == {"status": "ready"}
        account = load(_env_file=None, data_dir=tmp_path, secret_key="for tests only").carrier
        state = requests.get(f"{base}/control/phones", auth=(account.account_sid, account.auth_tokens[0]), timeout=5).json()
        assert state["autopilot"] == "headless"
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        (
            {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "x", "TWILIO_FROM": "+358401234567"},
            "a real carrier is in use",
        ),
        ({"TIME_ZONE": "Mars"}, "TIME_ZONE"),
    ],
)
def test_it_refuses_what_it_cannot_be(tmp_path: Path, environment: dict[str, str], why: str) -> None:
    process = start(tmp_path, "--port", "0", **environment)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert why in errors


def test_a_port_in_use_is_said_plainly(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(tmp_path, "--port", str(taken.getsockname()[1]))
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "--port" in errors
