"""What the address of the list asks for, read and written, so that its pages and what is done to all of it say it the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from core.problems import field_problem
from core.words import fill
from responder.filters import Alerts, Availability, Certificate, Heard
from responder.listing import End, Sort, Wanted
from responder.standing import Standing

Choice = TypeVar("Choice", bound=StrEnum)
_LONGEST = 100


def read(given: Mapping[str, str]) -> Wanted:
    """What is wanted. Raises Problem 422 for what no page of ours asks."""
    sort = _choice(Sort, given, "sort") or Sort.NAME
    return Wanted(
        typed=given.get("q", "").strip()[:_LONGEST],
        standing=_choice(Standing, given, "standing"),
        area=given.get("area", "").strip()[:_LONGEST],
        certificate=_choice(Certificate, given, "certificate"),
        availability=_choice(Availability, given, "availability"),
        heard=_choice(Heard, given, "heard"),
        alerts=_choice(Alerts, given, "alerts"),
        sort=sort,
        after=_after(given.get("after", ""), sort),
    )


def written(wanted: Wanted) -> dict[str, str]:
    """The same as an address says it, without the page that one is on; what is not asked is left out."""
    said = {
        "q": wanted.typed,
        "standing": wanted.standing,
        "area": wanted.area,
        "certificate": wanted.certificate,
        "availability": wanted.availability,
        "heard": wanted.heard,
        "alerts": wanted.alerts,
        "sort": wanted.sort if wanted.sort is not Sort.NAME else None,
    }
    return {name: str(value) for name, value in said.items() if value}


def _after(text: str, sort: Sort) -> End | None:
    """Where the page before ended, as `listing.End` writes it; None for nothing said."""
    row, _, key = text.partition("~")
    last = number(row)
    return End(last, _moment(key) if sort is Sort.UNHEARD else key) if last is not None else None


def number(text: str) -> int | None:
    """The row of a person; None for nothing said."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise field_problem("/after", "the number of a person")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise field_problem("/after", "a moment such as 2026-11-27T12:00:00+00:00") from None


def _choice(kind: type[Choice], given: Mapping[str, str], name: str) -> Choice | None:
    text = given.get(name, "")
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        raise field_problem(f"/{name}", fill("one of {expected}", expected=", ".join(kind))) from None
