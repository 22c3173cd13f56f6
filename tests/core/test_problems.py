"""What is wrong with a field is said as what is allowed, and never in the words that a library has for programmers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from core.problems import from_validation


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[Annotated[str, AfterValidator(str.strip)], StringConstraints(min_length=1, max_length=5)] = "x"
    code: Annotated[str, StringConstraints(min_length=3, max_length=5)] = "xxx"
    lat: float = Field(1.5, ge=-90, le=90.5, allow_inf_nan=False)
    count: int = Field(1, ge=0, le=2_147_483_647)
    is_drill: bool = False
    kind: Literal["foot", "bike"] = "foot"
    parts: list[int] = Field([1, 2], min_length=1, max_length=2)
    needed: int


SAID = [
    ({"needed": None}, "/needed", "a whole number"),
    ({"colour": "red"}, "/colour", "there is no such field"),
    ({"name": 7}, "/name", "a text"),
    ({"code": "\ud800"}, "/code", "a text"),
    ({"name": " "}, "/name", "it may not be empty"),
    ({"name": "x" * 6}, "/name", "at most 5 characters"),
    ({"code": "x"}, "/code", "at least 3 characters"),
    ({"code": "x" * 6}, "/code", "at most 5 characters"),
    ({"lat": "sixty"}, "/lat", "a number"),
    ({"lat": []}, "/lat", "a number"),
    ({"lat": float("nan")}, "/lat", "a number that is not infinite"),
    ({"lat": 91}, "/lat", "at most 90.5"),
    ({"lat": -91}, "/lat", "at least -90"),
    ({"count": "many"}, "/count", "a whole number"),
    ({"count": 1.5}, "/count", "a whole number"),
    ({"count": 2**31}, "/count", "at most 2147483647"),
    ({"is_drill": "perhaps"}, "/is_drill", "true or false"),
    ({"is_drill": []}, "/is_drill", "true or false"),
    ({"kind": "boat"}, "/kind", "one of 'foot' or 'bike'"),
    ({"parts": 1}, "/parts", "a list"),
    ({"parts": []}, "/parts", "it may not be empty"),
    ({"parts": [1, 2, 3]}, "/parts", "at most 2 of them"),
    ({"parts": [1, "x"]}, "/parts/1", "a whole number"),
]


@pytest.mark.parametrize(("given", "pointer", "said"), SAID)
def test_what_is_wrong_is_said_as_what_is_allowed(given: dict[str, Any], pointer: str, said: str) -> None:
    assert _problems({"needed": 1} | given) == [(pointer, said)]


def test_what_is_missing_is_needed() -> None:
    assert _problems({}) == [("/needed", "it is needed")]


def _problems(given: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as refusal:
        _Form.model_validate(given)
    return [(one.pointer, one.detail) for one in from_validation(refusal.value).errors]
