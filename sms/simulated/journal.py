"""The carrier's record on disk: lines of JSON, only ever appended, on the disk before anybody is told that they are.

A carrier that is killed may forget what it never confirmed, and nothing else. Lines that are noted at the same moment share one
wait for the disk.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from core import log

NAME = "journal.jsonl"
LAZY_S = 0.05
"""How long a line that nobody waits for may stay in memory."""
TRY_AGAIN_S = 0.5
_log = log.get("simulated carrier")


class Journal:
    """One carrier's journal, in `folder`; without a folder nothing is kept, and everything counts as kept."""

    def __init__(self, folder: Path | None = None) -> None:
        self._path = folder / NAME if folder else None
        self._file: int | None = None
        self._size = 0
        self._lines: list[bytes] = []
        self._noted = self._kept = 0
        self._later: asyncio.TimerHandle | None = None
        self._flushing: asyncio.Task[None] | None = None

    def open(self) -> Iterator[dict[str, Any]]:
        """Open the file for writing; what it holds already, oldest first. A last line that was cut off was never confirmed to
        anybody, and is taken out."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        whole = _whole_lines(self._path)
        self._size = len(whole)
        os.ftruncate(self._file, self._size)
        yield from map(json.loads, whole.splitlines())

    @property
    def size(self) -> int:
        """How long it is, in bytes."""
        return self._size

    def rewrite(self, records: Iterable[dict[str, Any]]) -> None:
        """Begin anew with `records`, which say in fewer words all that is still of interest."""
        if self._path is None or self._file is None:
            return
        draft = self._path.with_suffix(".new")
        file = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        content = b"".join(map(_line, records))
        _write_all(file, content)
        os.fsync(file)
        draft.replace(self._path)
        os.close(self._file)
        self._file, self._size = file, len(content)

    def note(self, kind: str, **facts: Any) -> None:
        """Append a line, within `LAZY_S` or as soon as somebody waits for it. Call it in the carrier's event loop."""
        if self._file is None:
            return
        self._lines.append(_line({"kind": kind, **facts}))
        self._noted += 1
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(LAZY_S, self._begin)

    async def safe(self) -> None:
        """Return once everything that was noted so far is on the disk, however long that has no room."""
        wanted = self._noted
        while self._kept < wanted:
            self._begin()
            assert self._flushing is not None
            await asyncio.shield(self._flushing)

    async def close(self) -> None:
        """Write what is left, and close the file."""
        if self._file is None:
            return
        await self.safe()
        if self._later is not None:
            self._later.cancel()
        os.close(self._file)
        self._file = None

    def _begin(self) -> None:
        self._later = None
        if self._flushing is None and self._lines:
            self._flushing = asyncio.get_running_loop().create_task(self._flush())

    async def _flush(self) -> None:
        lines, self._lines = self._lines, []
        try:
            await asyncio.to_thread(self._put, b"".join(lines))
            self._kept += len(lines)
        except OSError as error:
            _log.warning("the journal cannot be written", error=error.strerror)
            self._lines = lines + self._lines
            await asyncio.sleep(TRY_AGAIN_S)
        finally:
            self._flushing = None
        if self._lines and self._later is None:
            self._later = asyncio.get_running_loop().call_later(LAZY_S, self._begin)

    def _put(self, content: bytes) -> None:
        assert self._file is not None
        try:
            _write_all(self._file, content)
            os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, self._size)  # half a line would spoil the one that is written after it
            raise
        self._size += len(content)


def read(folder: Path) -> Iterator[dict[str, Any]]:
    """What the journal in `folder` holds, oldest first, for whoever only looks."""
    yield from map(json.loads, _whole_lines(folder / NAME).splitlines())


def _whole_lines(path: Path) -> bytes:
    content = path.read_bytes()
    return content[: content.rfind(b"\n") + 1]


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _write_all(file: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(file, left) :]
