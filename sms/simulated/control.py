"""The control API: JSON under /control/, loopback only, with the account's own credentials. Faults, phones, autopilot."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from ipaddress import ip_address
from typing import Annotated, Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core import clock
from sms.simulated import keeping
from sms.simulated.autopilot import Autopilot
from sms.simulated.book import Phone
from sms.simulated.call_control import shown
from sms.simulated.exchange import Exchange
from sms.simulated.inbound import Inbound
from sms.simulated.model import Mode, Text
from sms.simulated.rest import credentials
from sms.simulated.state import State

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Number = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{4,14}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Announced(_Body):
    """Phones that exist before they get a text: number -> label."""

    phones: dict[Number, str] = Field(max_length=20_000)


class FromPhone(_Body):
    """A text that a phone sends; `by_person` takes the phone away from the autopilot."""

    body: str = Field(min_length=1, max_length=1600)
    to: str | None = None
    by_person: bool = True


class PhoneChange(_Body):
    """What can be changed about a phone."""

    switched_off: bool | None = None
    by_person: bool | None = None


class Flight(_Body):
    """The autopilot's mode."""

    mode: Mode


class Holds(_Body):
    """What the carrier keeps back until it is told to let go."""

    queue: bool | None = None
    callbacks: bool | None = None


B = TypeVar("B", bound=BaseModel)


class Control:
    """Answers the control API's requests."""

    def __init__(self, state: State, inbound: Inbound, autopilot: Autopilot, exchange: Exchange) -> None:
        self._state = state
        self._inbound = inbound
        self._autopilot = autopilot
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        """The routes to register."""
        return [
            web.get("/control/faults", self._faults),
            web.patch("/control/faults", self._change_faults),
            web.delete("/control/faults", self._reset_faults),
            web.put("/control/hold", self._hold),
            web.get("/control/errors", self._errors),
            web.get("/control/idle", self._wait_idle),
            web.put("/control/autopilot", self._fly),
            web.get("/control/phones", self._phones),
            web.post("/control/phones", self._announce),
            web.get("/control/phones/{number}", self._conversation),
            web.patch("/control/phones/{number}", self._change_phone),
            web.post("/control/phones/{number}/texts", self._send),
        ]

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Loopback and the account's token only; bad input is answered with what is wrong."""
        if not request.path.startswith("/control/"):
            return await handler(request)
        if not ip_address(request.remote or "0.0.0.0").is_loopback:  # noqa: S104  # stands for "nobody knows", never bound
            return _refusal(403, "the control API answers on this machine only")
        if not self._state.account.admits(*credentials(request)):
            return _refusal(401, "the account's SID and token are needed")
        try:
            return await handler(request)
        except ValidationError as error:
            problems = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            return _refusal(422, "; ".join(problems))
        except ValueError as error:
            return _refusal(422, str(error))

    async def _faults(self, _request: web.Request) -> web.Response:
        return web.json_response(self._state.faults.model_dump(mode="json"))

    async def _change_faults(self, request: web.Request) -> web.Response:
        wanted = await _json(request)
        self._state.faults.change(wanted)
        keeping.note_faults(self._state)
        self._state.book.version += 1
        return await self._faults(request)

    async def _reset_faults(self, request: web.Request) -> web.Response:
        self._state.faults.reset()
        keeping.note_faults(self._state)
        self._state.book.version += 1
        return await self._faults(request)

    async def _hold(self, request: web.Request) -> web.Response:
        wanted = await _read(request, Holds)
        for gate, held in ((self._state.queue_gate, wanted.queue), (self._state.callback_gate, wanted.callbacks)):
            if held is not None:
                (gate.close if held else gate.open)()
        return web.json_response({"queue": self._state.queue_gate.closed, "callbacks": self._state.callback_gate.closed})

    async def _errors(self, _request: web.Request) -> web.Response:
        return web.json_response({"errors": [asdict(error) for error in self._state.book.errors]})

    async def _wait_idle(self, request: web.Request) -> web.Response:
        timeout_s = min(float(request.query.get("timeout_s", "10")), 60.0)
        try:
            await asyncio.wait_for(self._state.idle.wait(), timeout_s)
        except TimeoutError:
            return web.json_response({"idle": False, "outstanding": self._state.idle.outstanding}, status=504)
        return web.json_response({"idle": True, "outstanding": 0})

    async def _fly(self, request: web.Request) -> web.Response:
        self._autopilot.set_mode((await _read(request, Flight)).mode)
        self._state.journal.note(keeping.AUTOPILOT, mode=self._autopilot.mode)
        return web.json_response({"mode": self._autopilot.mode})

    async def _phones(self, request: web.Request) -> web.Response:
        """Every phone; `known=VERSION` gets `phones: null` while nothing has changed, for a page that polls."""
        book = self._state.book
        unchanged = request.query.get("known") == str(book.version)
        ours = self._state.account.senders  # a canary goes to one of these, and nobody holds it
        phones = None if unchanged else [self._line(phone) for phone in book.phones() if phone.number not in ours]
        return web.json_response({"version": book.version, "autopilot": self._autopilot.mode, "phones": phones})

    async def _announce(self, request: web.Request) -> web.Response:
        phones = (await _read(request, Announced)).phones
        for number, label in phones.items():
            self._label(number, label)
        self._state.book.version += 1
        return web.json_response({"announced": len(phones)}, status=201)

    async def _conversation(self, request: web.Request) -> web.Response:
        """One phone's texts, oldest first; `read=1` marks them read."""
        phone = self._state.book.known(request.match_info["number"])
        if phone is None:
            return _refusal(404, "no such phone")
        if request.query.get("read") == "1" and phone.unread:
            phone.unread = 0
            keeping.note_phone(self._state, phone)
            self._state.book.version += 1
        return web.json_response({**self._line(phone), "texts": [_bubble(text) for text in phone.conversation()]})

    async def _change_phone(self, request: web.Request) -> web.Response:
        number, wanted = request.match_info["number"], await _read(request, PhoneChange)
        phone = self._state.book.known(number)
        if phone is None:
            return _refusal(404, "no such phone")
        if wanted.switched_off is not None:
            (self._state.faults.switched_off.add if wanted.switched_off else self._state.faults.switched_off.discard)(number)
            keeping.note_faults(self._state)
        if wanted.by_person is not None:
            self._take(phone, wanted.by_person)
        self._state.book.version += 1
        return web.json_response(self._line(phone))

    async def _send(self, request: web.Request) -> web.Response:
        number, wanted = request.match_info["number"], await _read(request, FromPhone)
        Announced(phones={number: ""})
        if wanted.by_person:
            self._take(self._state.book.phone(number), True)
        text = self._inbound.receive(number, wanted.body, wanted.to)
        await self._state.journal.safe()
        return web.json_response(_bubble(text), status=201)

    def _label(self, number: str, label: str) -> None:
        phone = self._state.book.phone(number)
        if phone.label != label:
            phone.label = label
            keeping.note_phone(self._state, phone)

    def _take(self, phone: Phone, by_person: bool) -> None:
        """Whether a person plays this phone from now on; the autopilot forgets what it planned either way."""
        phone.by_person = by_person
        keeping.note_phone(self._state, phone)
        self._autopilot.leave(phone.number)

    def _line(self, phone: Phone) -> dict[str, Any]:
        conversation, call = phone.conversation(), self._exchange.newest(phone.number)
        return {
            "number": phone.number,
            "label": phone.label,
            "texts": len(conversation),
            "unread": phone.unread,
            "by_person": phone.by_person,
            "switched_off": phone.number in self._state.faults.switched_off,
            "opted_out": phone.number in self._state.opt_outs.blocked_phones(),
            "last": _bubble(conversation[-1]) if conversation else None,
            "call": shown(call) if call else None,
        }


def _bubble(text: Text) -> dict[str, Any]:
    return {
        "sid": text.sid,
        "from_phone": not text.outgoing,
        "body": text.body,
        "at": clock.rfc3339(text.updated_at if text.outgoing else text.created_at),
        "segments": text.segments,
    }


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except json.JSONDecodeError:
        raise ValueError("the body: JSON") from None
    if not isinstance(body, dict):
        raise ValueError("the body: a JSON object")
    return body


async def _read(request: web.Request, kind: type[B]) -> B:
    return kind.model_validate(await _json(request))


def _refusal(status: int, why: str) -> web.Response:
    return web.json_response({"error": why}, status=status)
