"""The Nominatim geocoder against a real server on this machine that answers, fails, hangs or drips."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from core import clock, events
from core.services import Services
from geo.geocoding import Match, Resolution, open_geocoder
from geo.nominatim import NominatimGeocoder
from geo.resolution import NOTHING

Answer = Callable[[BaseHTTPRequestHandler], None]
FALLBACK = Resolution(None, (Match("from the index", 60.0, 25.0),))


class _Index:
    """A fallback that says that it was asked."""

    def resolve(self, address: str) -> Resolution:
        return FALLBACK


@contextmanager
def _server(answer: Answer) -> Iterator[tuple[str, list[dict[str, list[str]]]]]:
    """A server on a free port; yields its address and what it was asked."""
    asked: list[dict[str, list[str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(parse_qs(urlsplit(self.path).query))
            answer(self)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield f"http://127.0.0.1:{server.server_port}", asked


@contextmanager
def _serving(server: ThreadingHTTPServer) -> Iterator[ThreadingHTTPServer]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _json(body: object, status: int = 200) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        data = json.dumps(body).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    return answer


def _place(label: str, lat: float, number: str | None = None, road: str = "Mannerheimintie") -> dict[str, Any]:
    address = {"road": road} | ({"house_number": number} if number else {})
    return {"display_name": label, "lat": str(lat), "lon": "24.94", "address": address}


HOUSE = _place("5, Mannerheimintie, Kluuvi, Helsinki", 60.168, "5")
STREET = _place("Mannerheimintie, Helsinki", 60.18)
FOUND = Match("Mannerheimintie 5 B 12", 60.168, 24.94)

CASES = [
    ("the very house", [HOUSE], "mannerheimintie 5 B 12", Resolution(FOUND, (FOUND,))),
    ("only the street", [STREET], "Mannerheimintie 999", Resolution(None, (Match("Mannerheimintie, Helsinki", 60.18, 24.94),))),
    ("another number", [HOUSE], "Mannerheimintie 7", Resolution(None, (Match(HOUSE["display_name"], 60.168, 24.94),))),
    ("no number typed", [HOUSE], "Stockmann", Resolution(None, (Match(HOUSE["display_name"], 60.168, 24.94),))),
    (
        "several",
        [HOUSE, STREET],
        "Mannerheimintie 5",
        Resolution(None, (Match(HOUSE["display_name"], 60.168, 24.94), Match(STREET["display_name"], 60.18, 24.94))),
    ),
    ("nothing", [], "Mannerheimintie 5", FALLBACK),
]


@pytest.mark.parametrize(("what", "body", "typed", "expected"), CASES, ids=[row[0] for row in CASES])
def test_what_the_server_knows(services: Services, what: str, body: list[object], typed: str, expected: Resolution) -> None:
    with _server(_json(body)) as (url, asked):
        assert NominatimGeocoder(services, url, _Index()).resolve(typed) == expected
    assert [one["q"] for one in asked] == [[typed]]
    assert _failures(services) == []


BROKEN = [
    ("an error", _json({"error": "no"}, 500), "GeocoderServiceError"),
    ("not allowed", _json({"error": "no"}, 403), "GeocoderInsufficientPrivileges"),
    ("another language", _json("words"), None),
    ("places without a place", _json([{"display_name": "x"}]), None),
    ("latitudes in words", _json([{"display_name": "x", "lat": "north", "lon": "east"}]), None),
]


@pytest.mark.parametrize(("what", "answer", "error"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_broken_server_is_noted_and_the_index_answers(
    services: Services, what: str, answer: Answer, error: str | None
) -> None:
    with _server(answer) as (url, asked):
        geocoder = NominatimGeocoder(services, url, _Index())
        assert geocoder.resolve("Mannerheimintie 5") == FALLBACK
        assert geocoder.resolve("Mannerheimintie 7") == FALLBACK
    assert len(asked) == 1, "a server that failed is left alone for a while"
    noted = _failures(services)
    assert len(noted) == 1
    assert error in (None, noted[0]["error"])


def test_a_server_that_recovers_is_asked_again(services: Services) -> None:
    answers = iter([_json({}, 500), _json([HOUSE])])

    def answer(request: BaseHTTPRequestHandler) -> None:
        next(answers)(request)

    with _server(answer) as (url, _):
        geocoder = NominatimGeocoder(services, url, _Index(), pause_s=0.0)
        assert geocoder.resolve("Mannerheimintie 5") == FALLBACK
        assert geocoder.resolve("Mannerheimintie 5").match == Match("Mannerheimintie 5", 60.168, 24.94)


@pytest.mark.parametrize("drips", [False, True], ids=["hangs", "drips"])
def test_a_slow_server_holds_nobody(services: Services, drips: bool) -> None:
    done = threading.Event()

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while not done.wait(0.02):
            if drips:
                request.wfile.write(b" ")
                request.wfile.flush()

    with _server(answer) as (url, _):
        geocoder = NominatimGeocoder(services, url, _Index(), timeout_s=0.3)
        begun_s = clock.monotonic_s()
        assert geocoder.resolve("Mannerheimintie 5") == FALLBACK
        assert clock.monotonic_s() - begun_s < 1.0
        done.set()
    assert len(_failures(services)) == 1


def test_a_dead_server_is_no_hindrance(helsinki: Services) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    port = server.server_port
    server.server_close()
    settings = helsinki.settings.model_copy(update={"geocoder_url": f"http://127.0.0.1:{port}"})
    geocoder = open_geocoder(Services(settings, helsinki.database, helsinki.wake_ups))
    found = geocoder.resolve("Mannerheimint. 5 B 12").match
    assert found is not None
    assert found.label == "Mannerheimintie 5 B 12"
    assert len(_failures(helsinki)) == 1


def test_nothing_typed_is_not_asked(services: Services) -> None:
    with _server(_json([])) as (url, asked):
        settings = services.settings.model_copy(update={"geocoder_url": url})
        assert open_geocoder(Services(settings, services.database, services.wake_ups)).resolve("  ") == NOTHING
    assert asked == []


def _failures(services: Services) -> list[dict[str, Any]]:
    """What was noted of failures; no address is among it."""
    with services.read() as session:
        return [one.data for one in events.after(session, 0) if one.kind == "geocoder_failed"]
