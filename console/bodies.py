"""What counts as readable JSON. Stricter than Python's own reader: whatever two readers could take differently is refused."""

from __future__ import annotations

import json
import math
from typing import Any

from core.problems import FieldProblem, Problem

API_LIMIT_BYTES = 256 * 1024
_UNREADABLE = "The body is not readable JSON"


def check_type(content_type: str, content_encoding: str | None) -> None:
    """Raise a Problem 415 unless the body is plain JSON."""
    if content_type != "application/json":
        raise Problem(415, "Send the body as JSON, with the header Content-Type: application/json")
    if content_encoding not in (None, "", "identity"):
        raise Problem(415, "Send the body without a Content-Encoding")


def check_json(raw: bytes) -> None:
    """Raise a Problem 400 unless `raw` is JSON in UTF-8, without NaN or Infinity, with every name at most once in its object
    (of two values for `lat` nobody can say which was meant), and a 422 for a text with a NUL, which no database keeps."""
    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_only_once, parse_constant=_no_constant, parse_float=_only_finite
        )
    except UnicodeDecodeError:
        raise Problem(400, _UNREADABLE, [FieldProblem("", "not valid UTF-8")]) from None
    except RecursionError:
        raise Problem(400, _UNREADABLE, [FieldProblem("", "nested too deeply")]) from None
    except json.JSONDecodeError as error:
        where = f"{error.msg} at line {error.lineno}, column {error.colno}"
        raise Problem(400, _UNREADABLE, [FieldProblem("", where)]) from None
    except ValueError as error:
        raise Problem(400, _UNREADABLE, [FieldProblem("", str(error))]) from None
    _check_texts(value)


def _only_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice!r} stands twice in one object")
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _only_finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _check_texts(value: Any) -> None:
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        pointer, part = waiting.pop()
        if isinstance(part, dict):
            for name, member in part.items():
                _check_text(pointer, name)
                waiting.append((f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}", member))
        elif isinstance(part, list):
            waiting.extend((f"{pointer}/{index}", member) for index, member in enumerate(part))
        elif isinstance(part, str):
            _check_text(pointer, part)


def _check_text(pointer: str, text: str) -> None:
    if "\0" in text:
        raise Problem(422, "Some fields cannot be used", [FieldProblem(pointer, "a text may not contain a NUL character")])
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise Problem(400, _UNREADABLE, [FieldProblem(pointer, "half of a surrogate pair is no character")])
