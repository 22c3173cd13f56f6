"""Once a minute everything that is past its time is forgotten, in small transactions, for a second or two at most: what is left
waits for the next minute. Nothing is remembered between rounds but what stands in the database, so a restart loses nothing."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import Counter
from sqlalchemy.orm import Session

from core import clock, events, log, milestones
from core.services import Services
from core.settings import Settings
from dispatch.retention.rules import RULES
from sms import measures

MAY_TAKE_S = 2.0
"""The thread that does this also gives the conductor's sign of life."""
MOST_COUNTED = 1000
_FORGOTTEN = Counter(
    "doorstep_forgotten",
    "Things that were forgotten because their time was over.",
    ["what"],
    registry=measures.REGISTRY,
)
_log = log.get("retention")


def run(services: Services) -> int:
    """Forget what is due, as much as fits into the time of a round, every rule in turn. Returns how many things that were. A
    rule that breaks keeps none of the others from their turns, and is tried again in the next round."""
    ends_s = clock.monotonic_s() + MAY_TAKE_S
    left = {rule.key: (rule.step, rule.most_a_round) for rule in RULES if rule.step is not None}
    counts, broken = dict.fromkeys(left, 0), dict[str, str]()
    while left:
        for key, (step, most) in tuple(left.items()):
            try:
                did = step(services)
            except Exception as error:
                _log.exception("a rule of retention broke", rule=key)
                broken[key], did = type(error).__name__, None
            counts[key] += did or 0
            if did is None or counts[key] >= most:
                del left[key]
            services.database.give_way()
        if clock.monotonic_s() > ends_s:
            break
    with services.write() as session:
        for key, count in counts.items():
            if key in broken:
                events.record(session, "retention_failed", rule=key, error=broken[key])
            else:
                done(session, key, count)
    return sum(counts.values())


def done(session: Session, rule: str, count: int) -> None:
    """Note that a rule was followed just now, and how many things went."""
    before = milestones.reached(session).get(_name(rule))
    total = int(before.data.get("total", 0)) if before else 0
    milestones.note(session, _name(rule), total=total + count)
    if count:
        events.record(session, "retention_done", rule=rule, count=count)
        _FORGOTTEN.labels(rule).inc(count)
        _log.info("forgotten", rule=rule, count=count)


def last_runs(session: Session) -> Mapping[str, milestones.Milestone]:
    """When each rule was last followed, and how many things it has made us forget so far, by its key."""
    reached = milestones.reached(session)
    return {rule.key: reached[_name(rule.key)] for rule in RULES if _name(rule.key) in reached}


def due(session: Session, settings: Settings) -> Mapping[str, int]:
    """How much is past its time, by rule, counted to `MOST_COUNTED`."""
    return {rule.key: rule.due(session, settings, MOST_COUNTED) for rule in RULES}


def _name(rule: str) -> str:
    return f"retention_{rule}"
