"""/people/certificates: the proofs that wait, one at a time, the picture beside the form, made for the keyboard alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from core import clock, events
from core.access import requires
from core.problems import Problem, field_problem
from core.settings import Settings
from core.words import fill
from responder.certificates import days, kinds, queue, verifying, words
from responder.certificates.kinds import Kind
from responder.certificates.queue import Waiting
from responder.certificates.verifying import Read
from responder.models import Certification, Responder
from responder.pages import wording
from responder.pages.kinds import labels
from responder.pages.room import READS, WRITES, Room, may_change

_ONE = "/people/certificates/<int(max=2147483647):certification_id>"
_LONGEST = 80


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""

    @routes.get("/people/certificates")
    @requires(READS)
    def certificates() -> str:
        return _page(room)

    @routes.post(f"{_ONE}/verify")
    @requires(WRITES)
    def verify_proof(certification_id: int) -> ResponseReturnValue:
        try:
            with room.services.write() as session:
                read = _read(session, certification_id, request.form)
                verifying.verify(session, room.services.settings, certification_id, read, g.actor)
        except Problem as problem:
            return _refused(room, certification_id, problem)
        return _next(certification_id)

    @routes.post(f"{_ONE}/reject")
    @requires(WRITES)
    def reject_proof(certification_id: int) -> ResponseReturnValue:
        because = request.form.get("words", "").strip() or request.form.get("because", "")
        try:
            with room.services.write() as session:
                if verifying.reject(session, certification_id, because, g.actor):
                    room.above.tell_rejected(session, certification_id)
        except Problem as problem:
            return _refused(room, certification_id, problem)
        return _next(certification_id)

    @routes.post(f"{_ONE}/undo")
    @requires(WRITES)
    def undo_verdict(certification_id: int) -> ResponseReturnValue:
        with room.services.write() as session:
            verifying.take_back(session, certification_id, g.actor)
        return redirect(url_for("people.certificates", at=certification_id, skip=_skipped() or None), 303)


def _read(session: Session, certification_id: int, typed: Mapping[str, str]) -> Read:
    row = session.get(Certification, certification_id)
    kind = kinds.known(session).get(row.type if row is not None else "")
    return Read(_expires(typed, kind), _short(typed, "number"), _short(typed, "issuer"))


def _expires(typed: Mapping[str, str], kind: Kind | None) -> date | None:
    """The last day, as typed or as long after its issue as the kind counts; None where it is said that there is no end."""
    text, issued = typed.get("expires", "").strip(), typed.get("issued", "").strip()
    if text:
        return _day("expires", text)
    if issued and kind is not None and kind.valid_months is not None:
        return days.months_after(_day("issued", issued), kind.valid_months)
    if typed.get("no_end") == "yes":
        return None
    raise field_problem("/expires", "the last day that it counts: a day such as 31.12.2027, 2027-12-31 or 12/2027")


def _day(name: str, text: str) -> date:
    try:
        return days.last_day(text)
    except ValueError as error:
        raise field_problem(f"/{name}", error.args[0]) from None


def _short(typed: Mapping[str, str], name: str) -> str | None:
    text = " ".join(typed.get(name, "").split())
    if len(text) > _LONGEST:
        raise field_problem(f"/{name}", fill("at most {most} characters", most=_LONGEST))
    return text or None


def _next(done: int) -> ResponseReturnValue:
    return redirect(url_for("people.certificates", done=done, skip=_skipped() or None), 303)


def _refused(room: Room, certification_id: int, problem: Problem) -> ResponseReturnValue:
    if problem.status not in (403, 422):
        raise problem
    errors = {one.pointer[1:]: one.detail for one in problem.errors} or {"": problem.title}
    return _page(room, certification_id, errors), problem.status


def _page(room: Room, at: int | None = None, errors: Mapping[str, str] | None = None) -> str:
    """The page of the one that is looked at: `at`, or that of the address, or the first that waits and was not skipped."""
    settings, skipped = room.services.settings, _skipped()
    at = at or request.args.get("at", type=int)
    with room.services.read() as session:
        found = (queue.one(session, at) if at else None) or queue.first(session, skipped)
        shown = render_template(
            "responder/certificates.html",
            found=found,
            kind=_kind(session, found),
            is_own=found is not None and verifying.is_own(found.person, g.actor),
            waiting=queue.count(session),
            most_counted=queue.MOST_COUNTED,
            skipped=skipped,
            done=_done(session),
            kinds=labels(session, settings.default_language),
            language=settings.default_language,
            typed=request.form or _known(found, settings),
            errors=errors or {},
            reasons=words.REJECTIONS,
            longest_reason=verifying.LONGEST_REASON,
            now=clock.now(),
            wording=wording,
            may_change=may_change(),
        )
    if found is not None:
        # Whoever looks at a person's certificate leaves a trace, before it is shown and after the work of showing it.
        with room.services.write() as session:
            events.record(session, "responder_opened", g.actor, responder_id=found.person.id)
    return shown


def _kind(session: Session, found: Waiting | None) -> Kind | None:
    return kinds.known(session).get(found.proof.type) if found is not None else None


def _known(found: Waiting | None, settings: Settings) -> dict[str, str]:
    """What is known of the proof already: what came with it, or was read off it before a verdict was taken back."""
    if found is None:
        return {}
    proof = found.proof
    expires = proof.expires_at.astimezone(settings.zone_info).strftime("%d.%m.%Y") if proof.expires_at else ""
    return {"expires": expires, "number": proof.number or "", "issuer": proof.issuer or ""}


def _done(session: Session) -> tuple[Certification, Responder] | None:
    """The one that was decided last, to be taken back if that was a slip."""
    done = request.args.get("done", type=int)
    row = session.get(Certification, done) if done else None
    if row is None or (row.verified_at is None and row.rejected_at is None):
        return None
    return row, session.get_one(Responder, row.responder_id)


def _skipped() -> list[int]:
    """The numbers of those that were put off, from the address or the form."""
    given = request.values.getlist("skip", type=int)
    return sorted(set(given))[-queue.MOST_SKIPPED :]
