"""Addresses by a Nominatim server, through geopy; a dead or slow one delays nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from core import clock, events, log
from core.services import Services
from geo import numbers
from geo.address import MAX_LETTERS, Reading, readings
from geo.resolution import MAX_OFFERS, Geocoder, Match, Resolution

TIMEOUT_S = 2.0
PAUSE_AFTER_FAILURE_S = 30.0
"""How long a server that failed is not asked again: a dead one costs one emergency two seconds, and the next ones none."""

_log = log.get("geocoder")


class NominatimGeocoder:
    """Asks a Nominatim server; the fallback answers when it fails, is slow or knows nothing."""

    def __init__(
        self,
        services: Services,
        url: str,
        fallback: Geocoder,
        timeout_s: float = TIMEOUT_S,
        pause_s: float = PAUSE_AFTER_FAILURE_S,
    ) -> None:
        scheme, _, domain = url.partition("://")
        # Here, because it takes a sixth of the time in which a process of ours starts, and few installations ask a server.
        from geopy.geocoders import Nominatim  # noqa: PLC0415

        self._server = Nominatim(user_agent="doorstep", domain=domain, scheme=scheme, timeout=timeout_s)
        self._services, self._fallback = services, fallback
        self._timeout_s, self._pause_s = timeout_s, pause_s
        self._quiet_until_s = 0.0
        # geopy's own time-out starts again with every byte that arrives; a server that drips must not hold a dispatch.
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="geocoder")

    def resolve(self, address: str) -> Resolution:
        """The place of `address`. Only a house number that was typed and found is a match; all else is offered."""
        if not address.strip() or clock.monotonic_s() < self._quiet_until_s:
            return self._fallback.resolve(address)
        try:
            found = self._pool.submit(self._ask, address[:MAX_LETTERS]).result(timeout=self._timeout_s)
        except Exception as error:  # whatever the server or its answer does, the emergency goes on
            self._note_failure(error)
            found = []
        return _resolution(found, address) if found else self._fallback.resolve(address)

    def _ask(self, address: str) -> list[tuple[Match, Mapping[str, Any]]]:
        """What the server knows, with its details; raises what geopy raises, and whatever an odd answer makes it raise."""
        locations = self._server.geocode(address, exactly_one=False, limit=MAX_OFFERS, addressdetails=True) or []
        return [
            # Not `latitude` of geopy, which makes 0 of what is missing.
            (Match(str(one.address), float(one.raw["lat"]), float(one.raw["lon"])), dict(one.raw.get("address") or {}))
            for one in locations[:MAX_OFFERS]
        ]

    def _note_failure(self, error: Exception) -> None:
        self._quiet_until_s = clock.monotonic_s() + self._pause_s
        _log.warning("the geocoder failed, the offline index answers", error=type(error).__name__)
        with self._services.write() as session:
            events.record(session, "geocoder_failed", error=type(error).__name__)


def _resolution(found: Sequence[tuple[Match, Mapping[str, Any]]], address: str) -> Resolution:
    if len(found) == 1 and (match := _certain(*found[0], address)):
        return Resolution(match, (match,))
    return Resolution(None, tuple(dict.fromkeys(place for place, _ in found)))


def _certain(place: Match, details: Mapping[str, Any], address: str) -> Match | None:
    """The match when the server found the very house number: for one it does not have it answers with the street, and for
    words that it does not understand with the town."""
    number, road = numbers.parse(str(details.get("house_number", ""))), details.get("road")
    typed = next((one for one in readings(address) if _same_house(one, number)), None)
    if typed is None:
        return None
    return Match(typed.label(str(road)) if road else place.label, place.lat, place.lon)


def _same_house(reading: Reading, number: numbers.Number | None) -> bool:
    return number is not None and reading.number is not None and number.holds(reading.number.first)
