"""How many texts from phones the webhook takes in a second, beside a bare Flask view that commits one row on the same server
and database: it must hold 60 % of that. Then half of those 60 % for a minute, every third sent twice: how long each waits, and
how soon it is handled. These are the answers to hundreds of emergencies (`answers`). Nothing is sent meanwhile: what is
measured is the way in."""

from __future__ import annotations

import argparse
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from urllib.parse import urlencode

from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from core.settings import SIMULATED_SENDER, Settings
from scripts.benches import answers, bare, postgresql
from scripts.benches.caller import Call, call_all, post
from scripts.benches.report import Fact, Row, read, row
from scripts.benches.whole import Whole, on_an_installation
from scripts.lib import ports
from scripts.lib.bench_options import BenchOptions
from scripts.lib.http_client import wait_ready
from sms.models import IN, OUT, Message

AT_ONCE = 32
SECONDS, RUSH_S = 60.0, 5.0
LEAST_SHARE = 0.6
ONCE_AND_TWICE = 4 / 3
"""How often a text is sent on average."""
RUNS = ("web-1", "web-2", "worker-inbox", "redis")
_MOST_A_SECOND = 2000
_PATIENCE_S = 30.0


def run(options: BenchOptions) -> Iterator[Row | Fact]:
    """In a process and a folder of its own."""
    url = ["--database-url", options.database_url] if options.database_url else []
    command = [sys.executable, "-m", "scripts.benches.webhooks", *url, *(["--postgresql"] if options.postgresql else [])]
    answer = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True, timeout=900)
    for one in json.loads(answer.stdout.splitlines()[-1]):
        yield read(one)


def _measure(name: str, running: Whole, seconds: float) -> list[Row | Fact]:
    url, settings = running.ready.url, running.ready.settings
    wait_ready(url, 30.0, whole=False)
    bare_rate = _bare_rate()
    # From numbers that nobody knows: stored and handled like any other, and they leave the callouts alone.
    rate = _rate(call_all(url, _of_strangers(settings), AT_ONCE, RUSH_S))
    _until_handled(running)
    due = LEAST_SHARE * bare_rate / 2
    sites = int(due * seconds / ONCE_AND_TWICE / len(answers.OF_ONE)) or 1
    answers.ask_everybody(running.ready.services, sites)
    texts = _answers(settings, sites, due)
    calls = call_all(url, texts, 10 * AT_ONCE, seconds + _PATIENCE_S)
    _until_handled(running)
    waits, twice = _handled_after(running, calls, texts)
    astray = answers.astray(running.ready.services, sites)
    share = rate / bare_rate
    good = all(one.status == 200 for one in calls) and len(calls) == len(texts)
    return [
        Fact(name, "bare view that commits one row", bare_rate, "/s"),
        Fact(name, "webhook that takes a text", rate, "/s"),
        Fact(name, "share of the bare view's rate", share * 100, "%", ">= 60", share >= LEAST_SHARE),
        Fact(name, "texts sent at half of what it must hold", len(calls), "", "all answered 200", good),
        row(name, "answered, at half of what it must hold", [one.took_s for one in calls], "p99 < 250 ms"),
        row(name, "handled (state moved, next text in the outbox)", waits, "p95 < 2000 ms"),
        Fact(name, "texts stored twice or not at all", twice, "", "0", not twice),
        Fact(name, "callouts that are not where their answers put them", astray, "", "0", not astray),
    ]


def _bare_rate() -> float:
    """Two servers with one process each on one socket, exactly as the web parts are."""
    with _bare_servers() as url:
        body = urlencode({"Body": "1", "From": "+447700900000", "MessageSid": "SM" + "0" * 32})
        requests = [(None, post(url, bare.PATH, body, {}))] * int(_MOST_A_SECOND * RUSH_S)
        call_all(url, requests, AT_ONCE, 1.0)
        return _rate(call_all(url, requests, AT_ONCE, RUSH_S))


@contextmanager
def _bare_servers() -> Iterator[str]:
    port = ports.free()
    with ports.listen("127.0.0.1", port) as door:
        command = [sys.executable, "-m", "scripts.benches.bare", str(door.fileno())]
        servers = []
        for _ in range(2):  # one after the other: the first makes the table
            servers.append(subprocess.Popen(command, pass_fds=(door.fileno(),), stdout=subprocess.PIPE))
            assert servers[-1].stdout is not None
            servers[-1].stdout.readline()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            for server in servers:
                server.terminate()
                server.communicate()


def _of_strangers(settings: Settings) -> list[tuple[float | None, str]]:
    """Signed requests, more than can be taken."""
    return [(None, _inbound(settings, f"+35850{number:07d}", "hello")) for number in range(int(_MOST_A_SECOND * RUSH_S))]


def _answers(settings: Settings, sites: int, rate: float) -> list[tuple[float | None, str]]:
    """Signed requests, `rate` a second: everybody's answers, every third sent twice."""
    texts: list[tuple[float | None, str]] = []
    for number, (phone, words) in enumerate(answers.of_all(sites)):
        raw = _inbound(settings, phone, words)
        for _ in range(2 if number % 3 == 0 else 1):
            texts.append((len(texts) / rate, raw))
    return texts


def _inbound(settings: Settings, phone: str, words: str) -> str:
    account, url = settings.carrier, f"{settings.public_url}/sms/inbound"
    form = {"MessageSid": "SM" + secrets.token_hex(16), "AccountSid": account.account_sid, "From": phone}
    form |= {"To": SIMULATED_SENDER, "Body": words, "NumMedia": "0", "NumSegments": "1"}
    signature = RequestValidator(account.auth_tokens[0]).compute_signature(url, form)
    return post(settings.public_url, "/sms/inbound", urlencode(form), {"X-Twilio-Signature": signature})


def _rate(calls: Sequence[Call]) -> float:
    """How many good answers a second came while it was asked as fast as possible."""
    good = [one for one in calls if one.status == 200]
    return len(good) / (max(one.at + one.took_s for one in good) - min(one.at for one in good))


def _until_handled(running: Whole) -> None:
    waiting = select(func.count()).select_from(Message).where(Message.direction == IN, Message.handled_at.is_(None))
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        with running.ready.services.read() as session:
            if not session.scalar(waiting):
                return
        time.sleep(0.1)


def _handled_after(running: Whole, calls: Sequence[Call], texts: Sequence[tuple[float | None, str]]) -> tuple[list[float], int]:
    """Seconds from the first call about each text to its being handled, and how many are not there exactly once."""
    begun: dict[str, float] = {}
    for one in calls:
        sid = texts[one.which][1].partition("MessageSid=")[2][:34]
        begun[sid] = min(one.at, begun.get(sid, one.at))
    with running.ready.services.read() as session:
        since = datetime.fromtimestamp(min(begun.values()), UTC)
        wanted = select(Message.carrier_id, Message.handled_at).where(Message.direction == IN, Message.created_at >= since)
        stored = [(carrier_id, handled_at) for carrier_id, handled_at in session.execute(wanted) if carrier_id in begun]
        next_texts = session.scalar(select(func.count()).where(Message.direction == OUT, Message.created_at >= since))
    if not next_texts:
        raise RuntimeError("no answer led to a text in the outbox")
    waits = [handled_at.timestamp() - begun[carrier_id] for carrier_id, handled_at in stored if handled_at]
    return waits, abs(len(begun) - len(stored)) + len(stored) - len(waits)


def main(arguments: list[str] | None = None) -> None:
    """Measure as told, and print what `scripts/bench` reads."""
    parser = argparse.ArgumentParser(prog="python -m scripts.benches.webhooks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--database-url")
    parser.add_argument("--postgresql", action="store_true")
    wanted = parser.parse_args(arguments)
    name = "webhooks pg" if wanted.postgresql or wanted.database_url else "webhooks"
    with postgresql.running() if wanted.postgresql else nullcontext() as server:
        rows = on_an_installation(
            lambda running: _measure(name, running, wanted.seconds),
            lambda _: None,  # who answers is known only once it is known how much is taken
            runs=lambda part: part in RUNS,
            database_url=server.url if server else wanted.database_url,
        )
    print("\n" + json.dumps([one.as_dict() for one in rows]))


if __name__ == "__main__":
    main()
