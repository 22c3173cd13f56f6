"""Where alerts arrive in tests: a webhook on loopback that keeps what it gets, and can be made to refuse or to hang."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.loopback import Handler, Loopback


@dataclass
class Webhook:
    """What came, and how it is answered."""

    url: str = ""
    got: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    status: int = 200
    held: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.held.set()


@contextmanager
def webhook() -> Iterator[Webhook]:
    """One that listens until the block ends."""
    hook = Webhook()

    class Takes(Handler):
        def do_POST(self) -> None:
            body = self.body()
            hook.held.wait(10)
            hook.got.append(json.loads(body))
            hook.paths.append(self.path)
            self.reply(hook.status)

    with Loopback(Takes) as server:
        hook.url = f"{server.url}/alerts?key=abc"
        yield hook
        hook.held.set()


def posted() -> None:
    """Return when every alert under way has been posted, or refused."""
    for thread in threading.enumerate():
        if thread.name == "operator-alert":
            thread.join(15)
