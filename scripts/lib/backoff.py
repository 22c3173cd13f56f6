"""How long to wait before a process that died is started again."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_S = 0.5
LONGEST_S = 30.0
FORGIVEN_AFTER_S = 5.0
"""A process that dies while it starts would do nothing else but start. One that worked for a while first is wanted back at
once, however often it dies: on an emergency line half a minute without it is worse than a start too many."""
_MOST_DEATHS = 7


@dataclass
class Backoff:
    """Half a second, doubling to 30 s; each 5 s of life count one death less."""

    deaths: int = 0

    def next_s(self, lived_s: float) -> float:
        """Seconds to wait after a process that lived `lived_s` seconds has died."""
        self.deaths = min(_MOST_DEATHS, max(0, self.deaths - int(lived_s / FORGIVEN_AFTER_S)) + 1)
        return min(LONGEST_S, FIRST_S * 2.0 ** (self.deaths - 1))
