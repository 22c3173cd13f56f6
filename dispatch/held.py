"""What a transaction holds: the incidents that it has locked, and what it has read of them since.

Nobody else can change a locked incident or its callouts until the transaction ends, and whatever it changes itself it changes
in these very objects. So each is read once, however many answers the transaction handles.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from dispatch.models import Callout, Incident

_HELD = "held_incidents"


@dataclass
class Held:
    """The locked incidents; of these the callouts, as far as they were read; and the recent callouts of people, all of whose
    incidents are locked."""

    incidents: dict[str, Incident] = field(default_factory=dict)
    callouts: dict[str, list[Callout]] = field(default_factory=dict)
    recent: dict[int, list[Callout]] = field(default_factory=dict)

    def add(self, callout: Callout) -> None:
        """Somebody more is asked."""
        for known in (self.callouts.get(callout.incident_id), self.recent.get(callout.responder_id)):
            if known is not None:
                known.append(callout)


def by(session: Session) -> Held:
    """What the transaction of `session` holds."""
    held: Held = session.info.setdefault(_HELD, Held())
    return held
