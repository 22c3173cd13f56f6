"""GET /live: who may open a stream, and the writing of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

from aiohttp import web

from console.accounts.sessions import COOKIE
from console.live import sse
from console.live.address import PATH, console_origin
from console.live.clients import Client, Clients, Full, Visitor
from console.live.doors import Doors
from console.live.stream import Stream
from core.settings import Settings

_MOST_DIGITS = 18
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Vary": "Origin",
}


class Live:
    """The stream over HTTP."""

    def __init__(self, settings: Settings, stream: Stream, doors: Doors, write_s: float) -> None:
        self._origin = console_origin(settings)
        self._https = settings.public_url.startswith("https://")
        self._stream = stream
        self._doors = doors
        self._write_s = write_s

    def app(self) -> web.Application:
        """The application with its one route."""
        app = web.Application(client_max_size=1024)
        app.router.add_get(PATH, self._live, allow_head=False)
        app.on_response_prepare.append(self._protect)
        return app

    @property
    def _clients(self) -> Clients:
        return self._stream.clients

    async def _protect(self, request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(_HEADERS)
        response.headers.pop("Server", None)
        if self._https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.headers.get("Origin", "").lower() == self._origin:
            response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            response.headers["Access-Control-Allow-Credentials"] = "true"

    async def _live(self, request: web.Request) -> web.StreamResponse:
        if not self._is_ours(request.headers):
            return _refuse(403, "Only Doorstep's own pages may read this stream")
        after = _after(request)
        if after is not None and not (after.isascii() and after.isdigit() and len(after) <= _MOST_DIGITS):
            return _refuse(400, "after and Last-Event-ID: the number of an event")
        cookie = request.cookies.get(COOKIE, "")
        visitor = await self._doors.visitor(cookie)
        if visitor is None:
            return _refuse(401, "Sign in first")
        client = Client(visitor, cookie, lambda: _abort(request))
        try:
            self._clients.add(client)
        except Full as full:
            return _refuse(503, str(full), {"Retry-After": "10"})
        begin = self._clients.number if after is None else int(after)
        try:
            return await self._write(request, client, visitor, begin)
        finally:
            self._clients.remove(client)

    def _is_ours(self, headers: Mapping[str, str]) -> bool:
        """A page's origin is told by its browser; a page of another site that hides it is told by Sec-Fetch-Site."""
        origin = headers.get("Origin")
        if origin is None:
            return headers.get("Sec-Fetch-Site", "none") != "cross-site"
        return origin.lower() == self._origin

    async def _write(self, request: web.Request, client: Client, visitor: Visitor, after: int) -> web.StreamResponse:
        # A proxy that gathers an answer before it passes it on would hold every event back.
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await response.prepare(request)
        client.put(sse.RETRY + sse.tick())
        if visitor.sees_incidents:
            await self._stream.catch_up(client, after)
        while (data := await client.next()) is not None:
            try:
                async with asyncio.timeout(self._write_s):
                    await response.write(data)
            except (TimeoutError, ConnectionError):
                client.cut()
        return response


def _after(request: web.Request) -> str | None:
    """Where to go on: a browser that comes back says it in the header, whatever its address said the first time."""
    return request.headers.get("Last-Event-ID") or request.query.get("after")


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _refuse(status: int, title: str, headers: Mapping[str, str] | None = None) -> web.Response:
    body = {"type": "about:blank", "title": title, "status": status, "errors": []}
    return web.Response(text=json.dumps(body), status=status, headers=headers, content_type="application/problem+json")
