"""`python -m scripts.benches.caller HOST:PORT AT_ONCE SECONDS`: calls a server as a carrier's many machines do, one connection
a request, from a process of its own so that it measures nobody but the server. Reads one request a line from stdin, as JSON
[when, head and body]; `when` in seconds from the start, null for at once. It stops after SECONDS or when all are sent, and
prints {"calls": [[which, when it was begun (epoch), how long it took, status]]}."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Call:
    """One request as it went: which of those given, when it was begun in epoch seconds, how long it took, and its answer."""

    which: int
    at: float
    took_s: float
    status: int


def call_all(url: str, requests: Sequence[tuple[float | None, str]], at_once: int, seconds: float) -> list[Call]:
    """Have that process send `requests`, at most `at_once` at the same time, for at most `seconds`."""
    command = [sys.executable, "-m", "scripts.benches.caller", urlsplit(url).netloc, str(at_once), str(seconds)]
    lines = "\n".join(map(json.dumps, requests))
    done = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, check=True, timeout=seconds + 60)
    return [Call(*one) for one in json.loads(done.stdout)["calls"]]


def post(url: str, path: str, body: str, headers: dict[str, str]) -> str:
    """A POST of a form, as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {urlsplit(url).netloc}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}", "", body]
    return "\r\n".join(lines)


async def _send_all(
    host: str, port: int, given: Iterator[tuple[int, float | None, bytes]], at_once: int, until: float
) -> list[Call]:
    started, calls = time.monotonic(), []

    async def work() -> None:
        for which, when, raw in given:
            if when is not None:
                await asyncio.sleep(max(0.0, started + when - time.monotonic()))
            if time.monotonic() >= until:
                return
            calls.append(await _send(host, port, which, raw))

    await asyncio.gather(*(work() for _ in range(at_once)))
    return calls


async def _send(host: str, port: int, which: int, raw: bytes) -> Call:
    at, begun = time.time(), time.monotonic()
    try:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(raw)
        answer = await reader.read()
        writer.close()
        status = int(answer.split(b" ", 2)[1]) if answer else 0
    except OSError:
        status = 0
    return Call(which, at, time.monotonic() - begun, status)


def main() -> None:
    """Send what stdin says, and print how it went."""
    host, port = sys.argv[1].rsplit(":", 1)
    at_once, seconds = int(sys.argv[2]), float(sys.argv[3])
    given = [json.loads(line) for line in sys.stdin]
    ordered = iter([(which, when, raw.encode()) for which, (when, raw) in enumerate(given)])
    calls = asyncio.run(_send_all(host, int(port), ordered, at_once, time.monotonic() + seconds))
    print(json.dumps({"calls": [[call.which, call.at, call.took_s, call.status] for call in calls]}))


if __name__ == "__main__":
    main()
