"""`scripts/test`: ruff, mypy, pytest, and the browser that the page tests need."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.lib import browsers
from scripts.lib.bootstrap import ROOT
from scripts.lib.terminal import Parser, complain, say

PROCESSES = "3"
"""One more than the two cores that are counted on: whoever waits for a whole system or a browser leaves room for another."""
RAM_DISK = Path("/dev/shm")
RAM_DISK_NEEDS_BYTES = 2**30


def parse(arguments: Sequence[str]) -> list[str]:
    """Everything is pytest's, except a --help of our own."""
    parser = Parser(
        prog="scripts/test",
        description="Set up and run the whole suite: ruff, mypy, then pytest on SQLite and PostgreSQL with a real Redis, the"
        " simulated carrier and a real browser. Extra arguments go to pytest, e.g. scripts/test tests/stories -k covered",
        add_help=False,
    )
    parser.add_argument("-h", "--help", action="help", help="show this and stop (pytest's own: .venv/bin/pytest --help)")
    _, rest = parser.parse_known_args(arguments)
    return rest


def main(arguments: list[str]) -> int:
    """Run all three; the first that fails does not keep the others from telling what they found."""
    os.chdir(ROOT)
    _find_browser()
    _use_ram_disk()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # the dozens of processes that tests start would each compile all there is
    python = [sys.executable, "-m"]
    steps = {
        "ruff": [*python, "ruff", "check", "."],
        "mypy": [*python, "mypy"],
        "pytest": [*python, "pytest", *_in_parallel(arguments), *arguments],
    }
    failed = [name for name, command in steps.items() if not _passes(name, command)]
    if failed:
        complain("scripts/test", f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def _passes(name: str, command: list[str]) -> bool:
    say(f"== {name}")
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0


def _in_parallel(arguments: list[str]) -> list[str]:
    mine = any(one.startswith(("-n", "--numprocesses", "--pdb")) for one in arguments)
    return [] if mine else ["-n", PROCESSES, "--dist", "worksteal"]


def _use_ram_disk() -> None:
    """Keep the tests' databases in memory where there is room: each of their thousands of commits would wait for a disk."""
    if RAM_DISK.is_dir() and os.access(RAM_DISK, os.W_OK) and shutil.disk_usage(RAM_DISK).free > RAM_DISK_NEEDS_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(RAM_DISK))


def _find_browser() -> None:
    """Chromium for the page tests: there, or installed where that needs nobody's password, or asked for."""
    if shutil.which(browsers.PACKAGE):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing chromium for the page tests (once) …")
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", browsers.PACKAGE]):
            subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if browsers.find() is None:
        missing = f"no browser ({', '.join(browsers.NAMES)}): the page tests cannot run"
        complain("scripts/test", f"{missing}. On Debian: apt install {browsers.PACKAGE}")
