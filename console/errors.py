"""Errors as people and programs read them: problem+json for the API, a plain page for a browser (a volunteer's
in the volunteer's language), nothing for the carrier."""

from __future__ import annotations

import json
import traceback
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, render_template, request
from flask.typing import ResponseValue
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException

from core import log
from core.ids import new_id
from core.problems import Problem
from core.words import _, translated
from responder.me import failing

_PROGRAMS = ("/health/", "/metrics", "/tiles/")
_CARRIER = ("/sms/", "/voice/")
_OUTAGES = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError, TimeoutError)
_TITLES = {
    404: _("There is nothing at this address"),
    405: _("This address does not take that method"),
    413: _("The body is too large"),
    # HTTP's own phrases, of what else can happen to a person before a view refuses it in words of ours.
    400: _("Bad Request"),
    415: _("Unsupported Media Type"),
    416: _("Requested Range Not Satisfiable"),
}
_OUTAGE = _("The database cannot be used just now; send it again")
_BROKEN = _("Something broke here; it has been logged")
_log = log.get("web")


def install(app: Flask) -> None:
    """Answer every error of `app` in one shape."""
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)


def is_for_programs(path: str) -> bool:
    """Whether programs and scripts ask at this address, which read problem+json, rather than people, who read pages."""
    return path.startswith(_PROGRAMS) or "/api/" in path


def _problem(problem: Problem) -> Response:
    extra = dict(problem.extra)
    headers = {}
    if "www_authenticate" in extra:
        headers["WWW-Authenticate"] = str(extra.pop("www_authenticate"))
    if "retry_after_s" in extra:
        headers["Retry-After"] = str(extra["retry_after_s"])
    errors = [{"pointer": one.pointer, "detail": one.detail} for one in problem.errors]
    return _answer(problem.status, problem.title, errors, extra, headers)


def _http(error: HTTPException) -> ResponseValue:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()  # a redirect, or an answer made by hand
    headers = {name: value for name, value in error.get_headers() if name.lower() not in ("content-type", "content-length")}
    title = _TITLES.get(error.code) or HTTPStatus(error.code).phrase
    said_here = error.description if error.description != type(error).description else None
    return _answer(error.code, title, [{"pointer": "", "detail": said_here}] if said_here else [], {}, headers)


def _fault(error: Exception) -> Response:
    """Something broke here. The log gets the place, the caller an id to ask about; nobody gets the message, which may quote
    a person's number."""
    fault = new_id()
    frames = "".join(traceback.format_tb(error.__traceback__))
    route = request.url_rule.rule if request.url_rule else None
    _log.error("fault", fault=fault, error=type(error).__qualname__, route=route, actor=g.get("actor"), frames=frames)
    if isinstance(error, _OUTAGES):
        return _answer(503, _OUTAGE, [], {"fault": fault}, {"Retry-After": "2"})
    return _answer(500, _BROKEN, [], {"fault": fault}, {})


def _answer(status: int, title: str, errors: list[dict[str, str]], extra: dict[str, Any], headers: dict[str, str]) -> Response:
    if request.path.startswith(_CARRIER):
        response = Response("", status, content_type="text/plain; charset=utf-8")
    elif is_for_programs(request.path):
        if not request.path.startswith("/api/v1/"):  # our own pages ask there, for people; other programs read English
            title, errors = translated(title), [one | {"detail": translated(one["detail"])} for one in errors]
        body = {"type": "about:blank", "title": title, "status": status, "errors": errors, **extra}
        response = Response(json.dumps(body), status, content_type="application/problem+json")
    elif (theirs := failing.page(status, extra.get("fault"))) is not None:
        response = theirs
    else:
        errors = [one | {"detail": translated(one["detail"])} for one in errors]
        page = render_template("error.html", status=status, title=translated(title), errors=errors, fault=extra.get("fault"))
        response = Response(page, status, content_type="text/html; charset=utf-8")
    response.headers.extend(headers)
    return response
