"""Proofs on a person's page: sent for them by an admin, opened by admins alone, and the account that they sign in with."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core import events
from core.access import accepts_body, requires
from core.problems import Problem, field_problem
from core.words import fill
from responder.api import in_fhir
from responder.certificates import evidence, files
from responder.certificates.submitting import submit
from responder.pages.person import page
from responder.pages.room import PERSON, READS, WRITES, Room, load

FORM_AROUND_IT = 64 * 1024
LONGEST_ACCOUNT = 80


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""

    @routes.post(f"{PERSON}/certificates")
    @requires(WRITES)
    @accepts_body(files.LARGEST_BYTES + FORM_AROUND_IT)
    def send_proof(responder_id: int) -> ResponseReturnValue:
        try:
            proof = given()
            with room.services.write() as session:
                submit(session, load(session, responder_id), request.form.get("type", ""), proof, actor=g.actor)
        except Problem as problem:
            if problem.status not in (409, 413, 422):
                raise
            errors = {one.pointer[1:]: one.detail for one in problem.errors} or {"evidence": problem.title}
            return page(room, responder_id, errors=errors, typed=request.form), problem.status
        return redirect(url_for("people.person", responder_id=responder_id, said="sent"), 303)

    @routes.get("/people/evidence/<evidence_id>")
    @requires(WRITES)
    def open_evidence(evidence_id: str) -> Response:
        with room.services.write() as session:
            row = evidence.open_one(session, evidence_id, g.actor)
            content, media_type, certification_id = row.content, row.media_type, row.certification_id
        name = f"certificate-{certification_id}{files.ENDINGS[media_type]}"
        # Handed out and never opened in our own pages' name: whatever a file holds, it holds no rights here.
        return Response(
            content,
            content_type=media_type,
            headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"},
        )

    @routes.get(f"{PERSON}/practitioner.json")
    @requires(READS)
    def practitioner(responder_id: int) -> Response:
        with room.services.write() as session:
            person = load(session, responder_id)
            events.record(session, "responder_opened", g.actor, responder_id=responder_id)
            answer = in_fhir(room.services, session, person)
        answer.headers["Content-Disposition"] = f'attachment; filename="practitioner-{responder_id}.json"'
        return answer

    @routes.post(f"{PERSON}/account")
    @requires(WRITES)
    def note_account(responder_id: int) -> ResponseReturnValue:
        account = request.form.get("account", "").strip()
        with room.services.write() as session:
            person = load(session, responder_id)
            if g.actor == f"user:{person.account}":
                raise Problem(403, "Another admin notes or changes which account is yours")
            if len(account) > LONGEST_ACCOUNT:
                raise field_problem("/account", fill("at most {most} characters", most=LONGEST_ACCOUNT))
            person.account = account or None
            events.record(session, "responder_changed", g.actor, responder_id=responder_id, fields=["account"])
        return redirect(url_for("people.person", responder_id=responder_id, said="account"), 303)


def given() -> files.Proof | None:
    """The file that was sent as `evidence`, cleaned; None when none was chosen. Raises Problem for one that is no proof."""
    sent = request.files.get("evidence")
    if sent is None or not sent.filename:
        return None
    with sent.stream:
        return files.cleaned(sent.stream.read(files.LARGEST_BYTES + 1))
