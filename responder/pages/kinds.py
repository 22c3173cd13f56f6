"""/people/certificate-kinds: what kinds of certificate there are, what each opens, and an admin's changes to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from gettext import gettext
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from core.access import requires
from core.problems import Problem, field_problem
from responder.certificates import kinds
from responder.certificates.kinds import Kind
from responder.pages import wording
from responder.pages.room import READS, WRITES, Asking, Room, may_change

_NEW = "new"


def add(routes: Blueprint, room: Room) -> None:
    """Register the views."""

    @routes.get("/people/certificate-kinds")
    @requires(READS)
    def certificate_kinds() -> str:
        return _page(room)

    @routes.post("/people/certificate-kinds")
    @requires(WRITES)
    def save_kind() -> ResponseReturnValue:
        typed: dict[str, Any] = {**request.form.to_dict(), "opens": request.form.getlist("opens")}
        try:
            with room.services.write() as session:
                kind = _read(typed, room.services.settings.languages)
                if typed.get("is_new") == "yes" and kind.key in kinds.known(session):
                    raise field_problem("/key", "a key that no other kind has")
                kinds.save(session, kind, g.actor)
                if typed.get("says_opens") == "yes":
                    room.above.set_opens(session, kind.key, _opens(typed["opens"], room.above.plans_on(session)), g.actor)
        except Problem as problem:
            name = _NEW if typed.get("is_new") == "yes" else typed.get("key", "")
            errors = {f"{name}-{one.pointer[1:]}": one.detail for one in problem.errors}
            return _page(room, errors, {name: typed}), problem.status
        return redirect(url_for("people.certificate_kinds", said="saved"), 303)


def labels(session: Session, language: str) -> dict[str, str]:
    """What every kind is called in `language`, by its key, for pages."""
    return {key: kind.called(language) for key, kind in kinds.known(session).items()}


def opened_by(key: str, plans: Sequence[Asking]) -> list[str]:
    """The kinds of emergency that a certificate of this kind helps to be asked for, with the role where it opens one alone."""
    whole = [plan.name for plan in plans if key in (*plan.all_of, *plan.any_of)]
    return whole + [
        f"{plan.name} ({gettext(wording.ROLES_ALONE[role])})"
        for plan in plans
        for role, opened in plan.for_role.items()
        if key in opened
    ]


def _opens(ticked: Sequence[str], plans: Sequence[Asking]) -> dict[str, set[str]]:
    """The roles that were ticked, by key of the plan; each box is called `plan:role`."""
    return {plan.key: {role for role in plan.roles if f"{plan.key}:{role}" in ticked} for plan in plans}


def _ticked(key: str, plans: Sequence[Asking]) -> list[str]:
    """The boxes that are ticked for a kind as the plans stand."""
    whole = [f"{plan.key}:{role}" for plan in plans for role in plan.roles if key in plan.any_of]
    return whole + [f"{plan.key}:{role}" for plan in plans for role, opened in plan.for_role.items() if key in opened]


def _read(typed: Mapping[str, Any], languages: Sequence[str]) -> Kind:
    months = typed.get("valid_months", "").strip()
    if months and not (months.isascii() and months.isdigit() and len(months) < 5):
        raise field_problem("/valid_months", "a number of months, or nothing")
    return Kind(
        key=typed.get("key", "").strip(),
        label={one: typed.get(f"label_{one}", "").strip() for one in languages},
        proves={one: typed.get(f"proves_{one}", "").strip() for one in languages},
        valid_months=int(months) if months else None,
        needs_evidence=typed.get("needs_evidence") == "yes",
    )


def _fields(kind: Kind, plans: Sequence[Asking]) -> dict[str, Any]:
    """A kind as its form shows it."""
    fields: dict[str, Any] = {
        "opens": _ticked(kind.key, plans),
        "key": kind.key,
        "valid_months": str(kind.valid_months or ""),
        "needs_evidence": "yes" if kind.needs_evidence else "",
    }
    fields |= {f"label_{language}": text for language, text in kind.label.items()}
    return fields | {f"proves_{language}": text for language, text in kind.proves.items()}


def _page(room: Room, errors: Mapping[str, str] | None = None, typed: Mapping[str, Mapping[str, Any]] | None = None) -> str:
    settings, typed = room.services.settings, typed or {}
    with room.services.read() as session:
        there, plans = kinds.known(session), room.above.plans_on(session)
    shown = [(key, kind, opened_by(key, plans), typed.get(key) or _fields(kind, plans)) for key, kind in there.items()]
    return render_template(
        "responder/kinds.html",
        shown=shown,
        new=typed.get(_NEW) or {"needs_evidence": "yes", "opens": []},
        plans=[plan for plan in plans if plan.any_of],
        errors=errors or {},
        open_to_all=[plan.name for plan in plans if not plan.all_of and not plan.any_of],
        languages=settings.languages,
        language=settings.default_language,
        wording=wording,
        may_change=may_change(),
        said=wording.SAID.get(request.args.get("said", "")),
    )
