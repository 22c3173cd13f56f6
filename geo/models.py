"""Tables of places: zones, and the index of streets, house numbers and districts built from an OSM extract."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base

SERVICE_AREA, EXCLUSION, BARRIER = "service_area", "exclusion", "barrier"
TOWN, WIDER = "town", "wider"
"""Kinds of locality. town: an address that names another town than its street's is a different place; wider: a district,
a region or a country, which an address may end in without meaning another place."""

# Ids are never used twice, so that the highest id tells a process whether what it has cached is still true.
_IDS_NEVER_AGAIN = {"sqlite_autoincrement": True}


class Zone(Base):
    """A polygon of an agency: its service area, or a part of it that is excluded."""

    __tablename__ = "zones"
    __table_args__ = (_IDS_NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(default=1, index=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    polygon: Mapped[dict[str, Any]]
    inhabitants_per_km2: Mapped[int | None]
    revision: Mapped[int] = mapped_column(default=1, onupdate=text("revision + 1"))


class Street(Base):
    """A named street (or square) of the area, in every name it has."""

    __tablename__ = "streets"
    __table_args__ = (_IDS_NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    other_names: Mapped[list[str]]
    town: Mapped[str | None] = mapped_column(String(120))
    lat: Mapped[float] = mapped_column(Float)
    lon: Mapped[float] = mapped_column(Float)


class HouseNumber(Base):
    """One address: a house number on a street, with its entrance's place."""

    __tablename__ = "house_numbers"
    __table_args__ = (Index("ix_house_numbers_street_id", "street_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    street_id: Mapped[int] = mapped_column(ForeignKey("streets.id"))
    number: Mapped[str] = mapped_column(String(20))
    postcode: Mapped[str | None] = mapped_column(String(20))
    lat: Mapped[float] = mapped_column(Float)
    lon: Mapped[float] = mapped_column(Float)


class Crossing(Base):
    """A spot where two named streets meet; `street_id` is the smaller id. Two streets may meet more than once."""

    __tablename__ = "crossings"
    __table_args__ = (
        Index("ix_crossings_street_id", "street_id", "other_street_id"),
        # What the database looks up when the streets are replaced.
        Index("ix_crossings_other_street_id", "other_street_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    street_id: Mapped[int] = mapped_column(ForeignKey("streets.id"))
    other_street_id: Mapped[int] = mapped_column(ForeignKey("streets.id"))
    lat: Mapped[float] = mapped_column(Float)
    lon: Mapped[float] = mapped_column(Float)


class District(Base):
    """A named part of town, as people there call it; the first text names it instead of the address.

    `polygon` (GeoJSON) where its borders are known; otherwise its place alone tells where it is.
    """

    __tablename__ = "districts"
    __table_args__ = (_IDS_NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    lat: Mapped[float] = mapped_column(Float)
    lon: Mapped[float] = mapped_column(Float)
    polygon: Mapped[dict[str, Any] | None]


class Locality(Base):
    """What an address may end in, in every name it has: a town, or anything wider or narrower than one (`TOWN`, `WIDER`)."""

    __tablename__ = "localities"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(120))
    other_names: Mapped[list[str]]


class MapArea(Base):
    """One making of the map's tiles; its id is their version. The one with `is_current` is shown, any other is waste of an
    import that was broken off or replaced. Kept in the database, as the tiles are: every machine that shares it shows the
    same map, one backup holds everything, and addresses and map change in one transaction.
    """

    __tablename__ = "map_areas"
    __table_args__ = (_IDS_NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(primary_key=True)
    is_current: Mapped[bool] = mapped_column(default=False)
    west: Mapped[float]
    south: Mapped[float]
    east: Mapped[float]
    north: Mapped[float]
    minzoom: Mapped[int]
    maxzoom: Mapped[int]
    made_at: Mapped[datetime]


class MapTile(Base):
    """One tile (Mapbox Vector Tile, gzipped) of a making, numbered from the north-west as browsers do."""

    __tablename__ = "map_tiles"

    version: Mapped[int] = mapped_column(ForeignKey("map_areas.id"), primary_key=True, autoincrement=False)
    z: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    x: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    y: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    data: Mapped[bytes] = mapped_column(LargeBinary)
