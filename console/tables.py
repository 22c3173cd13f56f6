"""Every table of every room, in one place: what migrations compare with and tests create."""

from __future__ import annotations

import console.models
import console.setup.models
import core.agency
import core.events
import core.faults
import core.heartbeats
import core.milestones
import dispatch.api.models
import dispatch.models
import dispatch.retention.models
import geo.models
import responder.bulk.models
import responder.care.models
import responder.certificates.models
import responder.coverage.models
import responder.imports.models
import responder.joining.models
import responder.links.models
import responder.models
import sms.carriers.models
import sms.models
from core.database import Base

ROOMS = (
    core.agency,
    core.events,
    core.faults,
    core.heartbeats,
    core.milestones,
    geo.models,
    sms.models,
    sms.carriers.models,
    responder.models,
    responder.bulk.models,
    responder.care.models,
    responder.certificates.models,
    responder.coverage.models,
    responder.imports.models,
    responder.joining.models,
    responder.links.models,
    dispatch.models,
    dispatch.retention.models,
    dispatch.api.models,
    console.models,
    console.setup.models,
)
METADATA = Base.metadata
