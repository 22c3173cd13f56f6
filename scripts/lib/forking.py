"""What becomes of a copy of a process of ours: a part of its own, and what the supervisor holds of it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from typing import IO, NoReturn

DOOR = 3
MOST_DESCRIPTORS = 1 << 20


class Forked:
    """The copy, with as much of `subprocess.Popen`'s face as the supervisor looks at."""

    def __init__(self, pid: int, stdout: IO[bytes]) -> None:
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | None = None
        self._reaping = threading.Lock()
        """An end is told once: of two threads that ask for it at the same time one would get an error."""

    def poll(self) -> int | None:
        """The exit status (negative: the signal), or None while it runs."""
        if self._reaping.acquire(blocking=False):  # else somebody waits for it just now
            try:
                self._reap(os.WNOHANG)
            finally:
                self._reaping.release()
        return self.returncode

    def wait(self) -> int:
        """The exit status, once it has ended."""
        with self._reaping:
            self._reap(0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to it."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def _reap(self, options: int) -> None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, options)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)


def live_on(main: Callable[[], None], output: int, door: int | None) -> NoReturn:
    """Run `main` in this copy, in a session of its own, with its output in the descriptor `output`, and end it; the descriptor
    `door`, if any, is its descriptor DOOR."""
    status = 1
    try:
        _begin_anew(output, door)
        main()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _begin_anew(output: int, door: int | None) -> None:
    """Let go of everything that is the supervisor's: terminal, locks, sockets, signal handlers."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, source in ((0, nothing), (1, output), (2, output)):
        os.dup2(source, descriptor)
    if door is not None:
        os.dup2(door, DOOR)
    os.closerange(DOOR if door is None else DOOR + 1, MOST_DESCRIPTORS)
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115  # for as long as the process lives
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
