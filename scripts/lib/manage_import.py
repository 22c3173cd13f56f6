"""`scripts/manage import-responders`."""

from __future__ import annotations

import argparse

from core.services import Services
from geo.geocoding import open_geocoder
from responder.imports import importing
from scripts.lib.progress import bar
from scripts.lib.terminal import Refusal, complain, say


def import_responders(services: Services, given: argparse.Namespace) -> int:
    """Import a CSV file; 2 when a row was refused, the good ones being in."""
    try:
        with bar("importing") as progress:
            report = importing.run(
                services,
                open_geocoder(services),
                given.file,
                dry_run=given.dry_run,
                unverified=given.unverified,
                progress=progress,
            )
    except importing.UnusableFile as error:
        named = "" if str(given.file) in str(error) else f"{given.file}: "
        raise Refusal(f"{named}{error}") from error
    for line in report.lines():
        say(line)
    if report.refused_rows:
        complain("scripts/manage", f"{report.refused_rows} row(s) of {given.file} were refused; the lines above say why")
        return 2
    return 0
