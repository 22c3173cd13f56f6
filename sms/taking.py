"""Taking what the carrier tells us: into the database, or, where that fails or takes too long, into the spool and later out.

Once the database was found to be away nobody waits for it: all that comes goes into the spool until a second's look finds it
well again. From then on only a text whose number has others in the spool goes behind them, so that one number's texts stay in
their order; were all to go there, a storm would fill it faster than it can be emptied.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from core import clock, events, heartbeats, log, repeating
from core.services import Services
from sms import received
from sms.received import Told
from sms.spool import MOST_WRITING, Spool, read

PATIENCE_S = 3.0
"""How long the database may take before the spool is used instead: the carrier waits 5 s for an answer (`sms.addresses`)."""
REPLAY_EVERY_S = 1.0
LOOK_EVERY_S = 5.0
"""How often a process that serves webhooks looks for what others of its machine, or it itself before, left in the spool."""
MOST_TRIES = 5
"""After so many vain tries, the database being well, a request is set aside."""
TOGETHER = 100
NAME = "spool"
IN_ORDER = (received.INBOUND, received.KEY)
"""What a person says is handled in the order in which they said it. The order of statuses does not matter."""
_away: set[Path] = set()
_replaying: set[Path] = set()
_replaying_lock = threading.Lock()
_log = log.get("webhooks")


class CannotTake(Exception):
    """Neither the database nor the spool can hold it: the carrier must try again."""


def take(services: Services, data_dir: Path, told: Told) -> None:
    """Keep what the carrier told us; it is safe when this returns. Raises CannotTake within a little more than `PATIENCE_S`."""
    spool = Spool(data_dir)
    if _must_wait(spool, told) and _spooled(services, spool, told, "others wait"):
        return
    try:
        received.store(services, told, PATIENCE_S)
    except Exception as error:
        _away.add(spool.folder)
        if not _spooled(services, spool, told, type(error).__name__):
            _away.discard(spool.folder)
            raise CannotTake from error


def _must_wait(spool: Spool, told: Told) -> bool:
    if spool.folder in _away:
        return True
    try:
        return told.kind in IN_ORDER and any(spool.holds(kind, told.phone) for kind in IN_ORDER)
    except OSError as error:  # whatever may wait there, this one need not
        _log.error("the spool cannot be read", error=type(error).__name__, errno=error.errno)
        return False


def replay(services: Services, data_dir: Path) -> int:
    """Store what waits in the spool, oldest first; returns how many requests that were. Stops at the first sign that the
    database is still away."""
    spool = Spool(data_dir)
    drafts = spool.forget_drafts(clock.now() - MOST_WRITING)
    if drafts:
        _log.warning("drafts were left in the spool by a process that was killed", drafts=drafts)
    if spool.is_empty():
        return 0
    with spool.alone() as mine:
        return _replay(services, spool) if mine else 0


def start(services: Services) -> None:
    """Replay what is found in this machine's spool for as long as the process lives. The conductor does the same, and may run
    on another machine, which does not see this spool."""
    repeating.start("spool-replayer", LOOK_EVERY_S, lambda: replay(services, services.settings.data_dir))


def _spooled(services: Services, spool: Spool, told: Told, why: str) -> bool:
    try:
        spool.add(told)
    except OSError as error:
        _log.error("the spool cannot be written", error=type(error).__name__, errno=error.errno, why=why)
        return False
    _log.warning("kept in the spool", kind=told.kind, why=why, phone=log.masked(told.phone))
    _replay_in_the_background(services, spool)
    return True


def _replay(services: Services, spool: Spool) -> int:
    files = spool.waiting()
    waited_s = spool.state().oldest_s
    stored = 0
    for first in range(0, len(files), TOGETHER):
        batch = files[first : first + TOGETHER]
        done = _store_together(services, spool, batch)
        if done is None:
            done = _store_one_by_one(services, spool, batch)
        stored += done
        if done < len(batch):
            break
    if stored:
        _log.warning("stored from the spool", requests=stored, waited_s=round(waited_s))
        with services.write() as session:
            events.record(session, "spool_replayed", requests=stored, waited_s=round(waited_s))
    return stored


def _store_together(services: Services, spool: Spool, files: Sequence[Path]) -> int | None:
    try:
        all_told = [read(file) for file in files]
        with services.write() as session:
            for told in all_told:
                received.put(session, told)
    except Exception as error:
        _log.warning("the spool is stored one by one", error=type(error).__name__, requests=len(files))
        return None
    for file in files:
        spool.remove(file)
    return len(files)


def _store_one_by_one(services: Services, spool: Spool, files: Sequence[Path]) -> int:
    """Store each by itself. One that cannot be stored holds back the others of its number until it is set aside."""
    stored, held = 0, set[str]()
    for file in files:
        phone = ""
        try:
            told = read(file)
            phone = told.phone
            if phone in held:
                continue
            received.store(services, told)
        except Exception as error:
            if not _can_store(services):
                _log.warning("the database is still away", error=type(error).__name__)
                return stored
            held.add(phone)
            _tried(services, spool, file, error)
        else:
            spool.remove(file)
            stored += 1
    return stored


def _can_store(services: Services) -> bool:
    """Whether it was the request that could not be stored, and not the database that stores nothing."""
    try:
        with services.write() as session:
            heartbeats.beat(session, NAME)
            heartbeats.forget(session, NAME)
    except Exception:
        return False
    return True


def _tried(services: Services, spool: Spool, file: Path, error: Exception) -> None:
    if not spool.tried(file, MOST_TRIES):
        _log.warning("a request of the spool was not stored", file=file.name, error=type(error).__name__)
        return
    _log.error("a request of the spool was set aside", file=file.name, error=type(error).__name__)
    with services.write() as session:
        events.record(session, "spool_set_aside", file=file.name, error=type(error).__name__)


def _replay_in_the_background(services: Services, spool: Spool) -> None:
    """Let this process replay what it has spooled: the conductor, which does the same, may run on another machine."""
    with _replaying_lock:
        if spool.folder in _replaying:
            return
        _replaying.add(spool.folder)
    threading.Thread(target=_replay_until_empty, args=(services, spool), name="spool", daemon=True).start()


def _replay_until_empty(services: Services, spool: Spool) -> None:
    pause = threading.Event()
    try:
        while not pause.wait(REPLAY_EVERY_S):
            try:
                # Another process may be the one that replays: whether the database is well this one finds out for itself.
                if replay(services, spool.folder.parent) or _can_store(services):
                    _away.discard(spool.folder)
                if spool.folder not in _away and spool.is_empty():
                    break
            except Exception as error:
                _log.warning("the spool could not be replayed", error=type(error).__name__)
    finally:
        with _replaying_lock:
            _replaying.discard(spool.folder)
