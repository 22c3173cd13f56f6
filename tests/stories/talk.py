"""What stories about answers have in common: an emergency that asks, and looks at what came of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from dispatch.models import Alarm
from dispatch.plans import RURAL
from sms.models import Message
from tests.stories.town import Town, Volunteer


def asked(town: Town, *names: str, **report: Any) -> list[Volunteer]:
    """An emergency with a role for everyone of `names`, and each has read their first text."""
    town.plan(roles=["direct"] * 10, waves=RURAL.model_dump())
    people = [town.volunteer(name, 100 + 20 * number) for number, name in enumerate(names)]
    town.emergency(**report)
    for person in people:
        person.gets("CARDIAC ARREST")
    return people


def wait(town: Town, seconds: int) -> None:
    """A long time passes in one leap; what fell due in it happens at its end."""
    town.clock.turn(seconds - 1)
    town.turn(1)


def set_out(volunteer: Volunteer, body: str = "1") -> None:
    volunteer.texts(body)
    volunteer.gets("GO TO")


def words_of(volunteer: Volunteer) -> list[str]:
    words: list[str] = volunteer.town.callout_of(volunteer)["words"]
    return words


def red_rows(town: Town, kind: str) -> Sequence[Alarm]:
    with town.services.read() as session:
        return session.scalars(select(Alarm).where(Alarm.kind == kind).order_by(Alarm.id)).all()


def texts_of(town: Town, direction: str) -> Sequence[Message]:
    with town.services.read() as session:
        return session.scalars(select(Message).where(Message.direction == direction).order_by(Message.id)).all()
