"""`scripts/manage create-api-key`."""

from __future__ import annotations

import argparse

from console import keys
from core.services import Services
from scripts.lib.terminal import say


def create_api_key(services: Services, given: argparse.Namespace) -> int:
    """The secret alone on the last line of stdout."""
    scopes = given.scope or ["incidents"]
    with services.write() as session:
        secret = keys.create(session, given.name, scopes)
    say(f"The key {given.name} may be used for {', '.join(sorted(set(scopes)))}. It is shown this once:")
    say(secret)
    return 0
