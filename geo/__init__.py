"""Places and distances: spatial lookup, travel time, geocoding, zones. Knows no volunteer."""
