"""The whole simulated carrier, in one event loop."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import aiohttp
from aiohttp import web

from core import log
from sms.simulated import keeping
from sms.simulated.autopilot import Autopilot
from sms.simulated.call_autopilot import CallPlayer
from sms.simulated.call_control import CallControl
from sms.simulated.call_rest import CallRest
from sms.simulated.calls import Call
from sms.simulated.control import Control
from sms.simulated.delivery import Delivery
from sms.simulated.exchange import Exchange
from sms.simulated.inbound import Inbound
from sms.simulated.journal import Journal
from sms.simulated.model import Account, Mode, Text, Timing
from sms.simulated.rest import Rest
from sms.simulated.state import State

_log = log.get("simulated carrier")


class Carrier:
    """Wires the parts together and serves them over HTTP.

    With a folder for its journal it survives being killed: what was on its way goes on with the next start, and whatever the
    customer has not answered is told again. A mode of the autopilot that the journal names counts for more than `mode`.
    """

    def __init__(
        self,
        account: Account,
        *,
        timing: Timing | None = None,
        seed: int = 1,
        mode: Mode = Mode.OFF,
        journal: Path | None = None,
    ) -> None:
        self.state = State(account, timing or Timing(), seed, Journal(journal))
        self._delivery = Delivery(self.state, self._arrived)
        self.inbound = Inbound(self.state, self._delivery)
        self.autopilot = Autopilot(self.state, self.inbound.receive, mode)
        self._rest = Rest(self.state, self._delivery)
        self.exchange = Exchange(self.state, self._rings)
        self._player = CallPlayer(self.state, self.autopilot, self.exchange.act)
        self._call_rest = CallRest(self.state, self.exchange)
        self._control = Control(self.state, self.inbound, self.autopilot, self.exchange)
        self._call_control = CallControl(self.state, self.exchange, self.autopilot)
        self._runner: web.AppRunner | None = None
        self._door: socket.socket | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Begin to serve; returns the port (a free one for 0)."""
        # Webhooks are called one connection each, as a carrier's many machines would; answers that set cookies are nobody's.
        self.state.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=200, force_close=True), cookie_jar=aiohttp.DummyCookieJar()
        )
        mode = keeping.restore(self.state)
        if mode is not None:
            self.autopilot.set_mode(mode)
        # A request whose asker has gone away is given up: that is how one that hangs on purpose ends.
        runner = web.AppRunner(self._app(), access_log=None, handler_cancellation=True, shutdown_timeout=1.0)
        await runner.setup()
        self._runner = runner
        self._door = socket.create_server((host, port), backlog=128)
        await web.SockSite(runner, self._door).start()
        self._go_on()
        bound = int(runner.addresses[0][1])
        _log.info("simulated carrier ready", port=bound, autopilot=self.autopilot.mode.value)
        return bound

    async def stop(self) -> None:
        """End everything at once; without a journal what was under way is lost, as memory is."""
        self._rest.stop()
        await self.state.idle.stop()
        if self._runner is not None and self._door is not None:
            await _let_in_nobody_more(self._door)
            await self._runner.cleanup()
            await self.state.session.close()
        await self.state.journal.close()

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._control.middleware, self._rest.middleware], client_max_size=256 * 1024)
        app.add_routes([*self._rest.routes(), *self._call_rest.routes(), web.get("/health", _health)])
        app.add_routes([*self._control.routes(), *self._call_control.routes()])
        return app

    def _rings(self, call: Call) -> None:
        self._player.rings(call)

    def _go_on(self) -> None:
        """Take up what a carrier before this one left: texts on their way, answers not handed over, calls, phones that were
        typing."""
        for text in reversed(list(self.state.book.newest_first())):
            (self._delivery.go_on if text.outgoing else self.inbound.go_on)(text)
        self.exchange.go_on()
        for phone in self.state.book.phones():
            self.autopilot.recall(phone)

    def _arrived(self, text: Text) -> None:
        account = self.state.account
        if text.to in account.senders:
            self.inbound.receive(text.sender, text.body, text.to)  # from one number of the customer's to another
        else:
            self.autopilot.heard(text)


async def _let_in_nobody_more(door: socket.socket) -> None:
    """Accept no further connection, and wait until the server knows of each that was: it closes only what it knows.

    asyncio takes three turns of the loop from accepting a connection to telling the server, and forgets one open whose
    server is closed meanwhile (CPython 3.11: an assertion in Server._attach).
    """
    asyncio.get_running_loop().remove_reader(door)
    for _ in range(3):
        await asyncio.sleep(0)


async def _health(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ready"})
