"""From a request to typed input; whatever does not fit is refused by name."""

from __future__ import annotations

from typing import TypeVar

from flask import Request
from pydantic import BaseModel, ValidationError

from core.problems import FieldProblem, Problem, from_validation

Input = TypeVar("Input", bound=BaseModel)


def body(request: Request, model: type[Input], *, may_be_empty: bool = False) -> Input:
    """The JSON body as `model`. Types are strict: "60.1" and true are no numbers. Problem 400 without a body, 422 on fields."""
    raw = request.get_data(cache=True)
    if not raw:
        if not may_be_empty:
            raise Problem(400, "The body is empty; a JSON object is needed")
        raw = b"{}"
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        raise from_validation(error) from None


def query(request: Request, model: type[Input]) -> Input:
    """The query string as `model`; Problem 422 on unknown names, values that do not fit, a name given twice."""
    given = request.args.to_dict(flat=False)
    twice = [FieldProblem(f"/{name}", "given more than once") for name, values in given.items() if len(values) > 1]
    if twice:
        raise Problem(422, "Some query parameters cannot be used", twice)
    try:
        return model.model_validate({name: values[0] for name, values in given.items()})
    except ValidationError as error:
        raise from_validation(error) from None
