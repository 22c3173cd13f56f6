"""`scripts/manage`: one function a command."""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
from collections.abc import Callable
from contextlib import ExitStack

import structlog
from sqlalchemy.exc import SQLAlchemyError

from core.problems import Problem
from core.services import open_services
from scripts.lib import reading, running
from scripts.lib.first_things import enter_root, migrate, read_settings
from scripts.lib.plainly import plain
from scripts.lib.terminal import Refusal, complain

NAME = "scripts/manage"
INTERRUPTED = 130
COMMANDS = {
    "import-responders": "manage_import.import_responders",
    "import-area": "manage_area.import_area",
    "import-zone": "manage_area.import_zone",
    "create-api-key": "manage_keys.create_api_key",
    "create-user": "manage_users.create_user",
    "set-up-link": "manage_set_up.set_up_link",
    "alert-test": "manage_alerts.alert_test",
    "backup": "manage_backup.backup",
    "open-incident": "manage_incidents.open_incident",
    "correct-incident": "manage_incidents.correct_incident",
    "show-incident": "manage_incidents.show_incident",
    "list-incidents": "manage_incidents.list_incidents",
    "stand-down": "manage_incidents.stand_down",
    "close-incident": "manage_incidents.close_incident",
    "reopen-incident": "manage_incidents.reopen_incident",
}
"""The function of each command, by its name: to read the code of all of them would take longer than most take to do."""
WITHOUT_DATABASE = {
    "check": "checking.check",
    "restore": "manage_backup.restore",
    "install-service": "manage_service.install_service",
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
            return _function(WITHOUT_DATABASE[given.command])(given)
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
        return _function(COMMANDS[given.command])(services, given)


def _function(name: str) -> Callable[..., int]:
    module, _, function = name.partition(".")
    with reading.undisturbed():
        found: Callable[..., int] = getattr(importlib.import_module(f"scripts.lib.{module}"), function)
    return found
