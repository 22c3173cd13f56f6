"""Tables of places: zones, and the index of streets, house numbers and districts built from an OSM extract."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base

SERVICE_AREA, EXCLUSION, BARRIER = "service_area", "exclusion", "barrier"


class Zone(Base):
    """A polygon of an agency: its service area, or a part of it that is excluded."""

    __tablename__ = "zones"

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(default=1, index=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    polygon: Mapped[dict[str, Any]]
    inhabitants_per_km2: Mapped[int | None]


class Street(Base):
    """A named street of the area, in every name it has."""

    __tablename__ = "streets"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    other_names: Mapped[list[str]]
    lat: Mapped[float] = mapped_column(Float)
    lon: Mapped[float] = mapped_column(Float)


class HouseNumber(Base):
    """One address: a house number on a street, with its entrance's place."""

    __tablename__ = "house_numbers"
    __table_args__ = (Index("ix_house_numbers_street_id", "street_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    street_id: Mapped[int] = mapped_column(ForeignKey("streets.id"))
    number: Mapped[str] = mapped_column(String(20))
    lat: Mapped[float] = mapped_column(Float)
    lon: Mapped[float] = mapped_column(Float)


class District(Base):
    """A named part of town, as people there call it; the first text names it instead of the address."""

    __tablename__ = "districts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    lat: Mapped[float] = mapped_column(Float)
    lon: Mapped[float] = mapped_column(Float)
