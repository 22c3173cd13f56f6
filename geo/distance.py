"""How far two places are from each other, measured along the Earth's surface (WGS84)."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, pi, radians, sin, sqrt

EQUATOR_M = 6_378_137.0
FLATTENING = 1 / 298.257223563
MEAN_RADIUS_M = 6_371_008.8
ECCENTRICITY_SQUARED = FLATTENING * (2 - FLATTENING)


def ecef(lat: float, lon: float) -> tuple[float, float, float]:
    """The place as metres from the Earth's centre (x, y, z), on the ellipsoid. Poles and the date line are no special case."""
    phi, lam = radians(lat), radians(lon)
    sin_phi, cos_phi = sin(phi), cos(phi)
    normal_m = EQUATOR_M / sqrt(1.0 - ECCENTRICITY_SQUARED * sin_phi * sin_phi)
    return normal_m * cos_phi * cos(lam), normal_m * cos_phi * sin(lam), normal_m * (1.0 - ECCENTRICITY_SQUARED) * sin_phi


class Origin:
    """One place from which many distances are measured."""

    __slots__ = ("_x", "_y", "_z", "lat", "lon")

    def __init__(self, lat: float, lon: float) -> None:
        self.lat, self.lon = lat, lon
        self._x, self._y, self._z = ecef(lat, lon)

    def distance_m(self, lat: float, lon: float) -> float:
        """Metres to a place in degrees. Off by less than 1 m up to 100 km, by up to 5 % on the other side of the Earth.

        The straight line through the Earth, bent back onto a sphere: the radius enters only with the cube of the distance.
        """
        # `ecef` written out: this runs for every place that choosing looks at.
        phi, lam = radians(lat), radians(lon)
        sin_phi, cos_phi = sin(phi), cos(phi)
        normal_m = EQUATOR_M / sqrt(1.0 - ECCENTRICITY_SQUARED * sin_phi * sin_phi)
        x = normal_m * cos_phi * cos(lam) - self._x
        y = normal_m * cos_phi * sin(lam) - self._y
        z = normal_m * (1.0 - ECCENTRICITY_SQUARED) * sin_phi - self._z
        half_chord = sqrt(x * x + y * y + z * z) / (2.0 * MEAN_RADIUS_M)
        # Between opposite points of the equator the chord is a little longer than the mean sphere is wide.
        return 2.0 * MEAN_RADIUS_M * asin(half_chord) if half_chord < 1.0 else pi * MEAN_RADIUS_M


@dataclass(frozen=True, slots=True)
class Box:
    """Bounds in degrees. Near a pole or the date line they span all longitudes."""

    south: float
    north: float
    west: float
    east: float


def box_around(lat: float, lon: float, radius_m: float) -> Box:
    """Bounds that hold every place within `radius_m` of one in degrees: cheap to compare, and never too narrow."""
    radius_m += 0.001  # places nearer together than the last digit of a distance are 0 m apart
    # A degree of latitude is 110.57 km at the equator, where it is shortest; a degree of longitude shrinks with the cosine.
    d_lat = radius_m / 110_500.0
    widest = max(abs(lat - d_lat), abs(lat + d_lat))
    if widest >= 89.0:
        return Box(lat - d_lat, lat + d_lat, -180.0, 180.0)
    d_lon = radius_m / (111_000.0 * cos(radians(widest)))
    if abs(lon) + d_lon >= 180.0:
        return Box(lat - d_lat, lat + d_lat, -180.0, 180.0)
    return Box(lat - d_lat, lat + d_lat, lon - d_lon, lon + d_lon)


def distance_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Metres between two places in degrees; see `Origin.distance_m` for how exact."""
    return Origin(lat1, lon1).distance_m(lat2, lon2)
