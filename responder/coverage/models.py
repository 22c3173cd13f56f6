"""The table of the forecast: the newest one, as it is shown, and nothing that it was made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class KeptForecast(Base):
    """The forecast of an agency. `made_of` says of which ground and which settings; with others it is made anew at once."""

    __tablename__ = "coverage_forecasts"

    agency_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[datetime]
    made_of: Mapped[str] = mapped_column(String(200))
    facts: Mapped[dict[str, Any]]
