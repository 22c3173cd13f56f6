"""What is kept no longer than it is needed: the clock alone does it, and what counts an emergency stays."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, insert, select, true, update

from core import clock as clocks
from core.events import Event
from core.problems import Problem
from core.services import Services
from dispatch import notes
from dispatch.desk import board
from dispatch.models import Alarm, Incident
from dispatch.retention import asked, forgotten_list, incidents, rounds, strangers
from dispatch.retention.at_carrier import AGAIN_AFTER, Redaction
from dispatch.retention.models import ErasedOnRequest
from responder.bulk import actions
from responder.bulk.models import BulkAction, BulkPerson
from responder.care import call_backs
from responder.care.models import CallBack, CareQuestion
from responder.links.models import PersonalLink
from responder.models import Responder
from sms.carriers.doors import Doors, open_gateways
from sms.carriers.routes import routes_of
from sms.gateway import CANNOT_FORGET, Sent, Unknown
from sms.models import Contact, Message, MessageStatus
from sms.received import Told
from sms.spool import Spool
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


def test_after_its_days_an_emergency_tells_nothing_of_caller_and_patient(town: Town) -> None:
    story(town)
    later(town, 89)
    assert all(secret in stored(town.services) for secret in SECRETS)
    later(town, 2)
    left = stored(town.services)
    assert [secret for secret in SECRETS if secret in left] == []
    told = town.incident()
    assert (told["type"], told["outcome"], told["external_id"]) == ("cardiac_arrest", "helped", "cad-1")
    assert told["location"] == {"lat": 60.17, "lon": 24.94, "address": None}
    (callout,) = told["callouts"]
    assert (callout["state"], callout["distance_m"] > 0, callout["answered_at"] is not None) == ("finished", True, True)
    (event,) = town.events("incident_forgotten")
    assert (event["actor"], event["data"]["why"]) == ("system", "time")
    with town.services.read() as session:
        due, ran = rounds.due(session, town.services.settings), rounds.last_runs(session)
    assert due["incidents"] == due["texts"] == due["alarms"] == 0
    assert ran["incidents"].data["total"] == 1
    assert ran["texts"].at == town.clock.now()


def test_what_is_forgotten_is_not_opened_again_and_its_report_is_no_contradiction(town: Town) -> None:
    story(town)
    later(town, 91)
    with pytest.raises(Problem, match="has been erased"):
        town.reopen()
    again = town.emergency(external_id="cad-1", access_notes=NOTES, caller_phone=CALLER)
    assert again == town.incidents[0]
    assert town.alarms() == ["unclear_words"], "that of the story"
    assert NOTES not in stored(town.services)


def test_an_open_emergency_keeps_everything_however_old(town: Town) -> None:
    anna = town.volunteer("Anna")
    town.emergency(access_notes=NOTES)
    anna.gets("CARDIAC")
    anna.texts("1")
    anna.gets("GO TO", NOTES)
    anna.texts("3")
    later(town, 200)
    assert NOTES in stored(town.services)
    with town.services.read() as session:
        assert NOTES in (session.scalar(select(func.max(Message.body)).where(Message.purpose == "address")) or "")
    town.close()
    anna.gets("")
    later(town, 91)
    assert NOTES not in stored(town.services)


def test_a_settled_report_that_became_nothing_goes_and_one_that_stands_red_stays(town: Town) -> None:
    for address in ("Nowhere Street 1", "Nowhere Street 2"):
        with pytest.raises(Problem):
            town.emergency(address=address, caller_phone=CALLER)
    with town.services.write() as session:
        first = session.scalars(select(Alarm).order_by(Alarm.id)).first()
        assert first is not None
        first.acknowledged_at, first.settled_as = clocks.now(), "dismissed"
    later(town, 91)
    left = stored(town.services)
    assert "Nowhere Street 1" not in left
    assert "Nowhere Street 2" in left, "nobody has seen to it"


def test_a_round_that_ends_early_goes_on_in_the_next(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        town.emergency(caller_phone=CALLER)
        town.close("mistaken")
    town.clock.turn(91 * 86_400)
    monkeypatch.setattr(rounds, "MAY_TAKE_S", -1.0)
    for left in (2, 1, 0):
        rounds.run(town.services)
        with town.services.read() as session:
            assert rounds.due(session, town.services.settings)["incidents"] == left


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_rule_that_breaks_holds_up_no_other_and_is_an_event(town: Town) -> None:
    story(town)
    with town.services.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE certificate_evidence RENAME TO gone")
    later(town, 91)
    with town.services.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE gone RENAME TO certificate_evidence")
        (failed,) = [one.data for one in session.scalars(select(Event).where(Event.kind == "retention_failed"))]
    assert failed == {"rule": "evidence", "error": "OperationalError"}
    assert NOTES not in stored(town.services)
    rounds.run(town.services)
    with town.services.read() as session:
        kept = {"incidents", "alarms", "texts", "strangers", "care", "set_aside", "evidence", "bulk", "links"}
        assert set(rounds.last_runs(session)) == kept


def test_what_was_done_to_several_people_goes_when_it_cannot_be_taken_back_any_more(town: Town) -> None:
    town.volunteer("Anna")
    actions.begin(town.services, "suspend", "was rude to Bert", None, [true()], "user:a")
    later(town, 29)
    assert "was rude to Bert" in stored(town.services)
    later(town, 2)
    with town.services.read() as session:
        assert session.scalar(select(func.count()).select_from(BulkAction)) == 0
        assert session.scalar(select(func.count()).select_from(BulkPerson)) == 0
        assert rounds.due(session, town.services.settings)["bulk"] == 0


def test_links_go_when_nobody_can_wonder_any_more_why_they_do_not_open(town: Town) -> None:
    anna = town.volunteer("Anna")
    anna.texts("LINK")
    anna.gets("/m/")
    later(town, 29)
    with town.services.read() as session:
        assert session.scalars(select(PersonalLink.phone)).all() == [anna.phone]
    later(town, 2)
    with town.services.read() as session:
        assert session.scalars(select(PersonalLink.phone)).all() == []


def test_what_could_never_be_stored_goes_as_texts_do(town: Town) -> None:
    spool = Spool(town.services.settings.data_dir)
    spool.add(Told("inbound", {"From": STRANGER, "Body": WORDS, "MessageSid": "SM1"}, clocks.now()))
    (file,) = spool.waiting()
    assert spool.tried(file, 1)
    foreign = spool.folder / "set-aside" / "notes of the operator.json"
    foreign.write_text("{}")
    later(town, 89)
    assert spool.state().set_aside == 2
    later(town, 2)
    assert [path.name for path in (spool.folder / "set-aside").iterdir()] == [foreign.name]


def test_what_was_erased_on_request_is_erased_again_after_a_restore(town: Town) -> None:
    """As if the day before were back: the row holds again what it held, the list beside the database knows better."""
    story(town)
    incident_id = town.incidents[-1]
    with town.services.write() as session:
        incidents.forget(session, incident_id, "user:admin")
    assert NOTES not in stored(town.services)
    assert forgotten_list.keep(town.services) == 0
    with town.services.write() as session:
        back = session.get_one(Incident, incident_id)
        back.forgotten_at, back.access_notes, back.caller_phone = None, NOTES, CALLER
    assert forgotten_list.keep(town.services) == 1
    assert NOTES not in stored(town.services)
    assert forgotten_list.keep(town.services) == 0


def stranger(town: Town, *words: str) -> asked.Asked:
    """Somebody who is no volunteer writes so many texts; how an admin looks for them."""
    for one in words:
        town.carrier.text(STRANGER, one)
    town.settle()
    return asked.read({"phone": STRANGER}, town.services.settings)


def erase_texts_of(town: Town, wanted: asked.Asked) -> int:
    with town.services.write() as session:
        return strangers.erase_texts(session, asked.texts_of(session, town.services.settings, wanted))


def test_a_stranger_who_wished_to_join_is_found_and_erased_and_stays_so_after_a_restore(town: Town) -> None:
    """Their JOIN has made a contact of the number, and our answer is a text to it."""
    wanted = stranger(town, "JOIN", "private words")
    town.clock.turn(3600)
    with town.services.read() as session:
        before = session.execute(select(Message.__table__)).mappings().all()
        contact = session.execute(select(Contact.__table__)).mappings().one()
    assert sorted(one["direction"] for one in before) == ["in", "in", "out"]
    assert erase_texts_of(town, wanted) == 3
    for secret in (STRANGER, "private words"):
        assert secret not in stored(town.services)
    assert forgotten_list.keep(town.services) == 0
    with town.services.write() as session:  # as if the day before were back
        for table in (ErasedOnRequest, MessageStatus, Message):
            session.execute(delete(table))
        session.execute(insert(Contact.__table__), [dict(contact)])
        session.execute(insert(Message.__table__), [dict(one) for one in before[1:]])
    assert forgotten_list.keep(town.services) == 2
    assert STRANGER not in stored(town.services)
    assert forgotten_list.keep(town.services) == 0
    with town.services.read() as session:
        assert len(session.scalars(select(ErasedOnRequest.key)).all()) == 3, "of the third there is nothing to do"


def test_a_report_that_was_erased_is_erased_again_and_none_that_came_to_have_its_number(town: Town) -> None:
    with pytest.raises(Problem):
        town.emergency(address="Nowhere Street 1", caller_phone=CALLER)
    with town.services.write() as session:
        session.execute(update(Alarm).values(acknowledged_at=clocks.now(), settled_as="dismissed"))
        row = dict(session.execute(select(Alarm.__table__)).mappings().one())
        assert strangers.erase_report(session, row["id"])
        assert not strangers.erase_report(session, row["id"])
    forgotten_list.keep(town.services)
    for came, stays in ((row, False), (row | {"raised_at": row["raised_at"] - timedelta(seconds=1)}, True)):
        with town.services.write() as session:
            session.execute(delete(ErasedOnRequest))
            session.execute(insert(Alarm.__table__), [came])
        assert forgotten_list.keep(town.services) == (0 if stays else 1)
        assert ("Nowhere Street" in stored(town.services)) is stays


def test_what_stands_red_or_is_open_in_the_backup_waits(town: Town) -> None:
    with pytest.raises(Problem):
        town.emergency(address="Nowhere Street 1", caller_phone=CALLER)
    with town.services.write() as session:
        alarm = session.scalars(select(Alarm)).one()
        report = {"what": strangers.REPORT, "key": str(alarm.id), "made_at": alarm.raised_at.isoformat()}
    path = town.services.settings.data_dir / forgotten_list.FILE
    path.write_text(json.dumps(report) + "\nbroken\n{}\n")
    assert forgotten_list.keep(town.services) == 0
    assert CALLER in stored(town.services)
    with town.services.write() as session:
        session.execute(update(Alarm).values(acknowledged_at=clocks.now()))
    assert forgotten_list.keep(town.services) == 1
    assert CALLER not in stored(town.services)


def test_the_number_of_nobody_goes_with_its_last_text_and_one_that_said_stop_stays(town: Town) -> None:
    stranger(town, "JOIN")
    other = "+447700900778"
    town.carrier.text(other, "JOIN")
    town.settle()
    with town.services.write() as session:
        session.execute(update(Contact).where(Contact.phone == other).values(opted_out_at=clocks.now()))
    anna = town.volunteer("Anna")
    later(town, 60)
    town.carrier.text(STRANGER, "JOIN")
    town.settle()
    later(town, 60)
    assert STRANGER in stored(town.services), "their last text is not so old"
    later(town, 31)
    left = stored(town.services)
    assert STRANGER not in left
    assert other in left
    assert anna.phone in left


def test_how_people_were_and_what_was_said_with_them_goes(town: Town) -> None:
    anna = town.volunteer("Anna")
    now = clocks.now()
    with town.services.write() as session:
        anna_id = session.scalars(select(Responder.id)).one()
        asked_ = {"responder_id": anna_id, "callout_id": "c" * 26, "asked_at": now}
        session.add(CareQuestion(step="first", answer="so_so", answered_at=now, **asked_))
        call = {"responder_id": anna_id, "wish": call_backs.RING_ME, "at": now, "due_at": now, "holds": True}
        session.add(CallBack(done_at=now, done_by="user:a", note="sleeps badly", **(call | {"holds": False})))
        session.add(CallBack(**call))
    later(town, 89)
    assert "sleeps badly" in stored(town.services)
    later(town, 2)
    left = stored(town.services)
    assert "sleeps badly" not in left
    assert "so_so" not in left
    with town.services.read() as session:
        assert session.scalars(select(CallBack.done_at)).all() == [None], "whoever waits for a call waits on"
        assert session.scalar(select(func.count()).select_from(CareQuestion)) == 1, "and nobody is asked twice"
        assert rounds.due(session, town.services.settings)["care"] == 0
        assert rounds.last_runs(session)["care"].data["total"] == 2
    assert anna.phone in left


def test_nobody_erases_what_somebody_still_needs(town: Town) -> None:
    anna = town.volunteer("Anna")
    incident_id = town.emergency(caller_phone=CALLER)
    anna.gets("CARDIAC")
    anna.texts("1")
    anna.gets("GO TO")
    anna.texts("3")
    for _ in range(2):
        with town.services.write() as session, pytest.raises(Problem, match="still goes on"):
            incidents.forget(session, incident_id, "user:admin")
        if town.incident()["state"] == "open":
            town.close()
            anna.gets("")
    anna.texts("4")
    with town.services.write() as session:
        incidents.forget(session, incident_id, "user:admin")
    assert CALLER not in stored(town.services)


def test_no_round_has_news_of_so_many_emergencies_that_every_desk_begins_anew(town: Town) -> None:
    town.emergency()
    town.close("mistaken")
    with town.services.write() as session:
        row = session.execute(select(Incident.__table__)).mappings().one()
        many = [dict(row) | {"id": f"{number:026}", "code": f"{number:05}"} for number in range(2 * board.MOST_INCIDENTS)]
        session.execute(insert(Incident), many)
        before = board.last_number(session)
    later(town, 91)
    with town.services.read() as session:
        assert board.changes(session, before)["reset"] is False
        assert rounds.last_runs(session)["incidents"].data["total"] == 50


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
