"""The list of messages: Twilio's filters and pages, newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import dropwhile, islice
from typing import Any
from urllib.parse import urlencode

from yarl import URL

from sms.simulated.errors import CarrierError
from sms.simulated.model import Text

DEFAULT_PAGE, LARGEST_PAGE = 50, 1000
_DAY = timedelta(days=1)


def page(newest_first: Iterable[Text], url: URL, resource: Callable[[Text], dict[str, Any]]) -> dict[str, Any]:
    """One page of the list that `url`'s query asks for, as Twilio writes it. Raises CarrierError for a bad filter."""
    query = url.query
    size = whole(query.get("PageSize", str(DEFAULT_PAGE)), "PageSize", least=1, most=LARGEST_PAGE)
    number = whole(query.get("Page", "0"), "Page", least=0)
    fits = _fits(dict(query))
    token = query.get("PageToken")
    texts = iter(newest_first)
    if token:
        # A page begins after a message, not at a count: what was sent meanwhile shifts nothing.
        texts = islice(dropwhile(lambda text: f"PA{text.sid}" != token, texts), 1, None)
    found = list(islice((text for text in texts if fits(text)), size + 1))
    shown = found[:size]

    def uri(page_number: int, token: str | None = None) -> str:
        kept = {key: value for key, value in query.items() if key not in {"Page", "PageToken", "PageSize"}}
        where = {"PageToken": token} if token else {}
        return f"{url.path}?{urlencode({**kept, 'PageSize': size, 'Page': page_number, **where})}"

    return {
        "messages": [resource(text) for text in shown],
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": number * size + max(len(shown) - 1, 0),
        "first_page_uri": uri(0),
        "previous_page_uri": None,
        "next_page_uri": uri(number + 1, f"PA{shown[-1].sid}") if len(found) > size else None,
        "uri": uri(number, token),
    }


def _fits(query: dict[str, str]) -> Callable[[Text], bool]:
    tests: list[Callable[[Text], bool]] = []
    if to := query.get("To"):
        tests.append(lambda text: text.to == to)
    if sender := query.get("From"):
        tests.append(lambda text: text.sender == sender)
    for name, (earliest, latest) in {
        "DateSent": (True, True),
        "DateSent>": (True, False),
        "DateSent<": (False, True),
    }.items():
        if value := query.get(name):
            tests.append(_in_time(*_moment(value), earliest, latest))
    return lambda text: all(test(text) for test in tests)


def _in_time(start: datetime, end: datetime, earliest: bool, latest: bool) -> Callable[[Text], bool]:
    """A text that has not been sent yet counts by when it was made: a customer looking for what a lost answer was about
    would otherwise never find it."""

    def fits(text: Text) -> bool:
        at = text.sent_at or text.created_at
        return (not earliest or at >= start) and (not latest or at < end)

    return fits


def _moment(value: str) -> tuple[datetime, datetime]:
    """First and last instant that a filter's value names: a whole day, or one second."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise CarrierError(20001, "DateSent") from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment, moment + (_DAY if len(value) == len("2026-11-23") else timedelta(seconds=1))


def whole(value: str, name: str, *, least: int, most: int | None = None) -> int:
    """A whole number of at least `least`, cut at `most`. Raises CarrierError."""
    if not value.isdigit() or int(value) < least:
        raise CarrierError(20001, name)
    return int(value) if most is None else min(int(value), most)
