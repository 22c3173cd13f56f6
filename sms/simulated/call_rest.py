"""Twilio's Calls resource: create, fetch, list, cancel or end."""

from __future__ import annotations

from itertools import islice
from urllib.parse import urlencode

from aiohttp import web

from sms.simulated.calls import CANCELED, COMPLETED, Call, as_resource, new_call
from sms.simulated.errors import CarrierError
from sms.simulated.exchange import Exchange
from sms.simulated.listing import DEFAULT_PAGE, LARGEST_PAGE, whole
from sms.simulated.rest import PREFIX
from sms.simulated.state import State


class CallRest:
    """Answers the requests; who may, and which fault they meet, is settled before (`sms.simulated.rest`)."""

    def __init__(self, state: State, exchange: Exchange) -> None:
        self._state = state
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        """The routes to register."""
        calls = PREFIX + "{account}/Calls"
        return [
            web.post(calls + ".json", self._create),
            web.get(calls + ".json", self._list),
            web.get(calls + "/{sid}.json", self._fetch),
            web.post(calls + "/{sid}.json", self._update),
        ]

    async def _create(self, request: web.Request) -> web.Response:
        form = await request.post()
        events = [str(event) for event in form.getall("StatusCallbackEvent", [])]
        new = new_call({key: str(value) for key, value in form.items()}, events, self._state.account, self._state.faults)
        self._exchange.begin(new)
        await self._state.journal.safe()
        return web.json_response(self._resource(new), status=201)

    async def _fetch(self, request: web.Request) -> web.Response:
        return web.json_response(self._resource(self._find(request)))

    async def _update(self, request: web.Request) -> web.Response:
        found, form = self._find(request), await request.post()
        if form.get("Status") not in (CANCELED, COMPLETED):
            raise CarrierError(20001, "Status")
        self._exchange.end(found, only_waiting=form.get("Status") == CANCELED)
        return web.json_response(self._resource(found))

    async def _list(self, request: web.Request) -> web.Response:
        query = request.query
        size = whole(query.get("PageSize", str(DEFAULT_PAGE)), "PageSize", least=1, most=LARGEST_PAGE)
        number = whole(query.get("Page", "0"), "Page", least=0)
        wanted = {name: query[name] for name in ("To", "From", "Status") if name in query}
        fitting = (one for one in self._exchange.newest_first() if _fits(one, wanted))
        found = list(islice(fitting, number * size, (number + 1) * size + 1))
        more = f"{request.path}?{urlencode({**wanted, 'PageSize': size, 'Page': number + 1})}"
        page = {
            "calls": [self._resource(one) for one in found[:size]],
            "page": number,
            "page_size": size,
            "next_page_uri": more if len(found) > size else None,
            "uri": str(request.rel_url),
        }
        return web.json_response(page)

    def _find(self, request: web.Request) -> Call:
        found = self._exchange.get(request.match_info["sid"])
        if found is None:
            raise CarrierError(20404, request.path)
        return found

    def _resource(self, one: Call) -> dict[str, object]:
        return as_resource(one, self._state.account.sid)


def _fits(one: Call, wanted: dict[str, str]) -> bool:
    said = {"To": one.to, "From": one.sender, "Status": one.status}
    return all(said[name] == value for name, value in wanted.items())
