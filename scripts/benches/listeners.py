"""`python -m scripts.benches.listeners URL`: many open streams, in a process of their own so that they measure nobody but the
server. Reads the cookies from stdin, one stream a line; says when all are open; told to end by the end of stdin, it prints
what arrived: {"changes": {number: change}, "arrivals": [[stream, number, seconds of the monotonic clock]]}."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from typing import Any

import aiohttp

from console.accounts.sessions import COOKIE


class Listeners:
    """Starts that process and asks it for what arrived."""

    def __init__(self, url: str, cookies: list[str]) -> None:
        command = [sys.executable, "-m", "scripts.benches.listeners", url]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._stdin.write("\n".join(cookies) + "\n\n")
        self._stdin.flush()
        if self._stdout.readline() != "open\n":
            raise RuntimeError("the streams could not be opened")

    def end(self) -> dict[str, Any]:
        """Close the streams; what arrived on them."""
        self._stdin.close()
        arrived: dict[str, Any] = json.loads(self._stdout.read())
        self._stdout.close()
        self._process.wait()
        return arrived


class _Streams:
    def __init__(self, url: str) -> None:
        self._url = url
        self.open = 0
        self.arrivals: list[tuple[int, int, float]] = []
        self.changes: dict[int, Any] = {}

    async def listen(self, session: aiohttp.ClientSession, stream: int, cookie: str) -> None:
        async with session.get(self._url, headers={"Cookie": f"{COOKIE}={cookie}"}) as answer:
            answer.raise_for_status()
            self.open += 1
            number = 0
            async for line in answer.content:
                if line.startswith(b"id: "):
                    number = int(line[4:])
                elif line.startswith(b"data: ") and number:
                    self.arrivals.append((stream, number, time.monotonic()))
                    # A change is kept once, whoever gets it.
                    self.changes.setdefault(number, line[6:])
                    number = 0


async def _main(url: str, cookies: list[str]) -> None:
    streams = _Streams(url)
    timeout, every = aiohttp.ClientTimeout(total=None), aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=timeout, connector=every, read_bufsize=1 << 20) as session:
        tasks = [asyncio.create_task(streams.listen(session, *one)) for one in enumerate(cookies)]
        while streams.open < len(cookies) and not any(task.done() for task in tasks):
            await asyncio.sleep(0.02)
        print("open" if streams.open == len(cookies) else "failed", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    changes = {number: json.loads(change) for number, change in streams.changes.items()}
    print(json.dumps({"changes": changes, "arrivals": streams.arrivals}))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], [line.strip() for line in iter(sys.stdin.readline, "\n")]))
