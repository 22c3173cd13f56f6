"""Whether the carrier knows us, as `scripts/manage check` says it."""

from __future__ import annotations

from console.setup.carrier import look
from core.settings import Settings

Found = tuple[str, str, str]


ADVICE = (
    "a messaging service is in use: take CANCEL, END and QUIT out of its opt-out words (Console, Advanced Opt-Out), "
    "or whoever stands down with one of them gets no more texts"
)


def carrier(settings: Settings, running_at: str | None) -> Found:
    """Level, subject and words of one finding about the carrier."""
    if settings.simulating and running_at is None:
        return "ok", "carrier", "SIMULATED: no text leaves this machine (set TWILIO_* for a real one)"
    found = look(settings)
    if not found.reached:
        return "FAULT", "carrier", found.words
    if settings.simulating:
        return "ok", "carrier", "SIMULATED, and it answers: no text leaves this machine"
    return "ok", "carrier", "takes our credentials; voice: not yet"
