"""From a bare checkout to an installed one: makes `.venv`, installs what changed, and goes on inside it.

Standard library only. The process that was started stays the same process all the way (exec, no child, no shell), so that a
signal sent to it reaches the supervisor it becomes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.lib.terminal import complain

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
_LINES_SHOWN_WHEN_PIP_FAILS = 15


def ready(requirements: str) -> None:
    """Return once this process runs in `.venv` with everything in `requirements` (a file name in the root) installed."""
    if not _installed(requirements):
        try:
            with _alone():
                _make_environment()
                if not _installed(requirements):
                    _install(requirements)
        except KeyboardInterrupt:
            sys.exit(130)
    if Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(PYTHON, [str(PYTHON), os.path.abspath(sys.argv[0]), *sys.argv[1:]])


def _installed(requirements: str) -> bool:
    stamp = _stamp(requirements)
    return PYTHON.exists() and stamp.exists() and stamp.read_text() == _wanted(requirements)


def _stamp(requirements: str) -> Path:
    return VENV / f".{requirements}.installed"


def _wanted(requirements: str) -> str:
    """A digest of the file and of the files it includes."""
    lines = (ROOT / requirements).read_text(encoding="utf-8").splitlines()
    included = [line.split(maxsplit=1)[1] for line in lines if line.startswith("-r ")]
    own = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return " ".join([own, *(_wanted(name) for name in included)])


@contextmanager
def _alone() -> Iterator[None]:
    """Two commands started at once install one after the other."""
    VENV.mkdir(exist_ok=True)
    with (VENV / ".installing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_environment() -> None:
    if PYTHON.exists():
        return
    print(f"Making {VENV} …", flush=True)
    made = subprocess.run([_base_python(), "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        said = f"{made.stdout} {made.stderr}"
        complain("setup", f"python -m venv failed (on Debian and Ubuntu: apt install python3-venv): {said}")
        sys.exit(2)


def _base_python() -> str:
    """The interpreter to build on; inside some other environment that is the one it was built on itself."""
    return getattr(sys, "_base_executable", None) or sys.executable


def _install(requirements: str) -> None:
    wanted = _wanted(requirements)
    print(f"Installing what {requirements} lists into .venv (once; a minute or two) …", flush=True)
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r", str(ROOT / requirements)]
    pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    assert pip.stdout is not None
    lines = []
    for line in pip.stdout:
        lines.append(line)
        _show_progress(line)
    if pip.wait() != 0:
        sys.stderr.write("".join(lines[-_LINES_SHOWN_WHEN_PIP_FAILS:]))
        complain("setup", "installing failed; the lines above are pip's own. Run the same command again once it is mended")
        sys.exit(2)
    _stamp(requirements).write_text(wanted)
    for line in (ROOT / requirements).read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            included = line.split(maxsplit=1)[1]
            _stamp(included).write_text(_wanted(included))
    print("Installed.", flush=True)


def _show_progress(line: str) -> None:
    """One line that is written over, where there is a terminal; a line per library would push everything else away."""
    words = line.split()
    if len(words) < 2 or words[0] not in {"Collecting", "Installing"}:
        return
    text = "installing all of it" if words[0] == "Installing" else words[1]
    if sys.stdout.isatty():
        print(f"\r\x1b[K  {text}", end="" if words[0] != "Installing" else "\n", flush=True)
    elif words[0] == "Installing":
        print(f"  {text} …", flush=True)
