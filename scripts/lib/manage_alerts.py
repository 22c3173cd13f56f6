"""`scripts/manage alert-test`: does everybody of OPERATOR_ALERT hear of it when something is wrong?"""

from __future__ import annotations

import argparse

from core import log
from core.services import Services
from dispatch.operators import posting, telling
from scripts.lib.terminal import Refusal, say


def alert_test(services: Services, _given: argparse.Namespace) -> int:
    """Send one message to each; Refusal when nobody is named, or an address takes nothing."""
    settings = services.settings
    addresses = settings.alert_addresses
    if not addresses.numbers and not addresses.services:
        raise Refusal("OPERATOR_ALERT is not set: name numbers, mail addresses or webhooks, with commas between them")
    words = f"{settings.organisation}: a test of the operators' alert. Nothing is wrong."
    with services.write() as session:
        telling.text(session, settings, addresses.numbers, words)
    for number in addresses.numbers:
        say(f"{log.masked(number)}: in the outbox, leaves within a second while Doorstep runs")
    notice = telling.Notice(words, words)
    refused = [address for address in addresses.services if not _post(services, address, notice)]
    if refused:
        raise Refusal(f"{len(refused)} of {len(addresses.services)} addresses took nothing")
    return 0


def _post(services: Services, address: str, notice: telling.Notice) -> bool:
    taken = posting.post_noted(services, address, notice)
    say(f"{posting.shown(address)}: {'taken' if taken else 'NOT taken'}")
    return taken
