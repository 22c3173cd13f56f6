"""Bad input, said plainly: every refusal names the field and what is allowed. The API writes it as RFC 9457 problem+json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.words import _, fill

NEEDED = _("it is needed")
_EMPTY = _("it may not be empty")
_SAID: Mapping[str, str] = {
    "missing": NEEDED,
    "extra_forbidden": _("there is no such field"),
    "string_type": _("a text"),
    "string_unicode": _("a text"),
    "string_too_short": _("at least {min_length} characters"),
    "string_too_long": _("at most {max_length} characters"),
    "too_short": _("at least {min_length} of them"),
    "too_long": _("at most {max_length} of them"),
    "list_type": _("a list"),
    "bool_type": _("true or false"),
    "bool_parsing": _("true or false"),
    "int_type": _("a whole number"),
    "int_parsing": _("a whole number"),
    "int_from_float": _("a whole number"),
    "float_type": _("a number"),
    "float_parsing": _("a number"),
    "finite_number": _("a number that is not infinite"),
    "greater_than_equal": _("at least {ge}"),
    "less_than_equal": _("at most {le}"),
    "literal_error": _("one of {expected}"),
}
"""What is allowed, by the name that pydantic has for what is wrong; its own words are for programmers."""


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one field; `pointer` is a JSON pointer (RFC 6901) such as /location/lat."""

    pointer: str
    detail: str


class Problem(Exception):
    """A request that cannot be carried out. Nothing of it has been written when this is raised out of a transaction.

    `status` is the HTTP status it becomes (400, 404, 409, 413, 422, 429); `extra` are further members of the answer.
    """

    def __init__(self, status: int, title: str, errors: Sequence[FieldProblem] = (), **extra: Any) -> None:
        super().__init__("; ".join([title, *(f"{e.pointer}: {e.detail}" for e in errors)]))
        self.status = status
        self.title = title
        self.errors = tuple(errors)
        self.extra = extra


def field_problem(pointer: str, detail: str) -> Problem:
    """A 422 about a single field."""
    return Problem(422, "Some fields cannot be used", [FieldProblem(pointer, detail)])


def not_found(what: str) -> Problem:
    """A 404: no such `what`."""
    return Problem(404, fill("There is no such {what}", what=fill(what)))


def from_validation(error: ValidationError) -> Problem:
    """The same complaint as pydantic's, with JSON pointers, in words that say what is allowed."""
    problems = [FieldProblem(pointer(*one["loc"]), _allowed(one)) for one in error.errors()]
    return Problem(422, "Some fields cannot be used", problems)


def pointer(*parts: str | int) -> str:
    """The JSON pointer (RFC 6901) of a member; without parts it is "", the whole document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _allowed(one: ErrorDetails) -> str:
    kind, given = one["type"], one.get("ctx", {})
    values = {name: f"{value:.12g}" if isinstance(value, float) else value for name, value in given.items()}
    if kind.endswith("too_short") and values["min_length"] == 1:
        return _EMPTY
    if kind in ("too_short", "too_long") and isinstance(one["input"], str):
        kind = f"string_{kind}"  # a text that something else was looked at in first is a "value" to pydantic, of "items"
    if kind in _SAID:
        return fill(_SAID[kind], **values)
    ours = given.get("error")  # which knows its sentence; pydantic's own text of it does not
    return ours.args[0] if isinstance(ours, ValueError) and ours.args else one["msg"]
