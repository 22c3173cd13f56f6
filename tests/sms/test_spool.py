"""The spool: what is in it survives, in its order, and what can never be stored is set aside and told of."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core import clock as clocks
from core import repeating
from core.clock import HandClock
from core.services import Services
from sms import received, taking
from sms.inbox import handle_due
from sms.models import Message, MessageStatus
from sms.received import INBOUND, KEY, STATUS, Told
from sms.spool import MOST_WRITING, Spool, read
from sms.wire import Wire

A, B = "+358401234567", "+358407654321"


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """One kind of database is enough for what is about files."""
    shutil.copy(sqlite_template, tmp_path / "doorstep.sqlite3")
    return f"sqlite:///{tmp_path / 'doorstep.sqlite3'}"


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path)


def text(sid: str, phone: str = A, body: str = "1") -> Told:
    return Told(INBOUND, {"MessageSid": sid, "From": phone, "Body": body}, clocks.now())


def replay(wire: Wire) -> int:
    return taking.replay(wire.services, wire.services.settings.data_dir)


def stored(wire: Wire) -> list[str]:
    with wire.services.read() as session:
        return [str(one.carrier_id) for one in session.scalars(select(Message).order_by(Message.created_at))]


def test_what_is_kept_comes_back_whole(spool: Spool, clock: HandClock) -> None:
    told = Told(STATUS, {"MessageSid": "SM1", "Tag": "åäö ✓ \U0001f691 & =", "Empty": ""}, clock.now(), "0a1b")
    spool.add(told)
    [file] = spool.waiting()
    assert read(file) == told
    assert file.stat().st_mode & 0o777 == 0o600
    assert spool.folder.stat().st_mode & 0o777 == 0o700


def test_the_oldest_is_stored_first_and_each_once(wire: Wire, spool: Spool, clock: HandClock) -> None:
    spool.add(text("SM1"))
    spool.add(text("SM2"))  # at the same moment
    clock.turn(1)
    spool.add(text("SM3"))
    spool.add(text("SM3"))  # the carrier tried again
    received.store(wire.services, text("SM2"))  # gave up waiting, but it was committed after all
    assert replay(wire) == 4
    assert sorted(stored(wire)) == ["SM1", "SM2", "SM3"]
    assert spool.is_empty()
    assert replay(wire) == 0


def test_a_text_keeps_the_time_at_which_it_came(wire: Wire, spool: Spool, clock: HandClock) -> None:
    came = clock.now()
    spool.add(text("SM1"))
    clock.turn(300)
    replay(wire)
    with wire.services.read() as session:
        assert session.scalars(select(Message.created_at)).one() == came


def test_one_that_can_never_be_stored_is_set_aside_and_blocks_only_its_number(
    wire: Wire, spool: Spool, desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(session: Any, told: Told) -> None:
        if told.form["MessageSid"] == "SMbad":
            raise ValueError("a defect of ours")
        really(session, told)

    really = received.put
    monkeypatch.setattr(received, "put", put)
    for told in (text("SMbad"), text("SM1"), text("SM2", B)):
        spool.add(told)
    assert replay(wire) == 1
    assert stored(wire) == ["SM2"], "what came from others does not wait"
    for _ in range(taking.MOST_TRIES - 2):
        assert replay(wire) == 0, "what came after it from its own number does"
    replay(wire)
    replay(wire)
    assert sorted(stored(wire)) == ["SM1", "SM2"]
    [aside] = (spool.folder / "set-aside").iterdir()
    assert read(aside).form["MessageSid"] == "SMbad"
    assert spool.state().set_aside == 1
    assert "spool_set_aside" in desk.events()
    aside.rename(spool.folder / aside.name)  # once the defect is mended
    monkeypatch.undo()
    assert replay(wire) == 1


def test_a_file_that_cannot_be_read_is_set_aside(wire: Wire, spool: Spool, desk: Any) -> None:
    spool.add(text("SM1"))
    [file] = spool.waiting()
    file.write_bytes(b"\0\0\0")
    spool.add(text("SM2"))
    for _ in range(taking.MOST_TRIES):
        replay(wire)
    assert stored(wire) == ["SM2"]
    assert spool.state().set_aside == 1


def test_while_the_database_is_away_nothing_is_counted_as_a_try(
    wire: Wire, spool: Spool, settings: Any, tmp_path: Path
) -> None:
    spool.add(text("SM1"))
    away = Services(
        settings, type(wire.services.database)(f"sqlite:///{tmp_path}/no/such/folder.sqlite3"), wire.services.wake_ups
    )
    for _ in range(taking.MOST_TRIES + 1):
        assert taking.replay(away, tmp_path) == 0
    assert replay(wire) == 1


def test_only_one_replays_at_a_time(wire: Wire, spool: Spool) -> None:
    spool.add(text("SM1"))
    with spool.alone() as mine, Spool(spool.folder.parent).alone() as theirs:
        assert (mine, theirs) == (True, False)
        assert replay(wire) == 0
    assert replay(wire) == 1


def test_a_draft_is_no_request_yet(wire: Wire, spool: Spool, clock: HandClock) -> None:
    spool.add(text("SM1"))
    [file] = spool.waiting()
    draft = file.rename(file.with_suffix(".json.draft"))  # the process was killed before the carrier had its answer
    assert spool.is_empty()
    assert not spool.holds(INBOUND, A), "no text of that number waits behind it"
    replay(wire)
    assert draft.exists(), "it may be one that is being written"
    clock.turn(MOST_WRITING.total_seconds() + 1)
    assert replay(wire) == 0
    assert not draft.exists(), "words and number of it are kept by nobody"


def test_a_status_of_a_text_is_replayed_too(wire: Wire, spool: Spool, desk: Any, clock: HandClock) -> None:
    message_id = desk.put(A)
    spool.add(Told(STATUS, {"MessageSid": "SM9", "MessageStatus": "delivered"}, clock.now(), message_id))
    replay(wire)
    handle_due(wire)
    assert desk.outcomes == [("c1", "taken", ""), ("c1", "delivered", "")]
    with wire.services.read() as session:
        assert session.scalars(select(MessageStatus.received_at)).one() == clock.now()


def test_its_state_is_told(spool: Spool, clock: HandClock) -> None:
    assert spool.state().waiting == 0
    assert spool.state().writable
    spool.add(text("SM1"))
    clock.turn(20)
    spool.add(text("SM2"))
    state = spool.state()
    assert (state.waiting, state.oldest_s, state.set_aside) == (2, timedelta(seconds=20).total_seconds(), 0)


def test_a_spool_that_cannot_be_read_is_no_matter_while_the_database_is_well(wire: Wire, spool: Spool) -> None:
    spool.folder.symlink_to(spool.folder)
    taking.take(wire.services, wire.services.settings.data_dir, text("SM1"))
    assert stored(wire) == ["SM1"]
    assert not spool.state().writable


def test_once_the_database_is_well_only_a_number_with_texts_in_the_spool_waits_behind_them(wire: Wire, spool: Spool) -> None:
    spool.add(text("SM1", A))
    for told in (text("SM2", A), text("SM3", B), Told(KEY, {"CallSid": "CA1", "Digits": "1", "To": A}, clocks.now(), "0a1b")):
        taking.take(wire.services, spool.folder.parent, told)
    assert stored(wire) == ["SM3"]
    assert len(spool.waiting()) == 3
    assert replay(wire) == 3
    assert sorted(stored(wire)) == ["SM1", "SM2", "SM3"]


def test_a_status_waits_behind_nothing(wire: Wire, spool: Spool, desk: Any) -> None:
    message_id = desk.put(A)
    spool.add(text("SM1", A))
    spool.add(Told(STATUS, {"MessageSid": "SM2", "MessageStatus": "sent", "To": A}, clocks.now(), message_id))
    taking.take(
        wire.services,
        spool.folder.parent,
        Told(STATUS, {"MessageSid": "SM2", "MessageStatus": "delivered", "To": A}, clocks.now(), message_id),
    )
    assert len(spool.waiting()) == 2
    with wire.services.read() as session:
        assert session.scalars(select(MessageStatus.status)).all() == ["delivered"]


def test_nobody_waits_for_a_database_that_was_found_to_be_away_until_a_look_finds_it_well(
    wire: Wire, spool: Spool, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "REPLAY_EVERY_S", 1000)
    gone = type(wire.services.database)(f"sqlite:///{tmp_path}/no/such/folder.sqlite3")
    taking.take(Services(settings, gone, wire.services.wake_ups), tmp_path, text("SM1", A))
    taking.take(wire.services, tmp_path, text("SM2", B))
    assert (stored(wire), len(spool.waiting())) == ([], 2), "it is well again, and nobody has looked"
    monkeypatch.setattr(taking, "REPLAY_EVERY_S", 0.01)
    taking._replay_until_empty(wire.services, spool)
    taking.take(wire.services, tmp_path, text("SM3", B))
    assert (sorted(stored(wire)), spool.is_empty()) == (["SM1", "SM2", "SM3"], True)


def test_what_was_left_in_the_spool_is_stored_by_the_machine_that_has_it_once_it_starts_again(
    wire: Wire, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may serve the web alone: the conductor replays only what is in its own data folder."""
    begun: list[Callable[[], object]] = []
    monkeypatch.setattr(repeating, "start", lambda _name, _every_s, work: begun.append(work))
    spool.add(text("SM1"))
    taking.start(wire.services)
    for work in begun:
        work()
    assert stored(wire) == ["SM1"]
