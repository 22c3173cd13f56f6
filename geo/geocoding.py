"""The geocoder of this installation, and what every geocoder answers."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from core import log
from core.services import Services
from geo.gazetteer import gazetteer
from geo.nominatim import NominatimGeocoder
from geo.offline import OfflineGeocoder
from geo.resolution import Geocoder, Match, Resolution

__all__ = ["Geocoder", "Match", "Resolution", "open_geocoder"]


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
