"""What the carrier is asked to forget, a day after the close."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from core.events import Event
from dispatch.retention import rounds
from dispatch.retention.at_carrier import AGAIN_AFTER, Redaction
from sms.carriers.doors import Doors, open_gateways
from sms.carriers.routes import routes_of
from sms.gateway import CANNOT_FORGET, Sent, Unknown
from sms.models import Message
from tests.stories.kept import NOTES, stored, story
from tests.stories.town import Town


def at_the_carrier(town: Town) -> list[str]:
    """The words that the carrier's API still tells."""
    found = open_gateways(town.services.settings).log
    assert found is not None
    pages = [page for page in found.log_pages() if not isinstance(page, Unknown)]
    return [one.body for page in pages for one in page if one.body]


def test_a_day_after_the_close_the_carrier_has_forgotten_the_words(town: Town) -> None:
    anna = story(town)
    redaction = Redaction(town.services, open_gateways(town.services.settings))
    town.clock.turn(86_000)
    assert redaction.round() == 0
    assert any(NOTES in body for body in at_the_carrier(town))
    town.clock.turn(800)
    assert redaction.round() >= 6
    assert at_the_carrier(town) == []
    assert any(NOTES in body for body in anna.inbox()), "the phone has it as before"
    assert NOTES in stored(town.services), "here it is kept for its days"
    assert redaction.round() == 0, "nothing is asked twice"
    assert town.reconcile() == 0, "and nothing looks as if it had been missed"
    with town.services.read() as session:
        assert rounds.due(session, town.services.settings)["carrier"] == 0
        assert rounds.last_runs(session)["carrier"].data["total"] >= 6


def test_both_lives_of_a_text_that_was_sent_twice_are_forgotten(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.emergency(access_notes=NOTES)
    with town.services.write() as session:
        message = session.scalars(select(Message)).one()
        body = message.body
    route = routes_of(town.services.settings)[0]
    extra = open_gateways(town.services.settings).send(message.id, anna.phone, body, 600, route)
    assert isinstance(extra, Sent)
    town.turn(8)
    town.settle()
    while anna.unread():
        anna.gets("CARDIAC")
    town.close()
    anna.gets("")
    town.clock.turn(90_000)
    Redaction(town.services, open_gateways(town.services.settings)).round()
    assert at_the_carrier(town) == []


def test_a_carrier_that_is_away_or_says_no_is_asked_again(town: Town) -> None:
    story(town)
    town.clock.turn(90_000)
    redaction = Redaction(town.services, open_gateways(town.services.settings))
    with town.services.read() as session:
        waiting = rounds.due(session, town.services.settings)["carrier"]
    town.carrier.faults.every_request = True
    town.carrier.faults.too_many.share = 1.0
    assert redaction.round() == 0
    town.carrier.faults.reset()
    assert Redaction(town.services, Doors({})).round() == 0, "the settings name no carrier that could"
    assert redaction.round() == 0, "what was refused is not asked at once again"
    with town.services.read() as session:
        assert rounds.due(session, town.services.settings)["carrier"] == waiting
        (refused,) = session.scalars(select(Event.data).where(Event.kind == "texts_not_redacted")).all()
    assert refused == {"codes": [CANNOT_FORGET]}
    town.clock.turn(AGAIN_AFTER / timedelta(seconds=1))
    assert redaction.round() == waiting
    assert at_the_carrier(town) == []
