"""What people have been asked and have given, in numbers: the words for it, which the pages show. The rooms above count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

SPANS = {"month": timedelta(days=30), "year": timedelta(days=365)}
"""Over how long is counted."""


class Given(NamedTuple):
    """How often, in one span of time: `alerts` that reached them, `accepted` those they set out for, `on_scene`. Then what
    wears people out: `false_alarms` among the alerts, and `last_to_arrive`, when others were there before and nobody after."""

    alerts: int = 0
    accepted: int = 0
    on_scene: int = 0
    false_alarms: int = 0
    last_to_arrive: int = 0


LedgerOf = Callable[[Session, int], Mapping[str, Given]]
"""What one person has given, by the names of `SPANS`. Drills count in none."""
