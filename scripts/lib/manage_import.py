"""`scripts/manage import-responders`."""

from __future__ import annotations

import argparse

from core.services import Services
from geo.geocoding import open_geocoder
from responder.imports import importing, jobs, working
from responder.imports.ledger import Ledger
from responder.imports.report import Report
from scripts.lib.progress import bar
from scripts.lib.terminal import Refusal, complain, say

ACTOR = "operator"


def import_responders(services: Services, given: argparse.Namespace) -> int:
    """Import a CSV file; 2 when a row was refused, the good ones being in."""
    try:
        report = _run(services, given, None) if given.dry_run else _noted(services, given)
    except importing.UnusableFile as error:
        named = "" if str(given.file) in str(error) else f"{given.file}: "
        raise Refusal(f"{named}{error}") from error
    for line in report.lines():
        say(line)
    if report.refused_rows:
        complain("scripts/manage", f"{report.refused_rows} row(s) of {given.file} were refused; the lines above say why")
        return 2
    return 0


def _noted(services: Services, given: argparse.Namespace) -> Report:
    """The same, so that it can be undone on the pages."""
    row = jobs.begin_by_command(services, given.unverified, ACTOR)
    try:
        report = _run(services, given, Ledger(services, row.id))
        working.end(services, row, jobs.DONE, **working.counts(report))
    except importing.UnusableFile:
        jobs.discard(services, row.id)
        raise
    except jobs.Superseded:
        raise Refusal("an admin is undoing this import on the pages: it was ended, and they see who had come in") from None
    return report


def _run(services: Services, given: argparse.Namespace, ledger: Ledger | None) -> Report:
    with bar("importing") as progress:
        return importing.run(
            services,
            open_geocoder(services),
            given.file,
            dry_run=given.dry_run,
            unverified=given.unverified,
            actor=ACTOR,
            progress=progress,
            ledger=ledger,
        )
