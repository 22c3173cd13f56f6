"""The geocoder of this installation, and what every geocoder answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy.exc import SQLAlchemyError

from core import log
from core.services import Services
from geo.gazetteer import gazetteer
from geo.nominatim import NominatimGeocoder
from geo.offline import OfflineGeocoder
from geo.resolution import Geocoder, Match, Resolution

__all__ = ["Geocoder", "LookedUp", "Match", "Resolution", "look_up", "open_geocoder"]


def open_geocoder(services: Services) -> Geocoder:
    """The offline index of the imported area; where GEOCODER_URL is set, that server first and the index when it fails."""
    offline = OfflineGeocoder(services)
    try:
        with services.read() as session:
            gazetteer(session)  # a country's names take seconds to read: now, and not in the first emergency
    except SQLAlchemyError as error:
        log.get("geocoder").warning("the index cannot be read yet", error=type(error).__name__)
    url = services.settings.geocoder_url
    return NominatimGeocoder(services, url, offline) if url else offline


class LookedUp:
    """A geocoder that knows the answers already."""

    def __init__(self, answers: Mapping[str, Resolution]) -> None:
        self._answers = answers

    def resolve(self, address: str) -> Resolution:
        """The place of `address`, which is one of those that were looked up."""
        return self._answers[address]


def look_up(geocoder: Geocoder, addresses: Collection[str]) -> LookedUp:
    """Look many addresses up, each once: in one look where that is our own index, one after another where a server is asked,
    so that an emergency's address never waits behind a list of people."""
    if isinstance(geocoder, OfflineGeocoder):
        return LookedUp(geocoder.resolve_all(addresses))
    return LookedUp({address: geocoder.resolve(address) for address in addresses})
