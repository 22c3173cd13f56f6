"""A browser as the stream sees it: a connection that reads server-sent events as they come."""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

PATIENCE_S = 10.0


@dataclass(frozen=True)
class Heard:
    """One event as a browser understands it."""

    kind: str
    data: Any
    number: int | None


class Listener:
    """One connection, opened at once; what it hears waits in `heard`, None standing for the end."""

    def __init__(
        self,
        url: str,
        cookie: str | None = None,
        *,
        after: int | None = None,
        last_event_id: int | str | None = None,
        origin: str | None = None,
        headers: dict[str, str] | None = None,
        reads: bool = True,
    ) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=PATIENCE_S)
        path = parts.path + (f"?after={after}" if after is not None else "")
        wanted = {"Host": parts.netloc, "Cookie": f"doorstep_session={cookie}" if cookie else None, "Origin": origin}
        wanted |= {"Last-Event-ID": None if last_event_id is None else str(last_event_id)} | (headers or {})
        lines = [f"GET {path} HTTP/1.0", *(f"{name}: {value}" for name, value in wanted.items() if value is not None)]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self.heard: queue.Queue[Heard | None] = queue.Queue()
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self._headed = threading.Event()
        self.thread = threading.Thread(target=self._read, daemon=True)
        if reads:
            self.thread.start()
            assert self._headed.wait(PATIENCE_S), "no answer"

    def next(self, *kinds: str) -> Heard:
        """The next event of one of these kinds (any kind); fails when the stream ends or nothing comes."""
        until = time.monotonic() + PATIENCE_S
        while True:
            one = self.heard.get(timeout=max(0.01, until - time.monotonic()))
            assert one is not None, "the stream ended"
            if not kinds or one.kind in kinds:
                return one

    def hear(self, number: int) -> Heard:
        """The change that tells of event `number`, whatever comes before."""
        while (one := self.next("change")).number != number:
            pass
        return one

    def ends(self) -> bool:
        """Whether the stream ends, whatever comes before."""
        self.thread.join(PATIENCE_S)
        return not self.thread.is_alive()

    def close(self) -> None:
        """Go away, as a closed window does; the stream may have ended, and its reader closed the socket, just before."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if not self.thread.is_alive():
            self._socket.close()

    def _read(self) -> None:
        try:
            with self._socket, self._socket.makefile("rb") as stream:
                self.status = int(stream.readline().split()[1])
                while line := stream.readline().strip().decode():
                    name, _, value = line.partition(":")
                    self.headers[name.lower()] = value.strip()
                self._headed.set()
                self._socket.settimeout(None)
                if self.status != 200:
                    self.body = stream.read()
                while lines := _block(stream):
                    self._hear(lines)
        except (OSError, ValueError):
            pass
        finally:
            self._headed.set()
            self.heard.put(None)

    def _hear(self, lines: list[str]) -> None:
        fields = dict(line.split(": ", 1) for line in lines if ": " in line)
        if "data" in fields:
            number = int(fields["id"]) if "id" in fields else None
            self.heard.put(Heard(fields["event"], json.loads(fields["data"]), number))


def _block(stream: Any) -> list[str]:
    lines: list[str] = []
    while raw := stream.readline():
        line = raw.decode().rstrip("\n")
        if not line:
            return lines or [""]
        lines.append(line)
    return []
