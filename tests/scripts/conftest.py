"""The commands, called in this process: with an environment of their own, which is put back afterwards."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from core.settings import Settings
from scripts.lib import manage, manage_options, start, start_options
from scripts.lib.bootstrap import ROOT

Call = Callable[..., int]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data folder; the environment names no other setting."""
    for name in (*(field.upper() for field in Settings.model_fields), "SIMULATE"):
        monkeypatch.setenv(name, "")  # so that monkeypatch takes back whatever a command sets
        monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    monkeypatch.chdir(ROOT)
    logs = structlog.get_config()
    before = signal.getsignal(signal.SIGTERM)
    yield tmp_path / "data"
    signal.signal(signal.SIGTERM, before)
    structlog.configure(**logs)


@pytest.fixture
def call_manage(data: Path) -> Call:
    """Runs `scripts/manage` with these arguments; returns its exit status."""

    def call(*arguments: object) -> int:
        try:
            return manage.main(manage_options.parse(["--data", str(data), *map(str, arguments)]))
        except SystemExit as end:
            return int(end.code or 0)

    return call


@pytest.fixture
def call_start(data: Path) -> Call:
    """Runs `scripts/start` with these arguments (only those that are refused end by themselves)."""

    def call(*arguments: object) -> int:
        given = list(map(str, arguments))
        if "DATA_DIR" not in os.environ and "--data" not in given:
            given += ["--data", str(data)]
        try:
            return start.main(start_options.parse(given))
        except SystemExit as end:
            return int(end.code or 0)

    return call
