"""The watch: looks every few seconds at everything that can be wrong, and lets faults stand and end."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence

from core import faults, log
from core.services import Services
from dispatch.operators.looks import LOOKS, Finding, Look

EVERY_S = 5.0
Key = tuple[str, str]
_log = log.get("watch")


def look(services: Services, looks: Sequence[Look] = LOOKS) -> None:
    """Look once. A look that breaks says nothing about its faults, and keeps no other from being made."""
    for one in looks:
        try:
            _look(services, one)
        except Exception:
            _log.exception("a look broke", kinds=one.kinds)


def look_here(services: Services) -> None:
    """Look at this machine alone."""
    look(services, [one for one in LOOKS if one.here])


def _look(services: Services, one: Look) -> None:
    with services.read() as session:
        # First what stands: what begins to stand meanwhile is not ended for not having been seen.
        known = {(fault.kind, fault.subject): fault.facts for fault in faults.standing(session)}
        found = list(one.see(session, services))
    over = ended(known, found, one, socket.gethostname())
    said = [finding for finding in found if known.get((finding.kind, finding.subject)) != finding.facts]
    if not said and not over:
        return  # nearly every look: it takes no turn to write
    with services.write() as session:
        for finding in said:
            faults.stand(session, finding.kind, finding.subject, **finding.facts)
        for kind, subject in over:
            faults.end(session, kind, subject)


def ended(standing: Iterable[Key], found: Iterable[Finding], one: Look, here: str) -> list[Key]:
    """Which of those that stand are over: of this look's kinds, and not found any more. A look at one machine ends nothing of
    another's."""
    there = {(finding.kind, finding.subject) for finding in found}
    of_this = (key for key in standing if key[0] in one.kinds and (not one.here or key[1] == here))
    return sorted(key for key in of_this if key not in there)
