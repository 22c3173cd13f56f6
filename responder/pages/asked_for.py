"""What the address of the list asks for, read and written, so that its pages and what is done to all of it say it the same."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from core.problems import field_problem
from responder.filters import Alerts, Availability, Certificate, Heard
from responder.listing import Sort, Wanted
from responder.standing import Standing

Choice = TypeVar("Choice", bound=StrEnum)
_LONGEST = 100


def read(given: Mapping[str, str]) -> Wanted:
    """What is wanted. Raises Problem 422 for what no page of ours asks."""
    return Wanted(
        typed=given.get("q", "").strip()[:_LONGEST],
        standing=_choice(Standing, given, "standing"),
        area=given.get("area", "").strip()[:_LONGEST],
        certificate=_choice(Certificate, given, "certificate"),
        availability=_choice(Availability, given, "availability"),
        heard=_choice(Heard, given, "heard"),
        alerts=_choice(Alerts, given, "alerts"),
        sort=_choice(Sort, given, "sort") or Sort.NAME,
        after=number(given.get("after", "")),
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


def number(text: str) -> int | None:
    """The row of a person; None for nothing said."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise field_problem("/after", "the number of a person")
    return int(text)


def _choice(kind: type[Choice], given: Mapping[str, str], name: str) -> Choice | None:
    text = given.get(name, "")
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        raise field_problem(f"/{name}", "one of " + ", ".join(kind)) from None
