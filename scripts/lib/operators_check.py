"""What `scripts/manage check` says of those who are told, of canaries, of what stands wrong, and of the carrier's clock."""

from __future__ import annotations

from collections.abc import Iterator

from console.setup import carrier
from core import log
from core.services import Services
from core.settings import Settings
from dispatch.operators import posting, shown
from sms import canary

Found = tuple[str, str, str]
OK, NOTE, FAULT = "ok", "note", "FAULT"
CLOCKS_MAY_DIFFER_S = 5.0
"""A Date header is written in whole seconds, and an answer is under way."""


def operator_alert(settings: Settings) -> Iterator[Found]:
    """Whether anybody is told when something is wrong, and whether each address can be used."""
    addresses = settings.alert_addresses
    unusable = [posting.shown(one) for one in addresses.services if posting.opened(one) is None]
    if unusable:
        yield FAULT, "operators", f"OPERATOR_ALERT: {', '.join(unusable)} is no address that apprise can use"
    told = [*map(log.masked, addresses.numbers), *(posting.shown(one) for one in addresses.services)]
    if not told:
        yield (
            NOTE,
            "operators",
            "nobody is told when something is wrong: set OPERATOR_ALERT (numbers, mail, webhooks)",
        )
    elif not unusable:
        yield OK, "operators", f"{', '.join(told)} are told; scripts/manage alert-test sends each a message"


def canaries(services: Services) -> Found:
    """Whether texts are known to go out and come back."""
    settings = services.settings
    if settings.canary_number is None:
        return NOTE, "canary", "off: it needs a second number in TWILIO_FROM, or CANARY_TO, a phone whose texts arrive here"
    with services.read() as session:
        missed, took_s = canary.is_missed(session, settings), canary.latency_s(session)
    if missed:
        return FAULT, "canary", "two in a row went out and did not come back: docs/runbook.md, canary-missed"
    if took_s is None:
        return OK, "canary", "none has come back so far; one goes out every hour while Doorstep runs"
    return OK, "canary", f"the newest was back in {took_s:.0f} s"


def standing(services: Services) -> Iterator[Found]:
    """What the running system says is wrong with it."""
    with services.read() as session:
        for one in shown.standing(session):
            yield FAULT if one.urgent else NOTE, "faults", f"{one.title}, since {one.since:%Y-%m-%d %H:%M} UTC: {one.do}"


def opt_out_words(settings: Settings) -> Found:
    """Words that people write in an emergency, and on which the carrier blocks them unless it is told not to."""
    if settings.simulating:
        return OK, "opt-out", "the simulated carrier obeys the same words as Twilio"
    where = "in a Messaging Service with Advanced Opt-Out" if settings.twilio_messaging_service_sid else "at the carrier"
    words = "take CANCEL, END and QUIT out of the opt-out words"
    return NOTE, "opt-out", f"{words} {where}: a volunteer who writes one of them would never be texted again"


def carrier_clock(settings: Settings) -> Found | None:
    """Our clock against the carrier's Date header; None while the carrier does not answer, which is told elsewhere."""
    apart_s = carrier.look(settings).apart_s
    if apart_s is None:
        return None
    if apart_s > CLOCKS_MAY_DIFFER_S:
        return FAULT, "clocks", f"this machine and the carrier are {apart_s:.0f} s apart: run an NTP client"
    return OK, "clocks", "this machine and the carrier agree"
