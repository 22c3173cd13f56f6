"""Who is told, when, how often, and in what words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core import clock as clocks
from core import fault_kinds, faults
from core.clock import HandClock
from core.faults import Fault
from core.operator_alert import check_entries, read_entries
from core.services import Services
from dispatch import alarms
from dispatch.desk import loud
from dispatch.operators import guard, posting, shown, telling
from sms.models import Contact, Message
from sms.segments import count
from tests.core.read_only import read_only
from tests.operators.listening import Webhook, posted, webhook
from tests.stories.conftest import town  # noqa: F401  # a fixture
from tests.stories.town import Town

pytestmark = pytest.mark.both_databases

NUMBER = "+447700909999"
MINUTE = 60
HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as opened:
        yield opened


def alerting(services: Services, *addresses: str) -> Services:
    """The services with OPERATOR_ALERT set."""
    return replace(services, settings=services.settings.model_copy(update={"operator_alert": addresses}))


def moments(kind: str, until_s: int) -> list[int]:
    """After how many seconds people are told of a fault that nobody acknowledges."""
    begun = clocks.now()
    fault = telling.Told(kind, begun)
    told = []
    for second in range(0, until_s, 5):
        now = begun + timedelta(seconds=second)
        if telling.is_due(fault, now):
            fault = replace(fault, told=fault.told + 1, told_at=now)
            told.append(second)
    return told


def test_urgent_ones_are_told_again_after_5_15_and_60_minutes_and_then_every_hour(clock: HandClock) -> None:
    assert moments(fault_kinds.CANARY_MISSED, 3 * HOUR + 1) == [0, 5 * MINUTE, 15 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR]


def test_what_can_wait_is_told_once_a_day(clock: HandClock) -> None:
    assert moments(fault_kinds.BACKUP_OLD, 2 * DAY + 1) == [0, DAY, 2 * DAY]


def test_what_mends_itself_wakes_nobody(clock: HandClock) -> None:
    assert moments(fault_kinds.TEXTS_WAITING, 14) == []
    assert moments(fault_kinds.TEXTS_WAITING, 16) == [15]


@pytest.mark.parametrize("kind", fault_kinds.KINDS)
def test_every_kind_is_told_in_at_most_two_segments(services: Services, kind: str) -> None:
    fault = Fault(kind=kind, subject="outbox", facts={}, stood_at=clocks.now())
    told = telling.notice(services.settings, [fault, fault], [])
    counted = count(told.title)
    assert counted.segments <= 2, told.title
    assert fault_kinds.KINDS[kind].words in told.body


def test_a_number_is_texted_again_and_again_until_somebody_acknowledges(town: Town) -> None:  # noqa: F811
    services = alerting(town.services, NUMBER)
    guarding = guard.Guard(services)

    def texts() -> list[str]:
        guarding.round()
        town.settle()
        return [text.body for text in town.carrier.messages_to(NUMBER)]

    with services.write() as session:
        faults.stand(session, fault_kinds.WEBHOOKS_REFUSED, "21606")
    (first,) = [body for body in texts() if "21606" in body]
    assert first.startswith("Doorstep: Webhooks with a wrong signature")
    assert services.settings.public_url + "/admin#faults" in first
    assert len(texts()) == 1, "nothing is said twice at once"
    town.clock.turn(5 * MINUTE)
    before = len(texts())
    assert before == 2
    with services.write() as session:
        for fault in faults.standing(session):
            faults.acknowledge(session, fault.id, "user:anna")
    town.clock.turn(HOUR)
    assert not [body for body in texts()[before:] if "21606" in body]
    with services.write() as session:
        faults.end(session, fault_kinds.WEBHOOKS_REFUSED, "21606")
    assert "Over: Webhooks with a wrong signature: 21606." in texts()[-1]
    before = len(texts())
    assert len(texts()) == before


def test_an_operator_who_is_a_volunteer_keeps_their_language(town: Town) -> None:  # noqa: F811
    anna = town.volunteer("Anna", language="fi")
    with town.services.write() as session:
        telling.text(session, town.services.settings, [anna.phone], "Doorstep: a test.")
    anna.gets("Doorstep: a test.")
    with town.services.read() as session:
        assert session.scalars(select(Contact.language).where(Contact.phone == anna.phone)).one() == "fi"


def test_nobody_is_named_and_no_address_leaves(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    services = alerting(town.services, NUMBER)
    anna = town.volunteer("Anna")
    town.emergency(access_notes="door code 9876")
    anna.gets("CARDIAC")
    anna.texts("1")
    anna.gets("GO TO")
    anna.texts("0")
    anna.gets("alarm")
    assert alarms.CALL_FOR_HELP in town.alarms()
    town.turn(61)
    anna.inbox()
    guard.Guard(services).round()
    town.settle()
    told = [text.body for text in town.carrier.messages_to(NUMBER)]
    assert any("An alarm waits at the desk: RING a volunteer NOW" in body for body in told)
    assert not any(secret in body for body in told for secret in ("Anna", anna.phone, "9876", "Mannerheim"))
    anna.read = len(anna.inbox())
    swedish = {"RING {who} NOW": "RING {who} NU", "a volunteer": "en frivillig"}
    monkeypatch.setattr(loud, "gettext", lambda sentence: swedish.get(sentence, sentence))
    with services.read() as session:
        titles = [one.title for one in shown.standing(session)]
    assert "An alarm waits at the desk: RING en frivillig NU" in titles, "the kind is kept, not what it was called then"


def test_a_webhook_gets_the_whole_of_it_and_its_key(services: Services, hook: Webhook) -> None:
    told = alerting(services, hook.url)
    with told.write() as session:
        faults.stand(session, fault_kinds.WEBHOOKS_REFUSED, "21606")
    guard.Guard(told).round()
    posted()
    assert "21606" in hook.got[0]["message"]
    assert fault_kinds.KINDS[fault_kinds.WEBHOOKS_REFUSED].do in hook.got[0]["message"]
    assert hook.paths[0].startswith("/alerts?key=abc")


def test_an_address_that_takes_nothing_is_a_fault_that_the_others_hear_of(services: Services, hook: Webhook) -> None:
    with webhook() as other:
        told = alerting(services, hook.url, other.url)
        hook.status = 500
        notice = telling.Notice("a title", "a body")
        posting.post(told, told.settings.alert_addresses.services, notice)
        posted()
        with told.read() as session:
            assert [fault.kind for fault in faults.standing(session)] == [fault_kinds.ALERT_FAILED]
            assert "key=abc" not in str([fault.subject for fault in faults.standing(session)])
        guard.Guard(told).round()
        posted()
        assert any("takes no alerts" in got["message"] for got in other.got)
        hook.status = 200
        posting.post(told, told.settings.alert_addresses.services, notice)
        posted()
        with told.read() as session:
            assert fault_kinds.ALERT_FAILED not in [fault.kind for fault in faults.standing(session)]


def test_a_webhook_that_hangs_holds_nothing_up(services: Services, hook: Webhook) -> None:
    told = alerting(services, hook.url)
    hook.held.clear()
    with told.write() as session:
        faults.stand(session, fault_kinds.WEBHOOKS_REFUSED, "21606")
    started_s = clocks.monotonic_s()
    guard.Guard(told).round()
    assert clocks.monotonic_s() - started_s < 2
    hook.held.set()
    posted()


def test_two_processes_that_look_at_once_tell_once(services: Services) -> None:
    told = alerting(services, NUMBER)
    with told.write() as session:
        faults.stand(session, fault_kinds.WEBHOOKS_REFUSED, "21606")
    for _ in range(2):
        with told.write() as session:
            telling.tell_due(session, told.settings)
    with told.read() as session:
        assert len(session.scalars(select(Message).where(Message.phone == NUMBER)).all()) == 1


def test_while_nothing_can_be_written_webhooks_are_told_and_later_it_is_written_down(
    services: Services, clock: HandClock, hook: Webhook
) -> None:
    told = alerting(services, hook.url)
    broken = replace(told, database=read_only(services.settings.database))
    guarding = guard.Guard(broken)
    for _ in range(4):
        guarding.round()
        clock.turn(5)
    posted()
    assert [got["message"].splitlines()[0] for got in hook.got] == [
        "The database fails or is slow. Since 2026-11-23 12:00 UTC."
    ]
    guarding._services = told
    guarding.round()
    with services.read() as session:
        assert fault_kinds.DATABASE_FAILING in [fault.kind for fault in faults.standing(session)]
    guarding.round()
    posted()
    assert any("Over: The database fails or is slow." in got["message"] for got in hook.got)


def test_entries_are_numbers_mail_addresses_and_webhooks() -> None:
    entries = (
        "+358 40 123 4567",
        "ops@example.org",
        "https://chat.example.org/hook?key=a%20b",
        "mailto://mail.example.org?from=d@y.fi&to=x@y.fi",
    )
    check_entries(entries)
    read = read_entries(entries, "mailtos://us:pw@smtp.example.org")
    assert read.numbers == ("+358401234567",)
    assert read.services == (
        "mailtos://us:pw@smtp.example.org?to=ops@example.org",
        "jsons://chat.example.org/hook?-key=a%20b",
        "mailto://mail.example.org?from=d@y.fi&to=x@y.fi",
    )
    assert all(posting.opened(one) for one in read.services)
    assert posting.shown(read.services[0]) == "mailtos://smtp.example.org"


@pytest.mark.parametrize("entry", ["0401234567", "ops", "ops@", "http:/x", "anna smith"])
def test_a_wrong_entry_is_named_by_its_place_and_not_quoted(entry: str) -> None:
    with pytest.raises(ValueError, match="entry 2 of 2") as caught:
        check_entries(["+358401234567", entry])
    assert entry not in str(caught.value).split(";")[0]
