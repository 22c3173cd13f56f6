"""Taking one person off one emergency: by a dispatcher, or because an admin has suspended them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from core.settings import Settings
from dispatch import advance, callouts, standing_down, waves, writing
from dispatch.models import Callout, Incident
from sms import outbox, purposes


def take_off(session: Session, settings: Settings, incident: Incident, row: Callout, actor: str) -> bool:
    """Tell one person who was asked, is going or is there that they need not go; their place is filled as when one drops out,
    and they are not asked again by themselves. The caller has locked the incident. Whether they were still on it."""
    key = standing_down.TEXTS.get((waves.TAKEN_OFF, standing_down.group(row.state) or ""))
    if key is None:
        return False
    never_left = standing_down.cancel_unsent(session, [row])
    # An address that waits to be sent would send them off after all.
    outbox.cancel(session, writing.ABOUT, [row.id], [purposes.ADDRESS, purposes.CORRECTION])
    callouts.move(session, row, "stand_down", actor, stood_down_as=waves.TAKEN_OFF)
    if row.id not in never_left:
        writing.send(session, settings, key, purposes.STAND_DOWN, row)
    advance.advance(session, settings, incident, actor)
    return True
