"""`scripts/manage check`: is everything as it must be, and what to do where it is not."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import redis
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from console.health import PROCESSES
from console.setup import links
from core import agency, clock, heartbeats, milestones, queue
from core.agency_settings import LANGUAGES, AgencyValues
from core.services import Services, open_services
from core.settings import Settings
from dispatch.texts import catalog
from scripts.lib import carrier_check, guards, operators_check, redis_server, running, schema
from scripts.lib.first_things import read_settings
from scripts.lib.http_client import Failed, call
from scripts.lib.manage_service import UNITS
from scripts.lib.terminal import GREEN, RED, YELLOW, Refusal, colour, say
from sms.addresses import inbound_url

OK, NOTE, FAULT = "ok", "note", "FAULT"
CLOCKS_MAY_DIFFER_S = 2.0
_COLOURS = {OK: GREEN, NOTE: YELLOW, FAULT: RED}


@dataclass(frozen=True)
class Finding:
    """What was found about one thing; a FAULT or NOTE says what to do about it."""

    level: str
    about: str
    words: str


def check(_given: argparse.Namespace) -> int:
    """Print one line a thing; 1 when something is wrong."""
    faults = 0
    for finding in _findings():
        faults += finding.level == FAULT
        say(f"{colour(f'{finding.level:5}', _COLOURS[finding.level])}  {finding.about:10}  {finding.words}")
    if faults:
        say(colour(f"{faults} wrong.", RED))
    return 1 if faults else 0


def _findings() -> Iterator[Finding]:
    try:
        settings = read_settings()
    except Refusal as why:
        yield Finding(FAULT, "settings", str(why).removeprefix("settings: "))
        return
    url = running.adopt(settings.data_dir.absolute())
    settings = read_settings()
    yield Finding(OK, "settings", f"data folder {settings.data_dir.absolute()}")
    with ExitStack() as stack:
        services = open_services(settings)
        stack.callback(services.database.close)
        usable = True
        for look in (_database, _migrations):
            finding = look(services)
            usable = usable and finding.level != FAULT
            yield finding
        yield _redis(settings, url)
        yield Finding(*carrier_check.carrier(settings, url))
        yield Finding(*operators_check.opt_out_words(settings))
        yield _webhooks(settings, url)
        if not settings.simulating or url is not None:
            yield from _findings_of([operators_check.carrier_clock(settings)])
        yield from _findings_of(operators_check.operator_alert(settings))
        if usable:
            for check_one in (_processes(url), _clocks, _agency, _people, _backups):
                yield check_one(services)
            yield Finding(*operators_check.canaries(services))
            yield from _findings_of(operators_check.standing(services) if url is not None else ())
        yield _languages(services.settings)
        yield _service()


def _findings_of(found: Iterable[operators_check.Found | None]) -> Iterator[Finding]:
    return (Finding(*one) for one in found if one is not None)


def _database(services: Services) -> Finding:
    try:
        with services.database.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return Finding(FAULT, "database", f"cannot be used ({str(error).splitlines()[0]}); see DATABASE_URL")
    return Finding(OK, "database", "SQLite in the data folder" if services.database.is_sqlite else "PostgreSQL answers")


def _migrations(services: Services) -> Finding:
    try:
        applied = schema.applied(services.database)
    except SQLAlchemyError:
        return Finding(FAULT, "migrations", "cannot be read while the database cannot be used")
    if applied == schema.newest():
        return Finding(OK, "migrations", f"all done ({applied})")
    if applied is not None and not schema.known(applied):
        return Finding(FAULT, "migrations", f"the database has had {applied}, unknown to this version: update Doorstep")
    return Finding(FAULT, "migrations", f"at {applied or 'nothing'}, {schema.newest()} is wanted: scripts/start migrates")


def _redis(settings: Settings, url: str | None) -> Finding:
    if settings.redis_url is None:
        if url is not None:
            return Finding(NOTE, "redis", "none: the conductor does the work up to a second later; install redis-server >= 6.2")
        server = redis_server.binary()
        if server is None:
            return Finding(NOTE, "redis", "scripts/start will look for one to run; install redis-server >= 6.2 to be sure")
        return Finding(OK, "redis", f"scripts/start runs one of its own ({server})")
    try:
        queue.connect(settings.redis_url).ping()
    except (redis.RedisError, ValueError) as error:
        why = f"REDIS_URL does not answer ({type(error).__name__})"
        return Finding(FAULT, "redis", f"{why}; texts still leave, up to a second later")
    return Finding(OK, "redis", "answers")


def _webhooks(settings: Settings, url: str | None) -> Finding:
    if settings.simulating:
        return Finding(OK, "webhooks", "come from the simulated carrier on this machine")
    if _is_local(settings.public_url) and not _is_local(settings.twilio_base_url):
        where = f"PUBLIC_URL is {settings.public_url}"
        return Finding(FAULT, "webhooks", f"{where}, which no carrier reaches: set it to an address that it does")
    try:
        call("GET", f"{settings.public_url}/health/live")
    except Failed as error:
        then = "start Doorstep" if url is None else "look at the proxy, the name and the firewall before it"
        return Finding(FAULT, "webhooks", f"nobody answers at PUBLIC_URL ({error}): {then}")
    if settings.public_url.startswith("http://"):
        return Finding(NOTE, "webhooks", f"{settings.public_url} answers, but texts and addresses travel readable: use https")
    return Finding(OK, "webhooks", f"reachable; the carrier must post texts to {inbound_url(settings.public_url)}")


def _is_local(url: str) -> bool:
    return any(f"//{local}" in url for local in ("127.", "localhost", "[::1]", "0.0.0.0"))


def _processes(url: str | None) -> Callable[[Services], Finding]:
    def look(services: Services) -> Finding:
        with services.read() as session:
            alive = sorted(heartbeats.alive(session))
        missing = [part for part in PROCESSES if not any(name.startswith(part) for name in alive)]
        if missing and url is None:
            return Finding(NOTE, "processes", "nothing runs with this data folder: scripts/start")
        if missing:
            return Finding(FAULT, "processes", f"no sign of life from {', '.join(missing)}: read the log folder, start again")
        return Finding(OK, "processes", ", ".join(alive))

    return look


def _clocks(services: Services) -> Finding:
    if services.database.is_sqlite:
        return Finding(OK, "clocks", f"one machine; it is {clock.now():%Y-%m-%d %H:%M:%S} UTC: compare with your watch")
    with services.read() as session:
        theirs = session.scalar(select(text("clock_timestamp()")))
    apart_s = abs((theirs - clock.now()).total_seconds()) if theirs else 0.0
    if apart_s > CLOCKS_MAY_DIFFER_S:
        return Finding(FAULT, "clocks", f"this machine and the database are {apart_s:.0f} s apart: run an NTP client on both")
    return Finding(OK, "clocks", f"this machine and the database agree; it is {clock.now():%Y-%m-%d %H:%M:%S} UTC")


def _people(services: Services) -> Finding:
    with services.read() as session:
        real, demo = guards.people(session)
    if demo and not services.settings.simulating:
        return Finding(FAULT, "people", f"{demo} people of the demo town beside {real} real ones: use a data folder of its own")
    if not real + demo:
        return Finding(NOTE, "people", "nobody can be asked: scripts/manage import-responders FILE.csv")
    return Finding(OK, "people", f"{real} real, {demo} of the demo town")


def _agency(services: Services) -> Finding:
    settings = services.settings
    with services.read() as session:
        done, wanted = agency.is_set_up(session), links.is_wanted(session)
    if wanted:
        return Finding(NOTE, "agency", "nobody has set it up: scripts/manage set-up-link, or create-user NAME --role admin")
    unsaid = [name for name in ("organisation", "contact_phone") if _is_default(settings, name)]
    if unsaid and not done and not settings.simulating:
        names = ", ".join(name.upper() for name in unsaid)
        return Finding(FAULT, "agency", f"{names}: still the default; an admin says it at /admin/settings")
    return Finding(OK, "agency", f"{settings.organisation}, {settings.time_zone}, emergency number {settings.emergency_number}")


def _is_default(settings: Settings, name: str) -> bool:
    return bool(getattr(settings, name) == AgencyValues.model_fields[name].default)


def _backups(services: Services) -> Finding:
    with services.read() as session:
        made = milestones.reached(session).get(milestones.BACKUP)
    if made is None:
        return Finding(NOTE, "backups", "none so far: scripts/manage backup FILE; install-service adds a timer for every night")
    age = clock.now() - made.at
    old = f"the newest verified one is {age.days} days and {age.seconds // 3600} hours old"
    if age > milestones.BACKUP_GOOD_FOR:
        return Finding(FAULT, "backups", f"{old}: scripts/manage backup FILE, and look at its timer")
    return Finding(OK, "backups", old)


def _service() -> Finding:
    if not (UNITS / "doorstep.service").exists():
        return Finding(NOTE, "service", "not started with the machine: scripts/manage install-service")
    return Finding(OK, "service", f"systemd knows it ({UNITS / 'doorstep.service'}); systemctl status doorstep says more")


def _languages(settings: Settings) -> Finding:
    approved = catalog.approved_languages()
    drafts = ", ".join(sorted(set(LANGUAGES) - approved))
    if not drafts:
        return Finding(OK, "languages", ", ".join(sorted(approved)))
    if settings.simulating:
        return Finding(OK, "languages", f"{', '.join(sorted(approved))}; drafts, used while simulating: {drafts}")
    level = NOTE if settings.default_language in approved else FAULT
    advice = f"these people get {settings.default_language} until a native reader has approved the texts"
    return Finding(level, "languages", f"drafts: {drafts}: {advice}")
