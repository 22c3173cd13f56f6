"""What a start tells the person in front of it once everything runs."""

from __future__ import annotations

import json

from sqlalchemy.orm import Session

from console.accounts import demo, users
from console.setup import links
from scripts.lib import guards
from scripts.lib.bootstrap import ROOT
from scripts.lib.http_client import wait_ready
from scripts.lib.installation import Installation
from scripts.lib.start_options import StartOptions
from scripts.lib.terminal import BOLD, YELLOW, colour, say

WAIT_S = 30.0
DEMO_ADDRESS = "Aleksanterinkatu 21"


def announce(options: StartOptions, installation: Installation) -> None:
    """Wait until it answers, then say where it is and what to do first."""
    if options.only not in (None, "web"):
        say(f"Running the {options.only} alone. Ctrl-C stops it.")
        return
    condition = wait_ready(installation.url, WAIT_S, whole=options.only is None)
    if condition is None:
        folder = installation.settings.data_dir / "log"
        say(colour(f"Nothing answers at {installation.url} yet; the reason is in {folder}.", YELLOW))
        return
    if condition.get("parts") and options.only is None:
        say(colour(f"Degraded: {', '.join(map(str, condition['parts']))}. scripts/manage check says what to do.", YELLOW))
    for line in _first_steps(installation):
        say(line)


def _first_steps(installation: Installation) -> list[str]:
    settings, url = installation.settings, installation.url
    manage = "scripts/manage" + ("" if settings.data_dir == ROOT / "var" else f" --data {settings.data_dir}")
    address = DEMO_ADDRESS if installation.has_town else "STREET AND NUMBER"
    body = json.dumps({"type": "cardiac_arrest", "address": address})
    with installation.services.read() as session:
        real, invented = guards.people(session)
        sign_in = _sign_in(session, manage, simulating=settings.simulating)
    set_up = _set_up(installation, manage)
    lines = ["", colour(f"Doorstep is ready: {url}", BOLD), f"  data     {settings.data_dir}"]
    if settings.simulating:
        lines.append(f"  phones   {url}/phones   (the carrier is SIMULATED: no text leaves this machine)")
    elif invented:
        lines.append(
            colour(f"  {invented} people of the demo town are in this folder; they are asked and get no texts.", YELLOW)
        )
    lines += [
        f"  people   {real} real, {invented} of the demo town   (scripts/manage import-responders FILE.csv)",
        *(set_up or sign_in),
        "  programs use a key:",
        f"    {manage} create-api-key cad",
        "  an emergency, with that key or without:",
        f"    curl -H 'Authorization: Bearer KEY' -H 'Content-Type: application/json' -d '{body}' {url}/api/v1/incidents",
        f"    {manage} open-incident --type cardiac_arrest --address '{address}'",
        "Ctrl-C stops everything.",
    ]
    return lines


def _sign_in(session: Session, manage: str, *, simulating: bool) -> list[str]:
    names = demo.names(session) if simulating else ()
    if names:
        return [f"  sign in  as {' or '.join(names)}, password {demo.PASSWORD}   (of the demo; refused on a real carrier)"]
    if users.admins(session):
        return ["  sign in  with your name and password"]
    return [f"  sign in  nobody can yet: {manage} create-user NAME --role admin"]


def _set_up(installation: Installation, manage: str) -> list[str]:
    """The link for whoever sets a new service up: made and shown by the first start without the demo, and by no other."""
    with installation.services.write() as session:
        if installation.has_town or not links.is_wanted(session):
            return []
        if links.was_made(session):
            return [f"  set up   nobody has yet; the link was shown once: {manage} set-up-link makes a new one"]
        token = links.make(session)
    link = links.address(installation.settings.public_url, token)
    return ["  set up   open this link; whoever does becomes the admin (once, within 7 days):", f"    {link}"]
