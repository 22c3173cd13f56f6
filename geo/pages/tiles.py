"""The map's tiles over HTTP. A tile's address names its version, so a browser may keep it for good."""

from __future__ import annotations

from gettext import gettext
from typing import Any

import shapely
from flask import Blueprint, Response, jsonify
from markupsafe import escape
from sqlalchemy.orm import Session

from core.access import SIGNED_IN, requires
from core.services import Services
from geo import tiles, zones
from geo.models import MapArea
from geo.tiles_zooms import MAXZOOM, MINZOOM

_ATTRIBUTION = '<a href="https://www.openstreetmap.org/copyright" rel="noopener">{}</a>'
_FOR_GOOD = "private, max-age=31536000, immutable"
_MVT = "application/vnd.mapbox-vector-tile"


def blueprint(services: Services) -> Blueprint:
    """/tiles/area.json and /tiles/VERSION/Z/X/Y.mvt."""
    views = Tiles(services)
    pages = Blueprint("tiles", __name__, url_prefix="/tiles")
    pages.add_url_rule("/area.json", view_func=views.area, endpoint="area")
    pages.add_url_rule("/<int:version>/<int:z>/<int:x>/<int:y>.mvt", view_func=views.tile, endpoint="tile")
    return pages


class Tiles:
    """The views."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @requires(SIGNED_IN)
    def area(self) -> Response:
        """What the map shows: bounds [west, south, east, north], center [lon, lat], zooms, and the version of the tiles; a
        version of null means that no area was imported, and then the bounds are those of the service area, if there is one."""
        with self._services.read() as session:
            shown = tiles.current(session)
            return jsonify(_described(shown) if shown else _without_tiles(session))

    @requires(SIGNED_IN)
    def tile(self, version: int, z: int, x: int, y: int) -> Response:
        """A tile, or 204 where nothing is drawn. A page that was opened before an import asks for a version that is gone: it
        gets the new one's tile, which its browser must not keep under the old name."""
        with self._services.read() as session:
            shown = tiles.current(session)
            if shown is None or z > MAXZOOM or max(x, y) >= 1 << z:
                return Response(status=204)
            data = tiles.tile(session, shown.id, z, x, y)
        keep = _FOR_GOOD if shown.id == version else "no-store"
        if data is None:
            return Response(status=204, headers={"Cache-Control": keep})
        return Response(data, content_type=_MVT, headers={"Content-Encoding": "gzip", "Cache-Control": keep})


def _described(area: MapArea) -> dict[str, Any]:
    box = (area.west, area.south, area.east, area.north)
    return _json(area.id, box, area.minzoom, area.maxzoom)


def _without_tiles(session: Session) -> dict[str, Any]:
    served = zones.service_area(session).areas
    return _json(None, tuple(shapely.total_bounds(served).tolist()) if served else None, MINZOOM, MAXZOOM)


def _json(version: int | None, box: tuple[float, ...] | None, minzoom: int, maxzoom: int) -> dict[str, Any]:
    return {
        "version": version,
        "bounds": list(box) if box else None,
        "center": [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] if box else [0, 20],
        "minzoom": minzoom,
        "maxzoom": maxzoom,
        "attribution": _ATTRIBUTION.format(escape(gettext("© OpenStreetMap contributors"))),
    }
