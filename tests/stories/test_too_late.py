"""A text that could not leave in time is given up where everybody sees it, and somebody else is asked."""

from __future__ import annotations

from core.events import Event
from dispatch.desk import sentences
from dispatch.desk.shown import incidents_json
from dispatch.models import Incident
from tests.stories.town import Town


def test_a_first_text_past_its_end_is_red_on_its_row_and_in_the_timeline(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.carrier.faults.too_many.share = 1.0
    town.emergency()
    town.clock.turn(301)
    town.settle()
    anna.gets_nothing()
    with town.services.read() as session:
        [shown] = incidents_json(session, [session.get_one(Incident, town.incidents[0])])
    [row] = shown["callouts"]
    assert (row["state"], row["delivered"]) == ("failed", False)
    [failed] = town.events("text_failed")
    said = sentences.sentence(Event(kind="text_failed", actor="carrier", data=failed["data"]), "Anna", None, None)
    assert said == "A text to Anna was not sent: it had come too late to be of use"
