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
    voice_from = settings.carrier.voice_from
    if voice_from is None:
        return (
            "note",
            "carrier",
            "takes our credentials; VOICE IS OFF, nobody is rung: set TWILIO_VOICE_FROM to a number that can",
        )
    return "ok", "carrier", f"takes our credentials; calls come from {voice_from}"
