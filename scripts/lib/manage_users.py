"""`scripts/manage create-user`: somebody who may sign in."""

from __future__ import annotations

import argparse

from console.accounts import passwords, users
from core.services import Services
from scripts.lib.terminal import say


def create_user(services: Services, given: argparse.Namespace) -> int:
    """The password alone on the last line of stdout; only its hash is kept."""
    password = passwords.generate()
    with services.write() as session:
        user = users.add(session, given.name, given.role, password, "operator", given=True)
    say(f"{user.name} may sign in at {services.settings.public_url}/sign-in, role: {user.role}.")
    say("The password is shown this once:")
    say(password)
    return 0
