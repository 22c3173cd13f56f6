"""Twilio's REST API, as much of it as Doorstep speaks: the Messages resource and the account."""

from __future__ import annotations

import asyncio
import base64
import binascii
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sms.simulated import keeping
from sms.simulated.delivery import Delivery
from sms.simulated.errors import CarrierError, later
from sms.simulated.faults import Dial
from sms.simulated.listing import page
from sms.simulated.model import API_VERSION, FINAL, Text, as_resource
from sms.simulated.requests import new_message
from sms.simulated.state import State

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PREFIX = f"/{API_VERSION}/Accounts/"


class Rest:
    """Answers the API's requests."""

    def __init__(self, state: State, delivery: Delivery) -> None:
        self._state = state
        self._delivery = delivery
        self._stopping = asyncio.Event()
        self._concurrent = 0

    def routes(self) -> list[web.RouteDef]:
        """The routes to register."""
        messages = PREFIX + "{account}/Messages"
        return [
            web.get(PREFIX + "{account}.json", self._account),
            web.post(messages + ".json", self._create),
            web.get(messages + ".json", self._list),
            web.get(messages + "/{sid}.json", self._fetch),
            web.post(messages + "/{sid}.json", self._update),
            web.delete(messages + "/{sid}.json", self._delete),
        ]

    def stop(self) -> None:
        """Let requests that hang on purpose go."""
        self._stopping.set()

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Who may, how slowly, and which dialled fault it meets; refusals are worded as Twilio's."""
        if not request.path.startswith(f"/{API_VERSION}/"):
            return await handler(request)
        self._state.idle.enter()
        counted = True
        try:
            response = await self._answer(request, handler)
            if response.status < 300 and self._hit(request, self._state.faults.hang):
                self._state.idle.leave()
                counted = False
                await self._hang()
            return response
        finally:
            if counted:
                self._state.idle.leave()

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        faults, concurrent = self._state.faults, self._concurrent
        self._concurrent += 1
        try:
            if faults.latency_s:
                await asyncio.sleep(faults.latency_s)
            self._admit(request, concurrent + 1)
            response = await handler(request)
            if response.status < 300 and self._hit(request, faults.server_error_after):
                raise CarrierError(20503)
        except CarrierError as refusal:
            response = web.json_response(refusal.as_json(), status=refusal.status)
        except web.HTTPNotFound:
            missing = CarrierError(20404, request.path)
            response = web.json_response(missing.as_json(), status=404)
        finally:
            self._concurrent -= 1
        response.headers["Twilio-Concurrent-Requests"] = str(concurrent + 1)
        response.headers["Twilio-Request-Id"] = "RQ" + secrets.token_hex(16)
        return response

    def _admit(self, request: web.Request, concurrent: int) -> None:
        faults = self._state.faults
        if not self._state.account.admits(*credentials(request)):
            raise CarrierError(20003)
        if request.match_info.get("account", self._state.account.sid) != self._state.account.sid:
            raise CarrierError(20404, request.path)
        if faults.concurrent_limit is not None and concurrent > faults.concurrent_limit:
            raise CarrierError(20429)
        if self._hit(request, faults.too_many):
            raise CarrierError(20429)
        if self._hit(request, faults.server_error):
            raise CarrierError(20500)

    def _hit(self, request: web.Request, dial: Dial) -> bool:
        creates = request.method == "POST" and request.path.endswith(("/Messages.json", "/Calls.json"))
        return (creates or self._state.faults.every_request) and dial.hits(self._state.dice)

    async def _hang(self) -> None:
        """Whoever asked waits in vain; what was accepted goes its way meanwhile."""
        try:
            await asyncio.wait_for(self._stopping.wait(), self._state.faults.hang_s)
        except TimeoutError:
            return

    async def _create(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        text = new_message(form, self._state.account, self._state.opt_outs, self._state.faults)
        self._delivery.accept(text)
        await self._state.journal.safe()
        return web.json_response(self._resource(text), status=201)

    async def _list(self, request: web.Request) -> web.Response:
        return web.json_response(page(self._state.book.newest_first(), request.rel_url, self._resource))

    async def _fetch(self, request: web.Request) -> web.Response:
        return web.json_response(self._resource(self._find(request)))

    async def _update(self, request: web.Request) -> web.Response:
        text, form = self._find(request), await request.post()
        if form.get("Status") == "canceled":
            self._delivery.cancel(text)
        elif "Status" in form:
            raise CarrierError(20001, "Status")
        if form.get("Body") == "":
            self._finished(text).redacted = True
            self._state.journal.note(keeping.REDACTED, sid=text.sid)
        elif "Body" in form:
            raise CarrierError(20001, "Body")
        await self._state.journal.safe()
        return web.json_response(self._resource(text))

    async def _delete(self, request: web.Request) -> web.Response:
        sid = self._finished(self._find(request)).sid
        self._state.book.remove(sid)
        self._state.journal.note(keeping.REMOVED, sid=sid)
        await self._state.journal.safe()
        return web.Response(status=204)

    async def _account(self, request: web.Request) -> web.Response:
        account = self._state.account
        return web.json_response(
            {
                "sid": account.sid,
                "owner_account_sid": account.sid,
                "friendly_name": "Simulated carrier",
                "status": "active",
                "type": "Full",
                "uri": request.path,
                "subresource_uris": {"messages": f"{PREFIX}{account.sid}/Messages.json"},
            }
        )

    def _find(self, request: web.Request) -> Text:
        text = self._state.book.get(request.match_info["sid"])
        if text is None:
            raise CarrierError(20404, request.path)
        return text

    @staticmethod
    def _finished(text: Text) -> Text:
        if text.status not in FINAL:
            raise CarrierError(20009)
        return text

    def _resource(self, text: Text) -> dict[str, Any]:
        words = None if text.error_code is None else later(text.error_code)[1]
        return as_resource(text, self._state.account.sid, words)


def credentials(request: web.Request) -> tuple[str, str]:
    """Account SID and token of the Basic Authorization header; empty when there is none that can be read."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        sid, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (sid, token) if scheme.lower() == "basic" else ("", "")
