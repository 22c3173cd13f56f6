"""What of the calls is kept in the carrier's journal, and how it comes back: all but the words that were spoken."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from datetime import datetime
from pathlib import Path
from typing import Any

from core import clock
from sms.simulated import journal
from sms.simulated.calls import Call, Key
from sms.simulated.state import State

CALL, CALL_MOVED, CALL_TOLD, KEY, KEY_TOLD = "call", "call_moved", "call_told", "key", "key_told"
_MOMENTS = ("created_at", "answered_at", "ended_at")
_KEPT = ("sender", "to", "url", "status_callback", "ring_s", "sid", "status", "statuses")


def note_call(state: State, new: Call) -> None:
    """Keep a new call."""
    state.journal.note(CALL, **_facts(new))


def note_move(state: State, moved: Call) -> None:
    """Keep the newest status of a call."""
    state.journal.note(CALL_MOVED, sid=moved.sid, status=moved.status, at=clock.now().isoformat())


def note_told(state: State, told: Call, status: str) -> None:
    """Keep that the customer was told `status`, or that the carrier has given up telling it."""
    told.told.add(status)
    state.journal.note(CALL_TOLD, sid=told.sid, status=status)


def note_key(state: State, pressed: Call, digit: str) -> None:
    """Keep that a key was pressed; nobody has acknowledged it yet."""
    pressed.keys.append(Key(digit, clock.now()))
    state.journal.note(KEY, sid=pressed.sid, digit=digit, at=pressed.keys[-1].at.isoformat())


def note_key_told(state: State, pressed: Call) -> None:
    """Keep that the customer has acknowledged the key that was pressed last."""
    pressed.keys[-1].told = True
    state.journal.note(KEY_TOLD, sid=pressed.sid)


def calls_of(folder: Path) -> list[Call]:
    """Every call that the carrier whose journal is in `folder` was asked for, oldest first, with the keys that were pressed."""
    calls: dict[str, Call] = {}
    for record in journal.read(folder):
        apply(calls, record)
    return list(calls.values())


def apply(calls: MutableMapping[str, Call], record: dict[str, Any]) -> None:
    """Do again what a line of the journal says was done to a call; lines about anything else change nothing."""
    kind, known = record["kind"], calls.get(record.get("sid", ""))
    if kind == CALL:
        calls[record["sid"]] = _call(record)
    elif known is None:
        return
    elif kind == CALL_MOVED:
        known.move(record["status"], datetime.fromisoformat(record["at"]))
    elif kind == CALL_TOLD:
        known.told.add(record["status"])
    elif kind == KEY:
        known.keys.append(Key(record["digit"], datetime.fromisoformat(record["at"])))
    elif kind == KEY_TOLD:
        known.keys[-1].told = True


def all_of(state: State) -> Iterator[dict[str, Any]]:
    """Every call as the journal's lines have it."""
    for one in state.calls.values():
        yield {"kind": CALL, **_facts(one)}


def _facts(one: Call) -> dict[str, Any]:
    facts: dict[str, Any] = {name: getattr(one, name) for name in _KEPT}
    facts |= {"events": sorted(one.events), "told": sorted(one.told), "statuses": list(one.statuses)}
    facts |= {name: moment.isoformat() if (moment := getattr(one, name)) else None for name in _MOMENTS}
    return facts | {"keys": [[key.digit, key.at.isoformat(), key.told] for key in one.keys]}


def _call(facts: dict[str, Any]) -> Call:
    moments = {name: datetime.fromisoformat(facts[name]) if facts[name] else None for name in _MOMENTS}
    keys = [Key(digit, datetime.fromisoformat(at), told) for digit, at, told in facts["keys"]]
    kept = {name: facts[name] for name in _KEPT}
    return Call(**kept | moments, events=frozenset(facts["events"]), told=set(facts["told"]), keys=keys)
