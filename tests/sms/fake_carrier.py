"""A carrier for tests: a real HTTP server on the loopback that answers as it is told to, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from core import clock
from tests.loopback import Handler, Loopback

Form = dict[str, str]


@dataclass
class Answer:
    """What to do with one POST: `keep` it as taken, then answer `status` (None: drop the connection without an answer)."""

    status: int | None = 201
    code: int | None = None
    keep: bool = True
    hang: threading.Event | None = None


REFUSED_429 = Answer(429, 20429, keep=False)
OPTED_OUT = Answer(400, 21610, keep=False)
BROKEN_BEFORE = Answer(500, None, keep=False)
BROKEN_AFTER = Answer(500, None, keep=True)
DROPPED_AFTER = Answer(None, keep=True)
DROPPED_BEFORE = Answer(None, keep=False)


@dataclass
class FakeCarrier:
    """The texts it has, by the order they came in, and the answers it is to give next to each number."""

    latency_s: float = 0.0
    taken: list[Form] = field(default_factory=list)
    asked: list[Form] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    answers: dict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))
    lists_work: bool = True
    on_post: Callable[[Form], None] | None = None
    url: str = ""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._server = Loopback(_handler(self))
        self.url = self._server.url

    def answer(self, to: str, *answers: Answer) -> None:
        """The next POSTs to `to` get these answers, then 201 again."""
        self.answers[to].extend(answers)

    def to(self, number: str) -> list[Form]:
        """The texts it has for a number, oldest first."""
        return [form for form in self.taken if form["To"] == number]

    def take(self, form: Form) -> tuple[Answer, Form]:
        with self._lock:
            self.asked.append(form)
            queue = self.answers[form["To"]]
            answer = queue.popleft() if queue else Answer()
            sid = f"{'CA' if 'Url' in form else 'SM'}{len(self.asked):032x}"
            text = form | {"Sid": sid, "At": format_datetime(clock.now())}
            if answer.keep:
                self.taken.append(text)
        if self.on_post:
            self.on_post(text)
        if self.latency_s:
            threading.Event().wait(self.latency_s)
        if answer.hang is not None:
            answer.hang.wait(20)
        return answer, text

    def calls_to(self, number: str) -> list[Form]:
        """The calls it was asked for to a number, oldest first."""
        return [form for form in self.to(number) if "Url" in form]

    def listed(self, to: str) -> list[dict[str, Any]]:
        self.looked.append(to)
        return [_resource(form) for form in reversed(self.taken) if form["To"] == to]

    def close(self) -> None:
        self._server.close()


def _resource(form: Form) -> dict[str, Any]:
    resource = {"sid": form["Sid"], "status": "queued", "to": form["To"], "direction": "outbound-api"}
    return resource | {"body": form.get("Body"), "date_created": form["At"]}


def _handler(carrier: FakeCarrier) -> type[Handler]:
    class Answers(Handler):
        def do_HEAD(self) -> None:
            self.reply(404)

        def do_GET(self) -> None:
            to = parse_qs(urlsplit(self.path).query)["To"][0]
            if not carrier.lists_work:
                carrier.looked.append(to)
                return self.reply_json(500, {"message": "broken"})
            kind = "CA" if urlsplit(self.path).path.endswith("/Calls.json") else "SM"
            listed = [one for one in carrier.listed(to) if one["sid"].startswith(kind)]
            page = {"calls" if kind == "CA" else "messages": listed, "next_page_uri": None, "page": 0}
            return self.reply_json(200, page)

        def do_POST(self) -> None:
            raw = self.body().decode()
            answer, text = carrier.take(dict(parse_qsl(raw, keep_blank_values=True)))
            if answer.status is None:
                self.close_connection = True
            elif answer.status == 201:
                self.reply_json(201, _resource(text))
            else:
                self.reply_json(answer.status, {"code": answer.code, "message": "no", "status": answer.status})

    return Answers
