"""Tasks of an admin: whoever wants no more texts stands on the first page until somebody has seen to it."""

from __future__ import annotations

from sqlalchemy import select

from console.app import create_app
from core import clock
from core.services import Services
from dispatch.models import Alarm
from responder.models import Responder
from tests.setup.conftest import send, sign_in
from tests.stories.conftest import town  # noqa: F401  # a fixture
from tests.stories.town import Town


def _task(services: Services) -> Alarm:
    with services.read() as session:
        return session.scalars(select(Alarm).where(Alarm.kind == "wishes_to_opt_out")).one()


def test_a_wish_for_no_more_texts_waits_for_an_admin_until_it_is_seen_to(town: Town, services: Services) -> None:  # noqa: F811
    anna = town.volunteer("Anna", 100)
    anna.texts("stop please")
    anna.gets_nothing()
    app = create_app(services)
    admin, dispatcher = sign_in(app, services, "admin"), sign_in(app, services, "dispatcher")
    assert "Anna: A volunteer wishes no more texts" in admin.get("/admin").text.replace("</a>", "")
    assert "Anna" not in dispatcher.get("/admin").text
    task = _task(services)
    assert send(admin, "/admin", f"/admin/tasks/{task.id}/done", {}).status_code == 303
    assert "Anna" not in admin.get("/admin").text
    assert _task(services).acknowledged_by == "user:admin"


def test_what_is_no_task_of_an_admin_is_not_settled_here(services: Services) -> None:
    with services.write() as session:
        session.add(Alarm(kind="nobody_asked", data={}, raised_at=clock.now()))
    app = create_app(services)
    admin = sign_in(app, services, "admin")
    with services.read() as session:
        alarm = session.scalars(select(Alarm)).one()
    assert send(admin, "/admin", f"/admin/tasks/{alarm.id}/done", {}).status_code == 404
    with services.read() as session:
        assert session.get_one(Alarm, alarm.id).acknowledged_at is None


def test_whoever_opted_out_is_told_by_phone_what_to_text(town: Town, services: Services) -> None:  # noqa: F811
    anna = town.volunteer("Anna", 100)
    anna.texts("STOP")
    anna.read = len(anna.inbox())
    page = sign_in(create_app(services), services, "admin").get("/admin").text
    assert f"ring them and say: text START to {town.our_number}." in page


def test_a_number_that_does_not_work_is_a_task_until_a_text_reaches_it(town: Town, services: Services) -> None:  # noqa: F811
    anna = town.volunteer("Anna", 100)
    town.carrier.faults.refuse[anna.phone] = 21614
    town.emergency()
    admin = sign_in(create_app(services), services, "admin")
    assert "This number cannot take texts, says the carrier" in admin.get("/admin").text
    assert "The carrier says that this number cannot take texts." in admin.get(f"/people/{_person(services)}").text
    town.carrier.faults.refuse.clear()
    anna.texts("on")
    anna.read = len(anna.inbox())
    assert "cannot take texts" not in admin.get("/admin").text + admin.get(f"/people/{_person(services)}").text


def _person(services: Services) -> int:
    with services.read() as session:
        return session.scalars(select(Responder.id)).one()
