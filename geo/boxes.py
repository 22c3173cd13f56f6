"""Parts of the world as four numbers."""

from __future__ import annotations

from typing import TypeAlias

Position: TypeAlias = tuple[float, float]
"""Longitude and latitude in degrees: the order of GeoJSON."""
Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north in degrees."""
