"""The demonstration: one emergency in the demo town, played through the real API by simulated volunteers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from console import keys
from core import clock
from scripts.lib.http_client import Failed, call, wait_ready
from scripts.lib.installation import Installation
from scripts.lib.narrator import Narrator
from scripts.lib.terminal import BOLD, GREEN, RED, colour, say

ADDRESS = "Aleksanterinkatu 21"
READY_WITHIN_S = 30.0
COVERED_WITHIN_S = 60.0
FIRST_ARRIVES_WITHIN_S = 10.0
ARRIVED_WITHIN_S = 2.2
LEFT_WITHIN_S = 3.0
_LOOK_EVERY_S = 0.2


@dataclass(frozen=True)
class Verdict:
    """How it went: the exit status and the last line."""

    status: int
    line: str


class Demonstration:
    """Raises the emergency, tells it as it happens, and brings it to its end."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._url = installation.url
        self._narrator = Narrator(installation.services)
        self.verdict = Verdict(1, colour("NOT COVERED: the demonstration was interrupted.", RED))

    def run(self) -> None:
        """Play it from beginning to end; `verdict` then says how it went."""
        try:
            self.verdict = self._play()
        except Failed as error:
            self.verdict = Verdict(1, colour(f"NOT COVERED: {error}", RED))
        except Exception as error:
            self.verdict = Verdict(1, colour(f"NOT COVERED: {type(error).__name__}: {error}", RED))

    def _play(self) -> Verdict:
        condition = wait_ready(self._url, READY_WITHIN_S, whole=True)
        if condition is None:
            return Verdict(1, colour(f"NOT COVERED: nothing answered at {self._url} within {READY_WITHIN_S:.0f} s.", RED))
        with self._installation.services.write() as session:
            self._key = keys.create(session, f"headless-demo-{time.time_ns()}", ["incidents"])
        say()
        say(colour("A dispatcher reports a cardiac arrest by POST /api/v1/incidents", BOLD))
        raised_at = clock.now()
        incident = self._call("POST", "", {"type": "cardiac_arrest", "address": ADDRESS, "access_notes": "door code 1234"})
        self._narrator.begin(incident, raised_at)
        covered = self._watch(incident["id"], COVERED_WITHIN_S, lambda now: bool(now["covered"]))
        took_s = (clock.now() - raised_at).total_seconds()
        if not covered["covered"]:
            return Verdict(1, colour(f"NOT COVERED after {COVERED_WITHIN_S:.0f} s: {_why_not(covered)}.", RED))
        self._end(incident["id"])
        coming = [callout for callout in covered["callouts"] if callout["state"] in ("accepted", "on_scene", "finished")]
        asked = len(covered["callouts"])
        return Verdict(0, colour(f"COVERED in {took_s:.1f} s: {len(coming)} volunteers came, of {asked} asked.", GREEN))

    def _end(self, incident_id: str) -> None:
        """Show the rest of it: they arrive, then the ambulance, somebody leaves."""
        until = time.monotonic() + ARRIVED_WITHIN_S
        self._watch(incident_id, FIRST_ARRIVES_WITHIN_S, lambda now: "on_scene" in _states(now))
        self._watch(incident_id, max(0.0, until - time.monotonic()), lambda now: "accepted" not in _states(now))
        self._narrator.say("The ambulance is there.")
        self._call("POST", f"/{incident_id}/stand-down", {"reason": "ambulance_on_scene"})
        self._watch(incident_id, LEFT_WITHIN_S, lambda now: "finished" in _states(now))
        self._call("POST", f"/{incident_id}/close", {"outcome": "helped"})
        self._narrator.look()

    def _watch(self, incident_id: str, within_s: float, enough: Any) -> dict[str, Any]:
        deadline = time.monotonic() + within_s
        while True:
            now = self._call("GET", f"/{incident_id}")
            self._narrator.look()
            if enough(now) or time.monotonic() >= deadline:
                return now
            time.sleep(_LOOK_EVERY_S)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return call(method, f"{self._url}/api/v1/incidents{path}", self._key, body)


def _states(incident: dict[str, Any]) -> set[str]:
    return {callout["state"] for callout in incident["callouts"]}


def _why_not(incident: dict[str, Any]) -> str:
    states = [callout["state"] for callout in incident["callouts"]]
    counts = ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))
    return counts or "nobody was asked"
