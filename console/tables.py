"""Every table of every room, in one place: what migrations compare with and tests create."""

from __future__ import annotations

import console.models
import core.events
import core.heartbeats
import dispatch.api.models
import dispatch.models
import geo.models
import responder.models
import sms.models
from core.database import Base

ROOMS = (
    core.events,
    core.heartbeats,
    geo.models,
    sms.models,
    responder.models,
    dispatch.models,
    dispatch.api.models,
    console.models,
)
METADATA = Base.metadata
