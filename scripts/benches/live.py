"""From a volunteer's answer, posted as the carrier posts it, to its change on open streams, through everything that
`scripts/start` runs: with 100 streams open, beside the same with one. /health/live is asked all the while."""

from __future__ import annotations

import json
import random
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from console.accounts import sessions, users
from core.settings import SIMULATED_SENDER
from dispatch.models import Callout
from scripts.benches import dispatch
from scripts.benches.listeners import Listeners
from scripts.benches.report import Row, row
from scripts.lib.http_client import call
from sms.models import Contact, Message

STREAMS, USERS = 100, 10
ROUNDS = 3
_PAUSE_S = 0.15
_ASK_HEALTH_EVERY_S = 0.05
_PATIENCE_S = 3.0


@dataclass(frozen=True)
class Sent:
    """An answer, and the state that it moves its callout to; `at` on the monotonic clock, which all processes share."""

    callout_id: str
    state: str
    at: float


def run() -> Iterator[Row]:
    """A whole installation in a process and a folder of its own."""
    command = [sys.executable, "-m", "scripts.benches.live"]
    answer = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True, timeout=300)
    for one in json.loads(answer.stdout.splitlines()[-1]):
        yield Row(**one)


def measure(stage: dispatch.Stage) -> list[Row]:
    """The rows, on an installation that runs."""
    stage.make_ready(whole=True)
    cookies = _sign_in(stage)
    rows = []
    for streams, bars in ((1, ("", "")), (STREAMS, ("p95 < 500 ms", "p99 < 100 ms"))):
        stage.calm_down()
        chosen = [cookies[number % USERS] for number in range(streams)]
        listeners = Listeners(f"{stage.settings.live_url}/live", chosen)
        with _Health(stage.url) as health:
            sent = [one for _ in range(ROUNDS) for one in _emergency(stage)]
        times = _times(sent, listeners.end(), streams)
        label = f"{streams} stream" + ("s" if streams > 1 else "")
        rows.append(row("live", f"answer to its change, {label}", times, bars[0]))
        rows.append(row("live", f"/health/live meanwhile, {label}", health.times, bars[1]))
    return rows


def _sign_in(stage: dispatch.Stage) -> list[str]:
    cookies = []
    for number in range(USERS):
        with stage.services.write() as session:
            user = users.add(session, f"bench-{number}", "dispatcher", secrets.token_urlsafe(16), "operator", given=False)
            cookies.append(sessions.begin(session, user, "127.0.0.1", "bench"))
    return cookies


def _emergency(stage: dispatch.Stage) -> list[Sent]:
    """One emergency: everybody answers, one after another."""
    incident_id = stage.open()
    people = _asked(stage, incident_id)
    random.Random(7).shuffle(people)
    # Most cannot; the last few go, and the others have then answered already.
    answers = [(*who, "2", "declined") for who in people[:-3]] + [(*who, "1", "accepted") for who in people[-3:]]
    sent = []
    for callout_id, phone, letter, word, state in answers:
        sent.append(Sent(callout_id, state, time.monotonic()))
        _post(stage, phone, f"{letter}{word}")
        time.sleep(_PAUSE_S)
    time.sleep(_PATIENCE_S)
    stage.close(incident_id)
    return sent


def _asked(stage: dispatch.Stage, incident_id: str) -> list[tuple[str, str, str]]:
    """Callout, phone and letter of everybody asked."""
    wanted = (
        select(Callout.id, Contact.phone, Callout.letter)
        .join(Message, Message.about_id == Callout.id)
        .join(Contact, Contact.id == Message.contact_id)
        .where(Callout.incident_id == incident_id, Message.purpose == "first")
    )
    with stage.services.read() as session:
        return [(one[0], one[1], one[2]) for one in session.execute(wanted)]


def _post(stage: dispatch.Stage, phone: str, body: str) -> None:
    """An inbound text, signed as the carrier signs it."""
    account = stage.settings.carrier
    url = f"{stage.settings.public_url}/sms/inbound"
    form = {"MessageSid": "SM" + secrets.token_hex(16), "AccountSid": account.account_sid, "From": phone}
    form |= {"To": SIMULATED_SENDER, "Body": body, "NumMedia": "0", "NumSegments": "1"}
    headers = {"X-Twilio-Signature": RequestValidator(account.auth_tokens[0]).compute_signature(url, form)}
    with requests.Session() as session:
        session.trust_env = False  # a proxy of the surroundings is for the world outside
        session.post(url, form, headers=headers, timeout=10).raise_for_status()


def _times(sent: list[Sent], arrived: dict[str, Any], streams: int) -> list[float]:
    """For each answer and stream how long it took until the callout was first shown in its new state."""
    shown = {int(number): _states(change) for number, change in arrived["changes"].items()}
    times = []
    for one in sent:
        seen: dict[int, float] = {}
        for stream, number, at in arrived["arrivals"]:
            if shown[number].get(one.callout_id) == one.state:
                seen.setdefault(stream, at)
        if len(seen) < streams:
            raise RuntimeError(f"{streams - len(seen)} of {streams} streams did not show an answer")
        times += [at - one.at for at in seen.values()]
    return times


def _states(change: Any) -> dict[str, str]:
    return {one["id"]: one["state"] for incident in change["incidents"] for one in incident["callouts"]}


class _Health:
    """Asks /health/live all the while."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self.times: list[float] = []

    def __enter__(self) -> _Health:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._ended.wait(_ASK_HEALTH_EVERY_S):
            started = time.monotonic()
            call("GET", f"{self._url}/health/live")
            self.times.append(time.monotonic() - started)


if __name__ == "__main__":
    print("\n" + json.dumps([one.as_dict() for one in dispatch.on_an_installation(measure)]))
