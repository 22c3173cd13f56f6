"""/me/certificates: a picture or PDF of a certificate, sent by whom it is about. It waits for a verdict like every other."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from core.access import FORM, accepts_body, requires
from core.problems import Problem
from core.words import _
from responder.certificates import files
from responder.certificates.submitting import submit
from responder.me.page import page
from responder.me.room import HOME, NoVisit, Room, ended, visitor, who
from responder.pages import proofs
from responder.pages.room import load

_FILE = _("A picture (JPEG, PNG or HEIC) or a PDF of the whole certificate. This is none, or it cannot be read.")
_TOO_LARGE = _("This file is larger than 10 MB. Send a smaller one, or ring us.")
_KIND = _("Choose what it proves.")
_NOT_NOW = _("Nothing more can be sent now: what you have sent waits to be looked at.")


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""

    @routes.post(f"{HOME}/certificates")
    @requires(FORM)
    @accepts_body(files.LARGEST_BYTES + proofs.FORM_AROUND_IT)
    def send_own_proof() -> ResponseReturnValue:
        try:
            responder_id = who(room)  # no picture is unpacked for nobody
            try:
                proof = proofs.given()
                with room.services.write() as session:
                    submit(session, visitor(session), request.form.get("type", ""), proof)
            except Problem as problem:
                return _again(room, responder_id, problem)
        except NoVisit:
            return ended(room)
        return redirect(f"{HOME}?said=proof", 303)


def _again(room: Room, responder_id: int, problem: Problem) -> ResponseReturnValue:
    """The page once more, with what is wrong where it was chosen, in words for whoever chose it."""
    if problem.status not in (409, 413, 422):
        raise problem
    if any(one.pointer == "/type" for one in problem.errors):
        errors = {"type": _KIND}
    else:
        errors = {"evidence": {409: _NOT_NOW, 413: _TOO_LARGE}.get(problem.status, _FILE)}
    with room.services.read() as session:
        person = load(session, responder_id)
        return page(room, session, person, problem.status, errors=errors, typed={"type": request.form.get("type", "")})
