"""`scripts/manage set-up-link`."""

from __future__ import annotations

import argparse

from console.setup import links
from core.services import Services
from scripts.lib.terminal import say


def set_up_link(services: Services, _given: argparse.Namespace) -> int:
    """The link alone on the last line of stdout; those made before end."""
    with services.write() as session:
        token = links.make(session)
    say("Whoever opens this link first becomes the admin. It is good once, for 7 days, and is shown this once:")
    say(links.address(services.settings.public_url, token))
    return 0
