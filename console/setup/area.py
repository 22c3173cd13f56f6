"""The page that brings in an area: an .osm.pbf file, sent with a bar that shows how far it is."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from flask import Blueprint, g, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from console.setup import area_job
from core import access
from core.access import accepts_body, requires
from core.problems import Problem, field_problem
from core.services import Services
from core.words import translated

LARGEST_BYTES = 4 << 30
"""A country; what is larger is imported on the machine itself."""
_ADMINS = f"role:{access.ADMIN}"
_READERS = f"role:{access.ADMIN}|{access.AUDITOR}"
_HEADER = b"OSMHeader"
"""Stands in the first bytes of every extract."""


def blueprint(services: Services) -> Blueprint:
    """/admin/area."""
    pages = Blueprint("setup_area", __name__)

    @pages.get("/admin/area")
    @requires(_READERS)
    def show() -> ResponseReturnValue:
        return _page(services)

    @pages.get("/admin/api/area")
    @requires(_READERS)
    def state() -> ResponseReturnValue:
        with services.read() as session:
            return jsonify(area_job.state(session) or {"state": None})

    @pages.post("/admin/area")
    @requires(_ADMINS)
    @accepts_body(LARGEST_BYTES)
    def send() -> ResponseReturnValue:
        try:
            file = _keep(services)
            try:
                area_job.begin(services, file, g.actor)
            except Problem:
                file.unlink(missing_ok=True)
                raise
        except Problem as problem:
            return _page(services, translated(problem.errors[0].detail if problem.errors else problem.title), problem.status)
        return redirect("/admin/area", 303)

    return pages


def _keep(services: Services) -> Path:
    """Store what was sent in the data folder. Problem 422 when it cannot be an extract."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise field_problem("/file", "Choose an .osm.pbf file")
    if _HEADER not in sent.stream.read(64):
        raise field_problem("/file", "This is no OpenStreetMap extract; it must be an .osm.pbf file")
    sent.stream.seek(0)
    descriptor, name = tempfile.mkstemp(prefix="area-", suffix=".osm.pbf", dir=services.settings.data_dir)
    os.close(descriptor)
    sent.save(name)
    return Path(name)


def _page(services: Services, wrong: str | None = None, status: int = 200) -> ResponseReturnValue:
    with services.read() as session:
        now = area_job.state(session)
    may_act = g.user.role == access.ADMIN
    return make_response(render_template("setup/area.html", now=now, wrong=wrong, may_act=may_act), status)
