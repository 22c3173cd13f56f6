"""What `scripts/manage` may be told. Standard library only: it is read before anything is installed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.lib.terminal import Parser, complain

NOT_YET = {
    "import-aeds": "AEDs from GeoJSON, CSV or OSM",
}
"""Promised commands that do not exist so far, each with what it will be for."""


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a wrong one ends the process with status 2 and one line on stderr."""
    parser = _parser()
    given, unknown = parser.parse_known_args(arguments)
    if given.command in NOT_YET:
        complain(parser.prog, f"not yet: {given.command} ({NOT_YET[given.command]})")
        sys.exit(2)
    if unknown:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    given.data = given.data.absolute() if given.data else None
    return given


def _parser() -> Parser:
    parser = Parser(prog="scripts/manage", description="Look after Doorstep: people, keys, incidents, checks.")
    parser.add_argument("--data", type=Path, metavar="DIR", help="data folder (var/; same as DATA_DIR)")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_people_and_keys(commands)
    _add_reports(commands)
    _add_endings(commands)
    _add_operation(commands)
    for name, what in NOT_YET.items():
        commands.add_parser(name, help=f"not yet: {what}", description=f"Not yet: {what}.")
    return parser


Commands = argparse._SubParsersAction


def _command(commands: Commands[Parser], name: str, what: str) -> Parser:
    parser = commands.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".")
    # Also after the command, where most people write it; left out there, what stood before the command holds.
    parser.add_argument("--data", type=Path, metavar="DIR", default=argparse.SUPPRESS, help="data folder (var/)")
    return parser


def _add_people_and_keys(commands: Commands[Parser]) -> None:
    people = _command(commands, "import-responders", "import volunteers from a CSV file; good rows go in, bad ones are told")
    people.add_argument("file", type=Path, metavar="FILE.csv")
    people.add_argument("--dry-run", action="store_true", help="only tell what would happen")
    people.add_argument("--unverified", action="store_true", help="certifications wait for somebody to verify them")
    area = _command(commands, "import-area", "import the addresses and the map of a town; they replace those known before")
    area.add_argument("file", type=Path, metavar="FILE.osm.pbf")
    _add_zone(commands)
    key = _command(commands, "create-api-key", "make a key for a program; its secret is the last line printed, once")
    key.add_argument("name", metavar="NAME")
    key.add_argument("--scope", action="append", metavar="SCOPE", help="incidents (default), people or read; may be repeated")
    user = _command(commands, "create-user", "let somebody sign in; the password is the last line printed, once")
    user.add_argument("name", metavar="NAME", help="to sign in with, for example anna.aalto")
    user.add_argument("--role", required=True, metavar="ROLE", help="dispatcher, admin or auditor")


def _add_operation(commands: Commands[Parser]) -> None:
    _command(commands, "check", "look at settings, database, Redis, carrier, webhooks, clocks, languages and backups")
    _command(commands, "alert-test", "send a message to everybody of OPERATOR_ALERT, and say who took it")
    _command(commands, "set-up-link", "make a link for whoever sets this service up; it is the last line printed, once")
    saving = _command(commands, "backup", "write a verified backup while everything runs")
    saving.add_argument("file", type=_from_here, metavar="FILE", help="a folder: a dated file in it, the newest 7 kept")
    restoring = _command(commands, "restore", "put a backup in the place of what is there, which is kept beside it")
    restoring.add_argument("file", type=_from_here, metavar="FILE")
    service = _command(commands, "install-service", "write systemd units that run it and back it up every night; print them")
    service.add_argument("--user", metavar="NAME", help="the account it runs as (default: the checkout's owner)")
    service.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="address to listen on (127.0.0.1)")
    service.add_argument(
        "--port", type=int, default=8000, metavar="N", help="port of the console (8000); N + 1 is kept as well"
    )
    service.add_argument("--print", action="store_true", help="only print them")


def _from_here(text: str) -> Path:
    """A path as the caller means it, before this process goes to the repository's root."""
    return Path(text).absolute()


def _add_zone(commands: Commands[Parser]) -> None:
    zone = _command(commands, "import-zone", "import the border of the service area from GeoJSON; it replaces the one before")
    zone.add_argument("file", type=Path, metavar="FILE.geojson")
    zone.add_argument("--name", metavar="NAME", help="what it is called (the file's name)")
    zone.add_argument(
        "--inhabitants-per-km2", type=int, metavar="N", help="roughly; how far volunteers are asked depends on it"
    )
    zone.add_argument("--exclusion", action="store_true", help="a part where nobody is asked")
    zone.add_argument("--beside", action="store_true", help="keep what is there and add this")


def _add_reports(commands: Commands[Parser]) -> None:
    opening = _command(commands, "open-incident", "report an emergency")
    opening.add_argument("--type", required=True, metavar="TYPE", help="cardiac_arrest, breathing, bleeding …")
    opening.add_argument("--external-id", metavar="ID", help="the CAD system's number; the same again opens nothing new")
    opening.add_argument("--drill", action="store_true", help="an exercise over the real channel")
    _add_facts(opening)
    correcting = _command(commands, "correct-incident", "correct an open incident")
    correcting.add_argument("incident", metavar="INCIDENT", help="its id or code")
    correcting.add_argument("--type", metavar="TYPE")
    _add_facts(correcting)


def _add_facts(parser: Parser) -> None:
    parser.add_argument("--address", metavar="ADDRESS", help='street and number, e.g. "Mannerheimintie 5 B 12"')
    parser.add_argument("--lat", type=float, metavar="DEGREES", help="with --lon, instead of an address")
    parser.add_argument("--lon", type=float, metavar="DEGREES")
    parser.add_argument("--access-notes", metavar="WORDS", help="door code, floor; only those who come read it")
    parser.add_argument("--caller-phone", metavar="NUMBER")
    parser.add_argument("--ambulance-eta-s", type=int, metavar="SECONDS", help="how soon the ambulance will be there")
    parser.add_argument("--hazard", action="append", metavar="HAZARD", help="violence, traffic …; may be repeated")


def _add_endings(commands: Commands[Parser]) -> None:
    standing_down = _command(commands, "stand-down", "tell volunteers that they are not needed")
    standing_down.add_argument("incident", metavar="INCIDENT", help="its id or code")
    standing_down.add_argument("--reason", required=True, metavar="REASON", help="covered, ambulance_on_scene, not_needed …")
    closing = _command(commands, "close-incident", "close an incident")
    closing.add_argument("incident", metavar="INCIDENT", help="its id or code")
    closing.add_argument("--outcome", required=True, metavar="OUTCOME", help="helped, ambulance_first, not_needed, not_found …")
    for name, what in (("reopen-incident", "open a closed incident again"), ("show-incident", "print an incident as JSON")):
        _command(commands, name, what).add_argument("incident", metavar="INCIDENT", help="its id or code")
    listing = _command(commands, "list-incidents", "list incidents, newest first")
    listing.add_argument("--state", choices=("open", "closed"), help="only those")
