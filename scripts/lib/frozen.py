"""Processes that are frozen: stopped by a signal (SIGSTOP), and by nobody told to go on.

One that was stopped in the middle of a write holds the database's turn to write, or a row's lock, for as long as it is. Nothing
stops our processes in good order: no terminal reaches them, and a debugger's stop has another name.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

FROZEN_FOR_S = 5.0
"""How long a process may be frozen. Meanwhile nothing is lost: what the carrier tells goes to the spool after 3 s, and whoever
raises an emergency is refused after 5 s and asks again."""
POSSIBLE = sys.platform == "linux"
"""Where a process's state can be read from /proc."""
_PROC = Path("/proc")


class Frozen:
    """Since when each process has been seen frozen."""

    def __init__(self, after_s: float = FROZEN_FOR_S) -> None:
        self._after_s = after_s
        self._since_s: dict[int, float] = {}

    def overdue(self, pids: Iterable[int], now_s: float) -> set[int]:
        """Which of `pids` have been frozen for too long, themselves or in a process that they have started. Look again and
        again: only what is frozen at every look counts."""
        members = {pid: _family(pid) for pid in pids}
        stopped = {one for family in members.values() for one in family if _is_stopped(one)}
        self._since_s = {one: self._since_s.get(one, now_s) for one in stopped}
        late = {one for one, since_s in self._since_s.items() if now_s - since_s >= self._after_s}
        return {pid for pid, family in members.items() if family & late}


def _family(pid: int) -> set[int]:
    found, waiting = {pid}, [pid]
    while waiting:
        with suppress(OSError):  # it has ended meanwhile
            for thread in (_PROC / str(waiting.pop()) / "task").iterdir():
                children = set(map(int, (thread / "children").read_text(encoding="ascii").split())) - found
                found |= children
                waiting += children
    return found


def _is_stopped(pid: int) -> bool:
    try:
        state = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state == "T"
