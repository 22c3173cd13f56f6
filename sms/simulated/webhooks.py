"""Calling the customer's webhooks as Twilio does: a signed form, its time-outs, its rules of when to try again."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag

import aiohttp
from twilio.request_validator import RequestValidator
from yarl import URL

RETRIEVAL_FAILED, CONNECT_FAILED, NOT_XML, WRONG_CONTENT_TYPE = 11200, 11205, 12100, 12300
"""Twilio's codes of a webhook gone wrong."""
_LONGEST_ANSWER = 64 * 1024


@dataclass(frozen=True)
class Hook:
    """A webhook's address with its connection overrides (Twilio reads them from the fragment, e.g. #rc=2&rp=5xx,ct,rt).

    Twilio's defaults: 5 s to connect, 15 s to read, 15 s in all, and one more try after a failed connect only: not after a
    slow answer, not after a 500.
    """

    url: str
    connect_s: float = 5.0
    read_s: float = 15.0
    total_s: float = 15.0
    retries: int = 1
    retry_on: frozenset[str] = frozenset({"ct"})

    @classmethod
    def parse(cls, address: str) -> Hook:
        """Read an address; what the fragment does not set, or sets out of range, is as Twilio's default."""
        url, fragment = urldefrag(address)
        wanted = dict(parse_qsl(fragment))
        reasons = frozenset(wanted.get("rp", "ct").split(","))
        return cls(
            url,
            _milliseconds(wanted.get("ct"), 5_000, 10_000),
            _milliseconds(wanted.get("rt"), 15_000, 15_000),
            _milliseconds(wanted.get("tt"), 15_000, 15_000),
            int(wanted["rc"]) if wanted.get("rc", "") in {"0", "1", "2", "3", "4", "5"} else 1,
            frozenset({"4xx", "5xx", "ct", "rt"}) if "all" in reasons else reasons,
        )


@dataclass(frozen=True)
class Answer:
    """What the webhook said."""

    status: int
    content_type: str
    body: str


class HookFailed(Exception):
    """The webhook gave no good answer; `code` is Twilio's, `retry_reason` the rule that could ask for another try."""

    def __init__(self, code: int, why: str, retry_reason: str) -> None:
        super().__init__(why)
        self.code = code
        self.retry_reason = retry_reason


async def call(session: aiohttp.ClientSession, hook: Hook, form: dict[str, str], token: str) -> Answer:
    """POST `form`, signed with the account's `token`; raises HookFailed once all tries are used up."""
    headers = {
        "X-Twilio-Signature": RequestValidator(token).compute_signature(hook.url, form),
        "I-Twilio-Idempotency-Token": secrets.token_hex(16),
        "User-Agent": "TwilioProxy/1.1",
    }
    try:
        async with asyncio.timeout(hook.total_s):
            for tries_left in range(hook.retries, -1, -1):
                try:
                    return await _once(session, hook, form, headers)
                except HookFailed as failure:
                    if not tries_left or failure.retry_reason not in hook.retry_on:
                        raise
    except TimeoutError:
        raise HookFailed(RETRIEVAL_FAILED, f"no answer within {hook.total_s:g} s", "rt") from None
    raise AssertionError("a last try either returns or raises")


async def _once(session: aiohttp.ClientSession, hook: Hook, form: dict[str, str], headers: dict[str, str]) -> Answer:
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=hook.connect_s, sock_read=hook.read_s)
    try:
        # encoded=True: the address is sent as it was signed; escaping it anew would break the signature.
        async with session.post(URL(hook.url, encoded=True), data=form, headers=headers, timeout=timeout) as response:
            body = (await response.read())[:_LONGEST_ANSWER].decode(errors="replace")
            answer = Answer(response.status, response.headers.get("Content-Type", ""), body)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise HookFailed(CONNECT_FAILED, f"no connection: {type(error).__name__}", "ct") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise HookFailed(RETRIEVAL_FAILED, f"no whole answer: {type(error).__name__}", "rt") from error
    if answer.status >= 400:
        raise HookFailed(RETRIEVAL_FAILED, f"answered {answer.status}", f"{answer.status // 100}xx")
    return answer


def _milliseconds(text: str | None, default: int, most: int) -> float:
    wanted = int(text) if text and text.isdigit() else default
    return (wanted if 100 <= wanted <= most else default) / 1000
