"""Suspended, deactivated, reactivated from a person's page: who may, with which reason, and what the page then says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from core.services import Services
from dispatch.models import Callout
from responder.models import MembershipChange, Responder
from responder.pages.room import load
from tests.conftest import empty_sqlite as database
from tests.people.conftest import Visitor, error_at, words
from tests.people.test_person import emergency

__all__ = ["database"]


def membership(services: Services, row: int) -> str:
    with services.read() as session:
        return load(session, row).membership


@pytest.mark.parametrize(
    ("moves", "ends", "said"),
    [
        (["suspend"], "suspended", "Suspended: is asked for nothing"),
        (["deactivate"], "deactivated", "Deactivated: is asked for nothing"),
        (["suspend", "deactivate"], "deactivated", "Deactivated: is asked for nothing"),
        (["deactivate", "suspend"], "suspended", "Suspended: is asked for nothing"),
        (["suspend", "reactivate"], "active", "Active again."),
        (["suspend", "suspend"], "suspended", "Nothing was different"),
        (["reactivate"], "active", "Nothing was different"),
    ],
)
def test_each_button_does_what_it_says(
    admin: Visitor, services: Services, person: Callable[..., int], moves: list[str], ends: str, said: str
) -> None:
    row = person()
    for name in moves:
        answer = admin.post(f"/people/{row}/membership/{name}", {"because": f"why: {name}"})
    assert membership(services, row) == ends
    page = words(admin.get(answer.location))
    assert said in page
    if ends != "active":
        assert "Not asked: is suspended or deactivated." in page
    if said != "Nothing was different":
        assert f" admin: why: {moves[-1]}" in page


@pytest.mark.parametrize("because", ["", "  ", "x" * 301])
def test_without_a_reason_nothing_happens(admin: Visitor, services: Services, person: Callable[..., int], because: str) -> None:
    row = person()
    page = admin.post(f"/people/{row}/membership/suspend", {"because": because})
    assert page.status_code == 422
    assert error_at(page, "because") == "a reason of 1 to 300 characters"
    assert membership(services, row) == "active"


def test_nobody_takes_themselves_back(admin: Visitor, services: Services, person: Callable[..., int]) -> None:
    row = person("Admin")
    admin.post(f"/people/{row}/membership/suspend", {"because": "tired"})
    assert admin.post(f"/people/{row}/membership/reactivate", {"because": "not any more"}).status_code == 403
    assert membership(services, row) == "suspended"
    assert admin.post(f"/people/{row}/membership/promote", {"because": "x"}).status_code == 404


def test_whoever_is_on_a_callout_is_taken_off_it(admin: Visitor, services: Services, person: Callable[..., int]) -> None:
    row = person()
    emergency(services)
    assert "Suspending takes them off at once" in words(admin.get(f"/people/{row}"))
    admin.post(f"/people/{row}/membership/suspend", {"because": "a complaint"})
    with services.read() as session:
        assert session.execute(select(Callout.state, Callout.stood_down_as)).one() == ("stood_down", "taken_off")


def test_the_reason_goes_with_the_person(admin: Visitor, services: Services, person: Callable[..., int]) -> None:
    row = person()
    admin.post(f"/people/{row}/membership/suspend", {"because": "a complaint"})
    admin.post(f"/people/{row}/erase", {"name": "Aino Virtanen"})
    with services.read() as session:
        assert session.scalars(select(MembershipChange)).all() == []
        assert session.get(Responder, row).erased_at is not None


@pytest.mark.parametrize("role", ["auditor", "dispatcher"])
def test_only_admins_do_it(
    visitor: Callable[[str], Visitor], services: Services, person: Callable[..., int], role: str
) -> None:
    row = person()
    assert visitor(role).post(f"/people/{row}/membership/suspend", {"because": "x"}).status_code == 403
    assert membership(services, row) == "active"
