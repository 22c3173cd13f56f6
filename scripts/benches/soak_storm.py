"""The storm: emergencies that are raised until somebody says that they have them, and processes that are killed meanwhile."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from scripts.benches import soak_town
from scripts.benches.whole import Whole

ASK_AGAIN_S = 0.3
KILL_EVERY_S = 2.0
_AT_ONCE = 16
_TIMEOUT_S = (1.0, 10.0)


@dataclass
class Storm:
    """What is raised over `seconds`, and how it went: the time until each emergency was acknowledged, and who was killed.
    `victims` are the parts that may be, all where it is None; `others` are none of its parts, and how to hurt them."""

    running: Whole
    incidents: int
    seconds: float
    victims: Sequence[str] | None = None
    others: Mapping[str, Callable[[], None]] = field(default_factory=dict)
    seed: int = 1
    acknowledged_s: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)
    last_kill_at: float = 0.0

    @staticmethod
    def sites_for(incidents: int) -> int:
        """How many places there are; the second emergency of a place begins when its first one is closed."""
        return min(soak_town.MOST_SITES, max(1, incidents // 2))

    @property
    def external_ids(self) -> list[str]:
        """By what names the load knows its emergencies."""
        return [f"soak-{number}" for number in range(self.incidents)]

    def rage(self) -> None:
        """Return when every emergency is acknowledged and the last process was killed."""
        until = time.monotonic() + self.seconds
        killer = threading.Thread(target=self._kill_until, args=(until,))
        killer.start()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(self._one, range(self.incidents)))
        killer.join()

    def _one(self, number: int) -> None:
        before = number - self.sites_for(self.incidents)
        if before >= 0 and (incident := self._until_acknowledged(before)) is not None:
            self._close(incident["id"])
        started = time.monotonic()
        if self._until_acknowledged(number) is not None:
            self.acknowledged_s.append(time.monotonic() - started)
        rest_s = self.seconds * 0.9 * _AT_ONCE / self.incidents - (time.monotonic() - started)
        if rest_s > 0:
            time.sleep(rest_s)

    def _until_acknowledged(self, number: int) -> dict[str, Any] | None:
        """POST an emergency until the answer is that we have it; the same name never makes two."""
        lat, lon = soak_town.place(number % self.sites_for(self.incidents))
        body = {"type": "cardiac_arrest", "location": {"lat": lat, "lon": lon}, "external_id": f"soak-{number}"}
        return self._insist("/api/v1/incidents", body)

    def _close(self, incident_id: str) -> None:
        self._insist(f"/api/v1/incidents/{incident_id}/close", {"outcome": "helped"}, enough=(409,))

    def _insist(self, path: str, body: dict[str, Any], enough: tuple[int, ...] = ()) -> dict[str, Any] | None:
        while True:
            with suppress(requests.RequestException), requests.Session() as session:
                session.trust_env = False
                headers = {"Authorization": f"Bearer {self.running.key}"}
                answer = session.post(self.running.ready.url + path, json=body, headers=headers, timeout=_TIMEOUT_S)
                if answer.ok:
                    said: dict[str, Any] = answer.json()
                    return said
                if answer.status_code in enough:
                    return None
                if answer.status_code < 500 and answer.status_code != 429:
                    self.refused.append(f"{path} {answer.status_code} {answer.text[:200]}")
                    return None
            time.sleep(ASK_AGAIN_S)

    def _kill_until(self, until: float) -> None:
        dice = random.Random(self.seed)
        while time.monotonic() < until:
            time.sleep(KILL_EVERY_S)
            pids = self.running.boss.pids()
            alive = sorted(name for name in (*pids, *self.others) if self.victims is None or name in self.victims)
            if not alive:
                continue
            name = dice.choice(alive)
            if name in self.others:
                self.others[name]()
            else:
                with suppress(ProcessLookupError):
                    os.kill(_one_of(pids[name], name, dice), signal.SIGKILL)
            self.killed[name] += 1
            self.last_kill_at = time.time()


def _one_of(pid: int, name: str, dice: random.Random) -> int:
    """The web server is several processes: any of them."""
    if not name.startswith("web"):
        return pid
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        return dice.choice([pid, *map(int, children)])
    return pid
