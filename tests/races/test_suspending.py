"""A suspension and an answer in one moment: whichever is first, nobody who is suspended is on the way."""

from __future__ import annotations

from sqlalchemy import select

from core.services import Services
from dispatch import suspending
from responder.models import Responder
from tests.races.stage import Stage, handle_texts, tick


def suspend(services: Services, name: str) -> bool:
    with services.write() as session:
        row = session.scalars(select(Responder.id).where(Responder.external_id == name)).one()
        return suspending.suspend(session, services.settings, row, "for the race", "user:anna")


def test_answers_and_suspensions_at_once(stage: Stage) -> None:
    names = stage.street(6, step_m=5)
    first, second = stage.open().incident_id, stage.open().incident_id
    stage.send()
    for name in names:
        stage.text(name, "1")
    stage.race(
        *(lambda services, name=name: suspend(services, name) for name in names[:3]),
        *[handle_texts] * 3,
        *[tick] * 2,
    )
    # A text whose number a suspension held at that moment was passed over, and waits for the conductor's look.
    handle_texts(stage.services)
    for incident_id in (first, second):
        states = stage.states(incident_id)
        gone = {states[name] for name in names[:3] if name in states}
        assert gone <= {"stood_down", "failed", "declined"}, states
    assert stage.unhandled() == 0


def test_an_emergency_and_a_suspension_at_once(stage: Stage) -> None:
    names = stage.street(4)
    opened: list[str] = []
    stage.race(
        *(lambda services, name=name: suspend(services, name) for name in names[:2]),
        lambda services: opened.append(stage.open(services).incident_id),
        lambda services: opened.append(stage.open(services).incident_id),
    )
    stage.send()
    for incident_id in opened:
        states = stage.states(incident_id)
        assert {states.get(name) for name in names[:2]} <= {None, "stood_down", "failed"}, states
