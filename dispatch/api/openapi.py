"""The API described in OpenAPI 3.1, made from the very models that read the requests."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from dispatch.api import shapes
from dispatch.api.calls import CALLS, Call
from dispatch.plans import HAZARDS

_REF = "#/components/schemas/{model}"
_ERRORS = {
    400: "The body is not readable JSON.",
    401: "No API key, or one that is not known.",
    403: "The key lacks the scope.",
    404: "There is no such thing.",
    409: "Not possible in this state, or it differs from what is known; nothing was changed.",
    413: "The body is larger than 256 KB.",
    415: "The body is not sent as application/json.",
    422: "A field cannot be used; `errors` names each.",
    429: "The key has opened 300 incidents within a minute.",
    500: "A fault of ours, logged under `fault`.",
    503: "The database cannot be used just now; send it again after Retry-After seconds.",
}
_HAZARDS = {"hazards": {"anyOf": [{"type": "array", "items": {"enum": list(HAZARDS)}}, {"type": "null"}], "default": None}}
_BY_LOCATION = {"required": ["location"], "properties": {"location": {"type": "object"}}}
_BY_ADDRESS = {"required": ["address"], "properties": {"address": {"type": "string"}}}
_RULES: dict[str, dict[str, Any]] = {
    "NewIncident": {"oneOf": [_BY_LOCATION, _BY_ADDRESS]},
    "Correction": {"not": {"allOf": [_BY_LOCATION, _BY_ADDRESS]}},
}
"""What the models check by code, said in the schema's own words."""
_ALWAYS = (400, 401, 403, 500, 503)
_WITH_BODY = (413, 415, 422)


@cache
def description() -> dict[str, Any]:
    """The description of this API, made when it is first asked for: 20 ms that no start needs to wait for."""
    return describe(CALLS)


def describe(calls: Sequence[Call]) -> dict[str, Any]:
    """The whole description of `calls`, ready to be written as JSON."""
    paths: dict[str, Any] = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method] = _operation(call)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Doorstep",
            "version": "1",
            "summary": "Community first-responder dispatch by SMS",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "An API key."}},
            "schemas": _schemas(calls),
        },
    }


def _operation(call: Call) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": call.name,
        "summary": call.summary,
        "security": [{"key": [scope]} for scope in call.scopes],
        "responses": _responses(call),
    }
    parameters = [*_path_parameters(call.path), *(_query_parameters(call.query) if call.query else [])]
    if parameters:
        operation["parameters"] = parameters
    if call.body is not None:
        operation["requestBody"] = {"required": call.body_needed, "content": _content(call.body, "application/json")}
    return operation


def _responses(call: Call) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, model in call.answers.items():
        responses[str(status)] = {"description": "Done."}
        if model is not None:
            responses[str(status)]["content"] = _content(model, call.media_type)
    errors = {*_ALWAYS, *call.errors, *(_WITH_BODY if call.body else ())}
    for status in sorted(errors):
        responses[str(status)] = {
            "description": _ERRORS[status],
            "content": _content(shapes.ProblemOut, "application/problem+json"),
        }
    for status in errors & {429, 503}:
        wait = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        responses[str(status)]["headers"] = {"Retry-After": wait}
    return responses


def _content(model: type[BaseModel], media_type: str) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": _REF.format(model=model.__name__)}}}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for name in names]


def _query_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    properties: dict[str, dict[str, Any]] = model.model_json_schema()["properties"]
    return [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in properties.items()]


def _schemas(calls: Sequence[Call]) -> dict[str, Any]:
    wanted: dict[type[BaseModel], Literal["validation", "serialization"]] = {shapes.ProblemOut: "serialization"}
    for call in calls:
        if call.body is not None:
            wanted[call.body] = "validation"
        wanted.update((model, "serialization") for model in call.answers.values() if model is not None)
    _, definitions = models_json_schema(list(wanted.items()), ref_template=_REF)
    schemas: dict[str, Any] = definitions["$defs"]
    for name, rules in _RULES.items():
        schemas[name] |= rules
        schemas[name]["properties"] |= _HAZARDS
    return schemas
