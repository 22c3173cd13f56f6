"""An emergency with everything that can be told of caller and patient, and the time that passes after it."""

from __future__ import annotations

from core.services import Services
from dispatch import notes
from dispatch.retention import asked, rounds
from tests.responder.helpers import everything_stored
from tests.stories.town import CENTRE, Town, Volunteer

CALLER, NOTES, NOTE, WORDS = "+447700900555", "key under the mat", "patient is 82", "he is breathing again"
STRANGER = "+447700900777"
SECRETS = (CALLER, NOTES, NOTE, WORDS, "60.17123", "24.94123", STRANGER, "wrong number sorry")


def story(town: Town) -> Volunteer:
    """An emergency with everything that can be told of caller and patient, and its end."""
    anna = town.volunteer("Anna")
    where = {"lat": CENTRE[0] + 0.00123, "lon": CENTRE[1] + 0.00123}
    incident_id = town.emergency(location=where, access_notes=NOTES, caller_phone=CALLER, external_id="cad-1")
    anna.gets("CARDIAC")
    anna.texts("1")
    anna.gets("GO TO", NOTES)
    anna.texts("3")
    anna.texts(WORDS)
    anna.gets("")
    notes.add(town.services, incident_id, NOTE, "user:dispatcher")
    town.carrier.text(STRANGER, "wrong number sorry")
    town.settle()
    anna.texts("4")
    town.close()
    return anna


def later(town: Town, days: float) -> None:
    """Days in which nothing happens, and the round of a minute."""
    town.clock.turn(days * 86_400)
    rounds.run(town.services)


def stored(services: Services) -> str:
    with services.read() as session:
        return everything_stored(session)


def stranger(town: Town, *words: str) -> asked.Asked:
    """Somebody who is no volunteer writes so many texts; how an admin looks for them."""
    for one in words:
        town.carrier.text(STRANGER, one)
    town.settle()
    return asked.read({"phone": STRANGER}, town.services.settings)
