"""The browsers that listen, each with a short queue of its own: whoever does not keep up is cut, and asks again later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from console.live.reading import Batch

MOST = 500
MOST_OF_ONE_USER = 20
"""A browser has one stream for all its tabs; twenty browsers of one account are more than a control room has."""
_MOST_WAITING = 100
"""Pieces that may wait for one client: at the fastest pace five seconds of them."""


@dataclass(frozen=True)
class Visitor:
    """Who listens. Only some may see incidents; the others are told that the stream lives."""

    user_id: int
    sees_incidents: bool


class Client:
    """One open stream. `number` is how far it has been told, None while it is still catching up."""

    def __init__(self, visitor: Visitor, cookie: str, abort: Callable[[], None]) -> None:
        self.visitor = visitor
        self.cookie = cookie
        self.number: int | None = None
        self._abort = abort
        self._waiting: list[bytes] = []
        self._ended = False
        self._stirred = asyncio.Event()

    def put(self, data: bytes) -> None:
        """Hand it something to write; a client that has too much waiting is cut."""
        self._waiting.append(data)
        self._stirred.set()
        if len(self._waiting) > _MOST_WAITING:
            self.cut()

    async def next(self) -> bytes | None:
        """What to write next, everything that waits in one piece; None when the stream is to end."""
        await self._stirred.wait()
        self._stirred.clear()
        if self._ended:
            return None
        data = b"".join(self._waiting)
        self._waiting.clear()
        return data

    def end(self) -> None:
        """End the stream in good order, once what is being written is written."""
        self._ended = True
        self._waiting.clear()
        self._stirred.set()

    def cut(self) -> None:
        """End the stream at once, also while a write waits for a client that does not read."""
        self.end()
        self._abort()


class Full(Exception):
    """There is no room for another stream; the text says why."""


class Clients:
    """Everybody who listens."""

    def __init__(self, most: int = MOST, most_of_one_user: int = MOST_OF_ONE_USER) -> None:
        self.number = 0
        """How far everybody who has caught up has been told."""
        self._all: set[Client] = set()
        self._most = most
        self._most_of_one_user = most_of_one_user

    def __iter__(self) -> Iterator[Client]:
        return iter(tuple(self._all))

    def __len__(self) -> int:
        return len(self._all)

    def add(self, client: Client) -> None:
        """Take a place. Raises Full."""
        if len(self._all) >= self._most:
            raise Full(
                f"{self._most} streams are open already, which is all this server keeps; the page asks by itself instead"
            )
        own = sum(other.visitor.user_id == client.visitor.user_id for other in self._all)
        if own >= self._most_of_one_user:
            raise Full(f"this account has {self._most_of_one_user} streams open already; sign out where nobody looks")
        self._all.add(client)

    def remove(self, client: Client) -> None:
        """Give the place back."""
        self._all.discard(client)

    def tell(self, batch: Batch) -> None:
        """Hand a batch to everybody who may see it and does not have it yet."""
        goes_back = batch.number < self.number
        self.number = batch.number
        for client in tuple(self._all):
            if client.visitor.sees_incidents and client.number is not None and (goes_back or client.number < batch.number):
                client.number = batch.number
                client.put(batch.data)

    def tell_all(self, data: bytes) -> None:
        """Hand something to everybody, whatever they may see."""
        for client in tuple(self._all):
            client.put(data)
