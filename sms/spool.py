"""The spool: what the carrier told us while the database could not take it, kept in a folder until it can.

One file a request, on the disk before the carrier gets its answer. What is here is only faster than asking the carrier again
(`sms.reconciler`); nothing is deleted that has not been stored, but what was set aside when it is as old as a text may get.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core import clock
from core.ids import new_id
from sms.received import Told

MOST_WRITING = timedelta(minutes=10)
"""A draft that is older is of a process that was killed over it. (Of one that is slower, the rename fails: it is told.)"""
_ENDING = ".json"
_DRAFT = ".draft"
_LOCK = "lock"
_SET_ASIDE = "set-aside"
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class State:
    """How much waits, for how long the oldest has, what was set aside, and whether there is room for more."""

    waiting: int
    oldest_s: float
    set_aside: int
    writable: bool


class Spool:
    """The spool of one data folder; several processes may use it at once."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "spool"

    def add(self, told: Told) -> None:
        """Keep one request; it is on the disk when this returns. Raises OSError when it is not."""
        self._make()
        kept = {"kind": told.kind, "message_id": told.message_id, "carrier": told.carrier, "form": dict(told.form.items())}
        text = json.dumps(kept)
        # The name tells the order, when it came, then (for what came at one moment) when it was written here; and the number.
        came, written = (told.at - _EPOCH) // _MICROSECOND, int(clock.monotonic_s() * 1e9)
        name = f"{came:018d}-{written:018d}-{new_id()}-{_tag(told.kind, told.phone)}.0{_ENDING}"
        draft = self.folder / f"{name}{_DRAFT}"
        try:
            _write(draft, text.encode())
            draft.rename(self.folder / name)
        except OSError:
            _forget(draft)
            raise
        _sync_folder(self.folder)

    def is_empty(self) -> bool:
        """Whether nothing waits here (what was set aside does not)."""
        return not any(name.endswith(_ENDING) for name in self._names())

    def holds(self, kind: str, phone: str) -> bool:
        """Whether anything of this kind and number waits here."""
        tag = f"-{_tag(kind, phone)}."
        return any(tag in name and name.endswith(_ENDING) for name in self._names())

    def waiting(self) -> list[Path]:
        """What waits, oldest first."""
        return [self.folder / name for name in sorted(self._names()) if name.endswith(_ENDING)]

    def remove(self, file: Path) -> None:
        """Forget a request that is stored."""
        file.unlink(missing_ok=True)

    def forget_drafts(self, before: datetime) -> int:
        """Delete what was begun before `before` and never became a request; its carrier had no answer, and tries again or is
        asked. Returns how much that was."""
        drafts = [self.folder / name for name in self._names() if name.endswith(_ENDING + _DRAFT)]
        old = [file for file in drafts if file.name.partition("-")[0].isdecimal() and _came_at(file) < before]
        for file in old:
            file.unlink(missing_ok=True)
        return len(old)

    def tried(self, file: Path, most: int) -> bool:
        """Note one more vain try in the file's name; after `most` of them it is set aside, and True is returned."""
        tries = int(file.name.removesuffix(_ENDING).rpartition(".")[2]) + 1
        if tries < most:
            file.rename(file.with_name(f"{file.name.removesuffix(_ENDING).rpartition('.')[0]}.{tries}{_ENDING}"))
            return False
        aside = self.folder / _SET_ASIDE
        aside.mkdir(mode=0o700, exist_ok=True)
        file.rename(aside / file.name)
        return True

    def set_aside_before(self, moment: datetime) -> list[Path]:
        """What came before `moment` and was set aside because it could not be stored. A file that is not ours is left alone."""
        named = [file for file in (self.folder / _SET_ASIDE).glob("*" + _ENDING) if file.name.partition("-")[0].isdecimal()]
        return [file for file in named if _came_at(file) < moment]

    def forget_set_aside(self, before: datetime) -> int:
        """Delete what came before `before` and was set aside. Returns how much that was."""
        old = self.set_aside_before(before)
        for file in old:
            file.unlink(missing_ok=True)
        return len(old)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Hold the replay of this spool; False when another thread or process does."""
        self._make()
        handle = os.open(self.folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(handle)

    def state(self) -> State:
        """How it stands now; one that cannot be read takes nothing either."""
        try:
            return self._state()
        except OSError:
            return State(waiting=0, oldest_s=0.0, set_aside=0, writable=False)

    def _names(self) -> Iterator[str]:
        """In no order; thousands may wait here, and each request asks whether any does."""
        try:
            with os.scandir(self.folder) as entries:
                yield from (entry.name for entry in entries)
        except (FileNotFoundError, NotADirectoryError):
            return

    def _state(self) -> State:
        waiting = self.waiting()
        oldest_s = (clock.now() - _came_at(waiting[0])).total_seconds() if waiting else 0.0
        set_aside = sum(1 for _ in (self.folder / _SET_ASIDE).glob("*" + _ENDING))
        return State(len(waiting), max(0.0, oldest_s), set_aside, self._takes_more())

    def _takes_more(self) -> bool:
        probe = self.folder / f"{new_id()}.probe"
        try:
            self._make()
            probe.write_bytes(b"x" * 4096)
            probe.unlink()
        except OSError:
            _forget(probe)
            return False
        return True

    def _make(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def read(file: Path) -> Told:
    """The request in a file of the spool. Raises ValueError when it cannot be read, OSError when it is gone."""
    told = json.loads(file.read_bytes())
    try:
        form = {str(name): str(value) for name, value in told["form"].items()}
        return Told(str(told["kind"]), form, _came_at(file), str(told["message_id"]), carrier=str(told["carrier"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a request: {type(error).__name__}") from error


def _tag(kind: str, phone: str) -> str:
    return hashlib.blake2s(f"{kind} {phone}".encode(), digest_size=8).hexdigest()


def _came_at(file: Path) -> datetime:
    return _EPOCH + int(file.name.partition("-")[0]) * _MICROSECOND


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _forget(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
