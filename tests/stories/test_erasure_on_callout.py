"""Somebody asks to be forgotten while they are out there: they are looked after to the end, and then forgotten."""

from __future__ import annotations

import pytest
import requests
from sqlalchemy import select

from console import keys
from dispatch import erasures
from responder.models import Responder
from sms import inbox
from sms.models import Message
from tests.stories.town import CENTRE, Town, Volunteer


@pytest.fixture
def key(town: Town) -> str:
    """A key that may erase people."""
    with town.services.write() as session:
        return keys.create(session, "registry", ["people"])


def wants_to_be_erased(town: Town, volunteer: Volunteer, key: str) -> int:
    """DELETE over the API; returns the status."""
    url = f"{town.services.settings.public_url}/api/v1/responders/{volunteer.name.lower()}"
    return requests.delete(url, headers={"Authorization": f"Bearer {key}"}, timeout=5).status_code


def erased(town: Town) -> bool:
    """What the conductor does every second; whether the one person of the story is gone now."""
    erasures.erase_due(town.services)
    with town.services.read() as session:
        return session.scalars(select(Responder).order_by(Responder.id).limit(1)).one().erased_at is not None


def comes(volunteer: Volunteer) -> None:
    volunteer.gets("CARDIAC")
    volunteer.texts("1")
    volunteer.gets("GO TO")


def test_off_duty_it_is_done_at_once(town: Town, key: str) -> None:
    anna = town.volunteer("Anna")
    assert wants_to_be_erased(town, anna, key) == 204
    town.emergency()
    anna.gets_nothing()


def test_coming_and_on_scene_they_get_every_text_and_are_erased_after_their_4(town: Town, key: str) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    comes(anna)
    assert wants_to_be_erased(town, anna, key) == 202
    assert not erased(town)
    town.correct(location={"lat": CENTRE[0] + 0.001, "lon": CENTRE[1]})
    anna.gets("ADDRESS WAS WRONG")
    anna.texts("3")
    assert not erased(town)
    town.close("helped")
    anna.gets("Leave when it is safe")
    assert not erased(town)
    anna.texts("4")
    assert erased(town)
    assert town.incident()["callouts"][0]["responder_id"] is None
    assert town.incident()["callouts"][0]["state"] == "finished"
    with town.services.read() as session:
        assert not any(message.body or message.phone for message in session.scalars(select(Message)))


def test_a_cannot_ends_the_callout_as_well(town: Town, key: str) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    comes(anna)
    wants_to_be_erased(town, anna, key)
    anna.texts("2")
    assert erased(town)


def test_the_last_text_leaves_before_its_reader_is_forgotten(town: Town, key: str) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    comes(anna)
    wants_to_be_erased(town, anna, key)
    town.carrier.faults.too_many.share = 1.0
    town.stand_down("ambulance_on_scene")
    assert town.callout_of(anna)["state"] == "stood_down"
    assert not erased(town)
    town.carrier.faults.reset()
    town.turn(4)
    anna.gets("the ambulance has arrived")
    assert erased(town)


def test_told_to_get_away_they_are_not_forgotten_before_they_are_known_to_be_safe(town: Town, key: str) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    comes(anna)
    wants_to_be_erased(town, anna, key)
    town.stand_down("unsafe")
    anna.gets("NOT SAFE")
    assert not erased(town)
    town.turn(61)
    anna.picks_up("it is not safe")
    anna.presses("4", "good to know that you are safe")
    assert town.alarms() == []
    assert erased(town)


def test_whoever_waits_to_be_erased_is_asked_for_nothing_else(town: Town, key: str) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    comes(anna)
    wants_to_be_erased(town, anna, key)
    town.emergency()
    anna.gets_nothing()
    anna.texts("3")
    anna.texts("4")
    assert erased(town)
    town.turn(15)
    anna.gets_nothing()


def test_whoever_never_says_4_is_forgotten_an_hour_after_the_close(town: Town, key: str) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    comes(anna)
    anna.texts("3")
    wants_to_be_erased(town, anna, key)
    town.close("helped")
    anna.gets("Leave when it is safe")
    town.turn(3540)
    assert not erased(town)
    town.turn(120)
    assert erased(town)


def test_a_text_from_someone_forgotten_is_an_unknown_number_and_is_never_answered(town: Town, key: str) -> None:
    anna = town.volunteer("Anna")
    town.emergency()
    anna.gets("CARDIAC")
    assert wants_to_be_erased(town, anna, key) == 202, "she has a question of ours in hand"
    town.turn(305)
    assert erased(town)
    town.carrier.text(anna.phone, "1")
    town.carrier.wait_idle()
    inbox.handle_due(town.wire)
    anna.gets_nothing()
    assert not town.incident()["covered"]
    assert all(callout["state"] != "accepted" for callout in town.incident()["callouts"])
