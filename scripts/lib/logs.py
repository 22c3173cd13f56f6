"""What the processes say: all of it goes to a file of each one's own, warnings also to the terminal."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

FULL_AT_BYTES = 10_000_000
_LOUD = re.compile(r"\[(?:warning|error|critical)\s*\]|\b(?:WARNING|ERROR|CRITICAL)\b", re.IGNORECASE)
_STAMP = re.compile(r"^\S*\d{2}:\d{2}:\d{2}\S*\s+")
_LONGEST_LINE = 200
_SAID_ELSEWHERE = ("timestamp", "process", "exception")


class Log:
    """The log file of one process; the file before it is kept as NAME.log.1."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{name}.log"
        self.last_line = ""
        self._file = self.path.open("ab", buffering=0)
        self._rest = b""
        self._shown = ""

    def write(self, data: bytes) -> list[str]:
        """Keep `data`; returns the lines in it that the person at the terminal should see, shortened."""
        with suppress(OSError):  # no room for logs is no reason to stop looking after those who write them
            self._begin_anew_if_full()
        with suppress(OSError):
            self._file.write(data)
        *whole, self._rest = (self._rest + data).split(b"\n")
        lines = [line.decode(errors="replace").strip() for line in whole]
        self.last_line = next((_readable(line) for line in reversed(lines) if line), self.last_line)
        return [shown for line in lines if (shown := self._worth_showing(line))]

    def _begin_anew_if_full(self) -> None:
        if self._file.tell() <= FULL_AT_BYTES:
            return
        with suppress(FileNotFoundError):  # it was moved before, and then the new one could not be opened
            self.path.replace(self.path.with_suffix(".log.1"))
        fresh = self.path.open("ab", buffering=0)  # until there is a new one the old one goes on
        self._file.close()
        self._file = fresh

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _worth_showing(self, line: str) -> str:
        line = _readable(line)
        if not _LOUD.search(line):
            return ""
        short = _STAMP.sub("", line)[:_LONGEST_LINE]
        if short == self._shown:  # a fault that repeats every second is said once; the file has each
            return ""
        self._shown = short
        return short


def _readable(line: str) -> str:
    """A line of JSON as a person reads it in a terminal; any other as it is."""
    try:
        fields: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
        event, level = fields.pop("event"), fields.pop("level")
    except (ValueError, KeyError):
        return line
    rest = " ".join(f"{name}={value}" for name, value in fields.items() if name not in _SAID_ELSEWHERE and value is not None)
    return f"[{level}] {event} {rest}".rstrip()
