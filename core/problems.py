"""Bad input, said plainly: every refusal names the field and what is allowed. The API writes it as RFC 9457 problem+json."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from core.words import fill


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
    """The same complaint as pydantic's, with JSON pointers and without its prefixes."""
    problems = [FieldProblem(pointer(*one["loc"]), one["msg"].removeprefix("Value error, ")) for one in error.errors()]
    return Problem(422, "Some fields cannot be used", problems)


def pointer(*parts: str | int) -> str:
    """The JSON pointer (RFC 6901) of a member; without parts it is "", the whole document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
