"""The control API's part about calls: whoever plays a phone picks it up, presses keys, hangs up."""

from __future__ import annotations

from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from sms.simulated.autopilot import Autopilot
from sms.simulated.calls import Call
from sms.simulated.exchange import DECLINE, Exchange
from sms.simulated.state import State


class Deed(BaseModel):
    """What is done with the call of a phone; `press` needs a `key`. `by_person` takes the phone away from the autopilot."""

    model_config = ConfigDict(extra="forbid")

    do: Literal["answer", "decline", "hang_up", "press"]
    key: str = Field("", pattern=r"^[0-9*#]?$")
    by_person: bool = True


class CallControl:
    """Answers the requests; who may make them is settled by `sms.simulated.control`."""

    def __init__(self, state: State, exchange: Exchange, autopilot: Autopilot) -> None:
        self._state = state
        self._exchange = exchange
        self._autopilot = autopilot

    def routes(self) -> list[web.RouteDef]:
        """The routes to register."""
        return [web.post("/control/phones/{number}/call", self._act)]

    async def _act(self, request: web.Request) -> web.Response:
        number, wanted = request.match_info["number"], Deed.model_validate_json(await request.read())
        deed = wanted.key if wanted.do == "press" else wanted.do
        if not deed:
            raise ValueError("key: one of 0 to 9, * and #")
        acted_on = self._exchange.act(number, deed)
        if wanted.by_person:
            self._state.book.phone(number).by_person = True
            self._autopilot.leave(number)
        self._state.book.version += 1
        return web.json_response(shown(acted_on) | {"declined": deed == DECLINE})


def shown(call: Call) -> dict[str, Any]:
    """A call as its phone shows it."""
    return {"sid": call.sid, "status": call.status, "heard": list(call.heard), "listens": call.listens}
