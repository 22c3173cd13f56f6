"""From how far away to how near the map's tiles are made."""

from __future__ import annotations

MINZOOM, MAXZOOM = 8, 15
"""Farther out a town is a dot; nearer in the browser enlarges the tiles of 15, which are exact to about 20 cm."""
