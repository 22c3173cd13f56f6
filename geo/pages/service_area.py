"""The page on which an admin says where the agency serves: draws it, imports it, looks at it, saves it."""

from __future__ import annotations

from typing import Any

import shapely
from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from core.access import ADMIN, AUDITOR, accepts_body, requires
from core.problems import Problem, field_problem
from core.services import Services
from core.words import _, fill, translated
from geo import tiles, zone_changes, zone_reading
from geo.boxes import Box
from geo.models import SERVICE_AREA, Zone
from geo.zones import parse_polygon

PATH = "/area"
LARGEST_FILE_BYTES = 4_000_000
_ROLES = f"role:{ADMIN}|{AUDITOR}"
_FAR_KM = 50
_VAST_KM2 = 20_000
"""More than most regions: worth a question before it is saved, and no reason to refuse it."""
_NAME = _("Service area")


def blueprint(services: Services) -> Blueprint:
    """/area and what its forms send."""
    views = ServiceAreaPage(services)
    pages = Blueprint("service_area", __name__, template_folder="../templates")
    pages.add_url_rule(PATH, view_func=views.show, endpoint="show")
    pages.add_url_rule(PATH, view_func=views.take, methods=["POST"], endpoint="take")
    pages.add_url_rule(f"{PATH}/<int:zone_id>/remove", view_func=views.remove, methods=["POST"], endpoint="remove")
    return pages


class ServiceAreaPage:
    """The views."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @requires(_ROLES)
    def show(self) -> ResponseReturnValue:
        """What is served now, and the form."""
        return self._page({"name": translated(_NAME), "kind": SERVICE_AREA, "replaces": "yes"})

    @requires(_ROLES)
    @accepts_body(LARGEST_FILE_BYTES)
    def take(self) -> ResponseReturnValue:
        """Look at what was drawn or imported (`step` is `look`), or save it; whatever is wrong is said beside the form."""
        given = request.form.to_dict()
        try:
            wanted = self._read(given)
            if given.get("step") != "save":
                return self._page(given, looked_at=wanted)
            with self._services.write() as session:
                zone_changes.save(session, wanted, g.actor)
        except Problem as problem:
            return self._page(given, problem=problem)
        return redirect(PATH, 303)

    @requires(_ROLES)
    def remove(self, zone_id: int) -> ResponseReturnValue:
        """Delete one zone."""
        with self._services.write() as session:
            zone_changes.remove(session, zone_id, g.actor)
        return redirect(PATH, 303)

    def _read(self, given: dict[str, str]) -> zone_changes.NewZone:
        file = request.files.get("file")
        text = file.read() if file is not None and file.filename else given.get("polygon", "").encode()
        if not text.strip():
            raise field_problem("/polygon", "it is missing; draw on the map, paste GeoJSON, or choose a file")
        with self._services.read() as session:
            polygon = zone_reading.read(text, _town(session))
        wanted = zone_changes.NewZone(
            name=given.get("name", "").strip() or translated(_NAME),
            polygon=polygon,
            kind=given.get("kind", SERVICE_AREA),
            inhabitants_per_km2=_number(given.get("inhabitants_per_km2", "")),
            replaces=given.get("replaces") == "yes",
        )
        wanted.check()
        return wanted

    def _page(
        self, given: dict[str, str], looked_at: zone_changes.NewZone | None = None, problem: Problem | None = None
    ) -> Response:
        with self._services.read() as session:
            town = _town(session)
            zones = [_described(zone) for zone in zone_changes.all_of(session)]
        if looked_at is not None:
            given = given | {"polygon": _compact(looked_at.polygon)}
        page = render_template(
            "geo/service_area.html",
            zones=zones,
            given=given,
            facts=_facts(looked_at, town) if looked_at else None,
            problems=[(one.pointer.strip("/"), one.detail) for one in problem.errors] if problem else [],
            may_change=g.user.role == ADMIN,
            has_town=town is not None,
            drawn=_drawn(zones, looked_at),
        )
        return make_response(page, problem.status if problem else 200)


def _town(session: Session) -> Box | None:
    area = tiles.current(session)
    return (area.west, area.south, area.east, area.north) if area else None


def _number(text: str) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isdecimal() or len(text.strip()) > 9:
        raise field_problem(
            "/inhabitants_per_km2", fill("it must be a number from 0 to {most}, or empty", most=zone_changes.DENSEST_PER_KM2)
        )
    return int(text)


def _described(zone: Zone) -> dict[str, Any]:
    polygon = parse_polygon(zone.polygon)
    return {
        "id": zone.id,
        "name": zone.name,
        "kind": zone.kind,
        "inhabitants_per_km2": zone.inhabitants_per_km2,
        "km2": zone_reading.square_km(polygon),
        "polygon": zone.polygon,
    }


def _facts(wanted: zone_changes.NewZone, town: Box | None) -> dict[str, Any]:
    """What somebody should read before saving: how large, how fine, and whether it lies where the map is."""
    polygon = parse_polygon(wanted.polygon)
    km2, away = zone_reading.square_km(polygon), zone_reading.km_apart(polygon, town) if town else 0.0
    return {
        "km2": km2,
        "corners": int(shapely.count_coordinates(polygon)) - len(shapely.get_rings(polygon)),
        "parts": len(getattr(polygon, "geoms", [polygon])),
        "away_km": away if away > _FAR_KM else None,
        "off_map": bool(town and not away and not shapely.box(*town).covers(polygon)),
        "is_vast": km2 > _VAST_KM2,
        "inhabitants": round(wanted.inhabitants_per_km2 * km2) if wanted.inhabitants_per_km2 else None,
    }


def _drawn(zones: list[dict[str, Any]], looked_at: zone_changes.NewZone | None) -> dict[str, Any]:
    """What the map shows: the zones as they are, what is being looked at, and the box around whichever matters."""
    features = [{"type": "Feature", "properties": {"kind": zone["kind"]}, "geometry": zone["polygon"]} for zone in zones]
    shown = [looked_at.polygon] if looked_at else [zone["polygon"] for zone in zones]
    bounds = shapely.total_bounds([parse_polygon(one) for one in shown]).tolist() if shown else None
    return {
        "zones": {"type": "FeatureCollection", "features": features},
        "looked_at": looked_at.polygon if looked_at else None,
        "bounds": bounds,
    }


def _compact(polygon: dict[str, Any]) -> str:
    """The polygon as text for the form; six decimals are 11 cm."""
    rounded = shapely.transform(parse_polygon(polygon), lambda corners: corners.round(6))
    if not rounded.is_valid or rounded.is_empty:
        rounded = parse_polygon(polygon)
    return shapely.to_geojson(rounded)
