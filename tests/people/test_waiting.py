"""The people whom somebody has to look after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from core.services import Services
from responder import availability, still_there
from responder.models import Responder
from tests.people.conftest import Visitor, words


def test_who_was_paused_is_listed_until_they_are_on_again(
    admin: Visitor, person: Callable[..., int], services: Services
) -> None:
    silent, well = person("Silent Sam"), person("Well Wanda")
    with services.write() as session:
        sam = session.get_one(Responder, silent)
        sam.asked_on_at = sam.created_at
        sam.said_on_at = heard_at = sam.created_at - timedelta(days=200)
        still_there.pause(session, sam)
        availability.set_off(session, session.get_one(Responder, well), None)
    with services.read() as session:
        assert session.get_one(Responder, silent).said_on_at == heard_at, "to be paused for silence is no sign of life"
    told = words(admin.get("/people/waiting"))
    assert "Silent Sam +44770090" in told
    assert "asked on 2026-11-23" in told
    assert "Well Wanda" not in told, "an OFF of one's own is no silence"
    assert "People to look after" in words(admin.get("/people"))
    admin.post(f"/people/{silent}/on")
    assert "Silent Sam" not in words(admin.get("/people/waiting"))
