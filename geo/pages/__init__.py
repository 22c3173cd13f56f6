"""Pages of places: the map's tiles, and where the agency serves."""
