"""A very small client of our own HTTP API, for the commands."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any

TIMEOUT_S = 10.0
_LOOK_EVERY_S = 0.1


class Failed(Exception):
    """The API said no, or nothing."""


def call(method: str, url: str, key: str | None = None, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """One call; returns the JSON of its answer. Raises Failed with what the server said."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    try:
        with _direct.open(request, timeout=TIMEOUT_S) as answer:
            said: dict[str, Any] = json.load(answer)
            return said
    except urllib.error.HTTPError as error:
        raise Failed(f"{method} {url}: {error.code} {error.read(2000).decode(errors='replace')}") from error
    except (OSError, ValueError) as error:
        raise Failed(f"{method} {url}: {error}") from error


def wait_ready(url: str, timeout_s: float, *, whole: bool) -> dict[str, Any] | None:
    """Ask /health/ready until it answers 200 (`whole`: until no part is missing). None when `timeout_s` passed without an
    answer; a degraded answer when only some parts came up."""
    deadline = time.monotonic() + timeout_s
    last: dict[str, Any] | None = None
    while time.monotonic() < deadline:
        try:
            last = call("GET", f"{url}/health/ready")
            if last.get("status") == "ready" or not whole:
                return last
        except Failed:
            pass
        time.sleep(_LOOK_EVERY_S)
    return last


# Our own address is never behind a proxy, whatever HTTP_PROXY says.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
