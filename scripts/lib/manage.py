"""`scripts/manage`: one function a command."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable
from contextlib import ExitStack

import structlog
from sqlalchemy.exc import SQLAlchemyError

from console import keys
from core.problems import Problem
from core.services import Services, open_services
from scripts.lib import (
    checking,
    manage_alerts,
    manage_area,
    manage_backup,
    manage_import,
    manage_incidents,
    manage_service,
    manage_set_up,
    manage_users,
    running,
)
from scripts.lib.installation import enter_root, migrate, read_settings
from scripts.lib.plainly import plain
from scripts.lib.terminal import Refusal, complain, say

NAME = "scripts/manage"
INTERRUPTED = 130
Command = Callable[[Services, argparse.Namespace], int]


def create_api_key(services: Services, given: argparse.Namespace) -> int:
    """The secret alone on the last line of stdout."""
    scopes = given.scope or ["incidents"]
    with services.write() as session:
        secret = keys.create(session, given.name, scopes)
    say(f"The key {given.name} may be used for {', '.join(sorted(set(scopes)))}. It is shown this once:")
    say(secret)
    return 0


COMMANDS: dict[str, Command] = {
    "import-responders": manage_import.import_responders,
    "import-area": manage_area.import_area,
    "import-zone": manage_area.import_zone,
    "create-api-key": create_api_key,
    "create-user": manage_users.create_user,
    "set-up-link": manage_set_up.set_up_link,
    "alert-test": manage_alerts.alert_test,
    "backup": manage_backup.backup,
    "open-incident": manage_incidents.open_incident,
    "correct-incident": manage_incidents.correct_incident,
    "show-incident": manage_incidents.show_incident,
    "list-incidents": manage_incidents.list_incidents,
    "stand-down": manage_incidents.stand_down,
    "close-incident": manage_incidents.close_incident,
    "reopen-incident": manage_incidents.reopen_incident,
}
WITHOUT_DATABASE: dict[str, Callable[[argparse.Namespace], int]] = {
    "check": lambda _: checking.check(),
    "restore": manage_backup.restore,
    "install-service": manage_service.install_service,
}
"""Commands that must also work where the database cannot be opened or migrated, or that replace it."""


def main(given: argparse.Namespace) -> int:
    """Carry out one command. 0 done, 1 when `check` found something wrong, 2 with one line on stderr otherwise."""
    # The log lines of the rooms are for processes that run; here the command itself says what happened.
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        enter_root(given.data)
        if given.command in WITHOUT_DATABASE:
            return WITHOUT_DATABASE[given.command](given)
        return _carry_out(given)
    except Problem as problem:
        complain(NAME, plain(problem))
    except Refusal as why:
        complain(NAME, why)
    except SQLAlchemyError as error:
        complain(NAME, f"the database cannot be used ({str(error).splitlines()[0]})")
    except KeyboardInterrupt:
        return INTERRUPTED
    return 2


def _carry_out(given: argparse.Namespace) -> int:
    running.adopt(read_settings().data_dir.absolute())
    with ExitStack() as stack:
        services = open_services(read_settings())
        stack.callback(services.database.close)
        migrate(services, tell=lambda _: None)  # stdout is for the answer, stderr for one complaint
        return COMMANDS[given.command](services, given)
