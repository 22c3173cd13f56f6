"""Every kind of fault that is looked for is found when it is there, and over when it is mended."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from core import clock, fault_kinds, faults, heartbeats, milestones
from core.clock import HandClock
from core.heartbeats import Heartbeat
from core.ids import new_id
from core.services import Services
from dispatch import alarms
from dispatch.models import Alarm
from dispatch.operators import looks, watch
from sms.claims import LEASE
from sms.models import CLAIMED, DUE, IN, OUT, REFUSED, TAKEN, UNKNOWN, Canary, Contact, Message
from sms.received import INBOUND, Told
from sms.spool import Spool
from tests.core import redis_server

World = Callable[[Services], None]
ALL = ("conductor", "worker:outbox", "worker:inbox", "stream", "web:here")


def beats(*without: str) -> World:
    def write(services: Services) -> None:
        with services.write() as session:
            session.execute(delete(Heartbeat))
            for name in ALL:
                if name not in without:
                    heartbeats.beat(session, name)

    return write


def text(**fields: object) -> World:
    def write(services: Services) -> None:
        now = clock.now()
        with services.write() as session:
            contact = Contact(phone="+447700900001", created_at=now)
            session.add(contact)
            session.flush()
            shared = {"contact_id": contact.id, "phone": contact.phone, "body": "x", "purpose": "first"}
            for number in range(3):
                row = {"id": f"m{number}", "direction": OUT, "state": DUE, "created_at": now, "send_at": now}
                session.add(Message(**(shared | row | fields)))

    return write


def no_texts(services: Services) -> None:
    with services.write() as session:
        session.execute(delete(Message))


def alarm(kind: str, **data: object) -> World:
    def write(services: Services) -> None:
        with services.write() as session:
            session.add(Alarm(kind=kind, data=data, raised_at=clock.now() - timedelta(seconds=61)))

    return write


def acknowledged(services: Services) -> None:
    with services.write() as session:
        session.execute(update(Alarm).values(acknowledged_at=clock.now()))


def canaries(*back: bool) -> World:
    def write(services: Services) -> None:
        with services.write() as session:
            session.execute(delete(Canary))
            for age, came_back in enumerate(back, 1):
                sent_at = clock.now() - timedelta(hours=age)
                session.add(Canary(token=f"{age}", sent_at=sent_at, came_back_at=sent_at if came_back else None))

    return write


def backup(days: int) -> World:
    def write(services: Services) -> None:
        with services.write() as session:
            at = clock.now() - timedelta(days=days)
            session.merge(milestones.Milestone(name=milestones.BACKUP, at=at, data={}))

    return write


def spooled(age_s: float) -> World:
    def write(services: Services) -> None:
        spool = Spool(services.settings.data_dir)
        for old in spool.waiting():
            spool.remove(old)
        spool.add(Told(INBOUND, {}, clock.now() - timedelta(seconds=age_s)))

    return write


def set_aside(services: Services) -> None:
    spool = Spool(services.settings.data_dir)
    spool.add(Told(INBOUND, {}, clock.now()))
    assert spool.tried(spool.waiting()[0], most=1)


def taken_away(services: Services) -> None:
    for file in (services.settings.data_dir / "spool" / "set-aside").iterdir():
        file.unlink()


def ahead(services: Services) -> None:
    with services.write() as session:
        session.add(Heartbeat(name="worker:inbox:elsewhere", at=clock.now() + timedelta(seconds=60)))


AGO = timedelta(seconds=16)
CASES: list[tuple[str, World, World]] = [
    (fault_kinds.CONDUCTOR_SILENT, beats("conductor"), beats()),
    (fault_kinds.WORKER_SILENT, beats("worker:outbox"), beats()),
    (fault_kinds.STREAM_SILENT, beats("stream"), beats()),
    (fault_kinds.WEB_SILENT, beats("web:here"), beats()),
    (fault_kinds.ALARM_UNANSWERED, alarm(alarms.CALL_FOR_HELP), acknowledged),
    (fault_kinds.CANARY_MISSED, canaries(False, False, True), canaries(True, False, False)),
    (fault_kinds.BACKUP_OLD, backup(8), backup(6)),
    (fault_kinds.SPOOL_WAITING, spooled(61), spooled(30)),
    (fault_kinds.SPOOL_SET_ASIDE, set_aside, taken_away),
    (fault_kinds.CLOCKS_APART, ahead, beats()),
]


@pytest.mark.parametrize(("kind", "wrong", "mended"), CASES, ids=[case[0] for case in CASES])
def test_a_fault_stands_while_it_is_there(services: Services, kind: str, wrong: World, mended: World) -> None:
    if kind != fault_kinds.CLOCKS_APART or services.database.is_sqlite:
        assert_stands_while_there(services, kind, wrong, mended)


def assert_stands_while_there(services: Services, kind: str, wrong: World, mended: World) -> None:
    the_look = [one for one in looks.LOOKS if kind in one.kinds]
    beats()(services)
    watch.look(services, the_look)
    assert standing(services) == []
    wrong(services)
    watch.look(services, the_look)
    assert standing(services) == [kind]
    watch.look(services, the_look)
    assert standing(services) == [kind]
    mended(services)
    watch.look(services, the_look)
    assert standing(services) == []


WAITING: list[tuple[str, dict[str, object]]] = [
    (fault_kinds.TEXTS_WAITING, {"state": DUE}),
    (fault_kinds.TEXTS_WAITING, {"state": DUE, "retries": 3, "send_at": "now"}),
    (fault_kinds.ANSWERS_WAITING, {"direction": IN, "state": None, "send_at": None}),
    (fault_kinds.CARRIER_SLOW, {"state": CLAIMED, "claimed_until": "hanging"}),
    (fault_kinds.CARRIER_SLOW, {"state": UNKNOWN, "unknown_since": "past"}),
    (fault_kinds.CARRIER_SLOW, {"state": DUE, "retries": 5}),
]


@pytest.mark.parametrize(("kind", "fields"), WAITING, ids=[f"{kind}-{number}" for number, (kind, _) in enumerate(WAITING)])
def test_what_waits_is_a_fault(services: Services, clock: HandClock, kind: str, fields: dict[str, object]) -> None:
    now = clock.now()
    moments = {"now": now, "past": now - AGO, "hanging": now + LEASE - timedelta(seconds=5)}
    row = {name: moments.get(str(value), value) for name, value in fields.items()}
    late = text(**({"created_at": now - AGO, "send_at": now - AGO} | row))
    assert_stands_while_there(services, kind, late, no_texts)


def test_a_text_for_later_is_no_fault(services: Services, clock: HandClock) -> None:
    text(created_at=clock.now() - timedelta(hours=1), send_at=clock.now() + timedelta(hours=1))(services)
    watch.look(services, [one for one in looks.LOOKS if fault_kinds.TEXTS_WAITING in one.kinds])
    assert standing(services) == []


def test_a_drill_wakes_nobody(services: Services) -> None:
    alarm(alarms.ADDRESS_REFUSED, report={"drill": True})(services)
    alarm(alarms.OPTED_OUT)(services)
    watch.look(services, [one for one in looks.LOOKS if fault_kinds.ALARM_UNANSWERED in one.kinds])
    assert standing(services) == []


def test_redis_frozen_and_let_go_on(services: Services) -> None:
    the_look = [one for one in looks.LOOKS if fault_kinds.REDIS_SILENT in one.kinds]
    with redis_server.running() as server:
        reached = replace(services, settings=services.settings.model_copy(update={"redis_url": server.url}))
        watch.look(reached, the_look)
        assert standing(services) == []
        server.freeze()
        watch.look(reached, the_look)
        assert standing(services) == [fault_kinds.REDIS_SILENT]
        server.thaw()
        watch.look(reached, the_look)
        assert standing(services) == []


def test_a_disk_with_little_room(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    room = shutil.disk_usage(services.settings.data_dir).free // 1_000_000
    monkeypatch.setattr(looks, "FREE_MB", room + 10_000)
    watch.look_here(services)
    assert standing(services) == [fault_kinds.DISK_NEARLY_FULL]
    monkeypatch.setattr(looks, "FREE_MB", 0)
    watch.look_here(services)
    assert standing(services) == []


def test_nobody_ends_what_another_machine_sees(services: Services) -> None:
    with services.write() as session:
        faults.stand(session, fault_kinds.SPOOL_WAITING, "another-machine")
    watch.look_here(services)
    assert standing(services) == [fault_kinds.SPOOL_WAITING]


def test_a_look_that_breaks_keeps_no_other_from_being_made(services: Services) -> None:
    def broken(*_: object) -> list[looks.Finding]:
        raise RuntimeError("a defect of ours")

    spooled(61)(services)
    spool = next(one for one in looks.LOOKS if fault_kinds.SPOOL_WAITING in one.kinds)
    watch.look(services, [looks.Look((fault_kinds.REDIS_SILENT,), broken), spool])
    assert standing(services) == [fault_kinds.SPOOL_WAITING]


def test_a_refusal_is_over_when_it_has_not_come_again_and_other_texts_have_arrived(
    services: Services, clock: HandClock
) -> None:
    the_look = [one for one in looks.LOOKS if fault_kinds.CARRIER_REFUSES in one.kinds]
    row = {"direction": OUT, "phone": "+447700900001", "body": "x", "purpose": "first"}

    def text_ends(**end: object) -> None:
        with services.write() as session:
            session.add(Message(id=new_id(), created_at=clock.now(), **row, **end))
        watch.look(services, the_look)

    with services.write() as session:
        faults.stand(session, fault_kinds.CARRIER_REFUSES, "21606", meaning="bad sender")
    text_ends(state=REFUSED, error_code="21606")
    clock.turn(20 * 60)
    text_ends(state=TAKEN)
    assert standing(services) == [fault_kinds.CARRIER_REFUSES], "it may come again with the next text from that sender"
    clock.turn(1)
    text_ends(state=REFUSED, error_code="21606")
    clock.turn(40 * 60)
    watch.look(services, the_look)
    assert standing(services) == [fault_kinds.CARRIER_REFUSES], "nothing has arrived since"
    text_ends(state=TAKEN)
    assert standing(services) == []


def standing(services: Services) -> list[str]:
    with services.read() as session:
        return [fault.kind for fault in faults.standing(session)]
