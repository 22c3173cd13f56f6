"""A 3: there. Somebody who said it at a door that turned out to be the wrong one is on their way again until they say it anew,
and what they answer is about that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dispatch import callouts, waves
from dispatch.answers.heard import Heard


def arrives(heard: Heard) -> bool:
    """Note that they are there; False when they do not come, or are there already."""
    callout, values = heard.callout, _arrival(heard)
    if callout.at_old_address:
        for name, value in values.items():
            setattr(callout, name, value)
    elif not callouts.move(heard.session, callout, "arrive", heard.actor, **values):
        return False
    heard.touched.add(callout.incident_id)
    return True


def goes_no_further(heard: Heard) -> None:
    """A 2 at the old address: the right one is too far for them, as T6 asks. Their place is free."""
    values = {"stood_down_as": waves.CANNOT, "answered_at": heard.now}
    if callouts.move(heard.session, heard.callout, "stand_down", heard.actor, **values):
        heard.touched.add(heard.callout.incident_id)


def _arrival(heard: Heard) -> dict[str, Any]:
    """What a 3 writes down. Whoever is at the door has found the address, so nobody needs to ring them with it; unless it was
    corrected and may not have reached them: then they stand where they were sent first, and it counts as said before. Said once
    more it counts all the same, for that a text has arrived is not always told."""
    callout, placed_at = heard.callout, heard.callout.incident.placed_at
    just_before = placed_at - timedelta(microseconds=1)
    was_corrected = callout.answered_at is not None and callout.answered_at < placed_at
    if was_corrected and callout.address_due_at is not None and callout.on_scene_at != just_before:
        return {"on_scene_at": just_before, "checked_at": None}
    return {"on_scene_at": heard.now, "checked_at": None, "address_due_at": None}
