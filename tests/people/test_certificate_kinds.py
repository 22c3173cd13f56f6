"""The page of the kinds of certificate: data that an admin edits, and that whatever takes certificates knows at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core import clock as clocks
from core.services import Services
from dispatch import plans
from responder import index, standing
from responder.certificates import kinds
from responder.fields import Context
from responder.input import ResponderInput
from responder.models import Certification
from tests.conftest import empty_sqlite as database
from tests.people.conftest import Visitor, words

__all__ = ["database"]
RESCUE = {
    "is_new": "yes",
    "key": "water_rescue",
    "label_en": "Water rescue",
    "proves_en": "Can rescue from water.",
    "valid_months": "24",
    "needs_evidence": "yes",
}


def test_what_ships_is_said_with_what_it_opens(visitor: Callable[[str], Visitor]) -> None:
    said = words(visitor("auditor").get("/people/certificate-kinds"))
    assert "CPR Can resuscitate and use a defibrillator. Opens Cardiac arrest Counts 24 months from its issue" in said
    assert "Identity checked Somebody has seen an identity document. Opens nothing" in said
    assert "Add a kind" not in said


def test_a_new_kind_is_known_to_forms_files_and_programs(
    admin: Visitor, services: Services, person: Callable[..., int]
) -> None:
    assert admin.post("/people/certificate-kinds", RESCUE).status_code == 303
    row = person()
    assert ">Water rescue</option>" in admin.get(f"/people/{row}/edit").text
    with services.read() as session:
        context = Context.of(services.settings, kinds.keys(session))
    told: dict[str, Any] = {"external_id": "x", "name": "X", "phone": "+447700900123", "consent_at": None}
    told |= {"places": [{"kind": "home", "lat": 60, "lon": 24}], "certifications": [{"type": "water_rescue"}]}
    assert ResponderInput.read(told, context).certifications


def test_the_words_of_a_kind_that_ships_can_be_changed(admin: Visitor, services: Services) -> None:
    changed = {"key": "cpr", "label_en": "Resuscitation", "label_fi": "PPE", "valid_months": "12", "needs_evidence": ""}
    assert admin.post("/people/certificate-kinds", changed).status_code == 303
    with services.read() as session:
        cpr = kinds.known(session)["cpr"]
    assert (cpr.called("en"), cpr.called("fi"), cpr.called("sv")) == ("Resuscitation", "PPE", "Resuscitation")
    assert (cpr.valid_months, cpr.needs_evidence) == (12, False)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"key": "Water rescue"}, "small letters"),
        ({"key": "cpr"}, "a key that no other kind has"),
        ({"label_en": ""}, "what it is called"),
        ({"label_en": "x" * 61}, "at most 60"),
        ({"valid_months": "0"}, "from 1 to 600"),
        ({"valid_months": "two"}, "a number of months"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_typed_is_lost(
    admin: Visitor, services: Services, said: dict[str, str], expected: str
) -> None:
    page = admin.post("/people/certificate-kinds", RESCUE | said)
    assert page.status_code == 422
    assert expected in words(page)
    assert "Can rescue from water." in page.text
    with services.read() as session:
        assert set(kinds.known(session)) == set(kinds.SHIPPED_KEYS)


def test_a_plan_that_names_no_certificate_is_for_whoever_has_any(
    admin: Visitor, services: Services, person: Callable[..., int]
) -> None:
    shipped = next(plan for plan, _ in plans.SHIPPED if plan.type == "fire")
    with services.write() as session:
        plans.save(session, shipped.model_copy(update={"any_of": ()}), True)
    nothing, anything = person(certifications=[]), person(certifications=[{"type": "identity"}])
    assert "Asked of everybody who has any certificate that counts: Fire" in words(admin.get("/people/certificate-kinds"))
    assert "Fire Home: ○ Not asked: has no verified certificate" in words(admin.get(f"/people/{nothing}"))
    assert "Fire Home: ● Asked, when it is near." in words(admin.get(f"/people/{anything}"))


def opened(services: Services, type_: str = "cardiac_arrest") -> plans.Plan:
    with services.read() as session:
        return plans.of(plans.current(session, type_))


def test_an_admin_says_which_emergencies_and_which_roles_a_kind_opens(
    admin: Visitor, services: Services, person: Callable[..., int]
) -> None:
    ticked = ["cardiac_arrest:guide", "breathing:direct", "breathing:guide", "nothing:direct"]
    assert admin.post("/people/certificate-kinds", RESCUE | {"says_opens": "yes", "opens": ticked}).status_code == 303
    assert opened(services).any_of == ("cpr", "first_aid", "medical")
    assert opened(services).for_role == {"guide": ("water_rescue",)}
    assert opened(services, "breathing").any_of == ("first_aid", "medical", "water_rescue")
    assert opened(services, "bleeding").for_role == {}
    page = admin.get("/people/certificate-kinds")
    assert "Opens Trouble breathing, Cardiac arrest (to show the crew the way)" in words(page)
    assert 'value="cardiac_arrest:guide" checked' in page.text
    row = person(certifications=[])
    with services.write() as session:
        session.add(Certification(responder_id=row, type="water_rescue", verified_at=clocks.now()))
        index.refresh(session, [row])
    said = words(admin.get(f"/people/{row}"))
    assert "Cardiac arrest Home: ○ Not asked" in said
    assert "Cardiac arrest, to show the crew the way Home: ● Asked, when it is near." in said
    assert "● Can be asked" in said, "one of a kind of our own is a certificate too"
    assert "● Can be asked" in words(admin.get("/people", standing="ready"))


def test_a_kind_that_opens_nothing_any_more_is_in_no_plan(admin: Visitor, services: Services) -> None:
    cpr = {"key": "cpr", "label_en": "CPR", "says_opens": "yes"}
    assert admin.post("/people/certificate-kinds", cpr).status_code == 303
    assert opened(services).any_of == ("first_aid", "medical")
    assert opened(services).for_role == {}


def test_no_plan_is_left_that_asks_everybody_by_mistake(admin: Visitor, services: Services) -> None:
    for key in ("first_aid", "medical"):
        answer = admin.post("/people/certificate-kinds", {"key": key, "label_en": key, "says_opens": "yes"})
    assert answer.status_code == 422
    assert "everybody would be asked" in words(answer)
    assert opened(services, "bleeding").any_of == ("medical",)


def test_words_changed_without_a_say_about_plans_leave_them_alone(admin: Visitor, services: Services) -> None:
    assert admin.post("/people/certificate-kinds", {"key": "cpr", "label_en": "CPR"}).status_code == 303
    assert "cpr" in opened(services).any_of


@pytest.mark.parametrize(
    ("needs", "kinds_", "expected"),
    [
        ([], None, ()),
        ([((), ("cpr", "medical"))], None, ("cpr", "medical")),
        ([((), ("cpr",)), ((), ("water_rescue",))], None, ("cpr", "water_rescue")),
        ([(("medical",), ())], None, ("medical",)),
        ([(("identity",), ("cpr",))], None, ("cpr",)),
        ([((), ("cpr",)), ((), ())], None, ()),
        ([((), ("cpr",))], {"guide": ("identity",)}, ("cpr", "identity")),
    ],
)
def test_which_kinds_let_somebody_be_asked(needs: list[Any], kinds_: Any, expected: tuple[str, ...]) -> None:
    asked = [plans.Plan(type="any", all_of=all_of, any_of=any_of, for_role=kinds_ or {}) for all_of, any_of in needs]
    assert standing.helping(asked) == expected
