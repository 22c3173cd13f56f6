"""What is kept no longer than it is needed: the clock alone does it, and what counts an emergency stays."""

from __future__ import annotations

import pytest
from sqlalchemy import func, insert, select, true, update

from core import clock as clocks
from core.events import Event
from core.problems import Problem
from dispatch.desk import board
from dispatch.models import Alarm, Incident
from dispatch.retention import incidents, rounds
from responder.bulk import actions
from responder.bulk.models import BulkAction, BulkPerson
from responder.care import call_backs
from responder.care.models import CallBack, CareQuestion
from responder.links.models import PersonalLink
from responder.models import Responder
from sms.models import Contact, Message
from sms.received import Told
from sms.spool import Spool
from tests.stories.kept import CALLER, NOTES, SECRETS, STRANGER, WORDS, later, stored, story, stranger
from tests.stories.town import Town


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
