"""How long to wait before a process that died is started again."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_S = 0.5
LONGEST_S = 30.0
HEALTHY_AFTER_S = 60.0


@dataclass
class Backoff:
    """Half a second, doubling to 30 s; a minute of health starts anew."""

    deaths: int = 0

    def next_s(self, lived_s: float) -> float:
        """Seconds to wait after a process that lived `lived_s` seconds has died."""
        if lived_s >= HEALTHY_AFTER_S:
            self.deaths = 0
        self.deaths += 1
        return min(LONGEST_S, FIRST_S * 2.0 ** (self.deaths - 1))
