"""Tables of the carriers, shared by every process that sends: how each one is, and when each sender is free again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base

UP = "up"
DOWN = "down"
TRIAL = "trial"
"""States of a carrier. up: takes all it is given; down: gets nothing while another is there; trial: gets a `share`."""


class Carrier(Base):
    """How a carrier is. `failures` counts the times it went down since it last was up: each one doubles the rest before the
    next trial. `revision` rises with every change, so that of two processes that decide at once one wins."""

    __tablename__ = "carriers"

    name: Mapped[str] = mapped_column(String(10), primary_key=True)
    state: Mapped[str] = mapped_column(String(5), default=UP)
    share: Mapped[float] = mapped_column(default=1.0)
    since: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=0)


class CarrierWindow(Base):
    """What came of the requests to a carrier in a few seconds from `began_at`."""

    __tablename__ = "carrier_windows"

    carrier: Mapped[str] = mapped_column(String(10), primary_key=True)
    began_at: Mapped[datetime] = mapped_column(primary_key=True)
    good: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
    slow: Mapped[int] = mapped_column(default=0)


class SenderNumber(Base):
    """One of our senders at a carrier. `free_at` is when everything handed over will have left at the sender's own pace."""

    __tablename__ = "sender_numbers"

    carrier: Mapped[str] = mapped_column(String(10), primary_key=True)
    sender: Mapped[str] = mapped_column(String(40), primary_key=True)
    free_at: Mapped[datetime]
