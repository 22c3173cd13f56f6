"""What of the carrier's memory is kept in its journal, and how it comes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sms.simulated import journal, keeping_calls
from sms.simulated.book import Phone
from sms.simulated.faults import Faults, seeded
from sms.simulated.model import DELIVERED, Mode, Text
from sms.simulated.state import State

TEXT, MOVED, TOLD, REMOVED, REDACTED = "text", "moved", "told", "removed", "redacted"
PHONE, OPTED, FAULTS, AUTOPILOT = "phone", "opted", "faults", "autopilot"
REWRITE_AT_BYTES = 32_000_000
_MOMENTS = ("created_at", "updated_at", "sent_at")


def note_text(state: State, text: Text) -> None:
    """Keep a new text."""
    state.journal.note(TEXT, **_facts(text))


def note_move(state: State, text: Text) -> None:
    """Keep the newest status of a text."""
    at, sent_at = _written(text.updated_at), _written(text.sent_at)
    state.journal.note(MOVED, sid=text.sid, status=text.status, error_code=text.error_code, at=at, sent_at=sent_at)


def note_told(state: State, text: Text, status: str) -> None:
    """Keep that the customer was told `status`, or that the carrier has given up telling it."""
    text.told.add(status)
    state.journal.note(TOLD, sid=text.sid, status=status)


def note_phone(state: State, phone: Phone) -> None:
    """Keep what was said about a phone, and how much of it is unread."""
    state.journal.note(PHONE, **_phone_facts(phone))


def note_opted(state: State, phone: str, sender: str) -> None:
    """Keep whether a phone blocks one of our numbers."""
    state.journal.note(OPTED, phone=phone, sender=sender, blocks=state.opt_outs.blocks(phone, sender))


def note_faults(state: State) -> None:
    """Keep the dials."""
    state.journal.note(FAULTS, faults=state.faults.model_dump(mode="json"))


def restore(state: State) -> Mode | None:
    """Fill an empty `state` from its journal and go on writing there. Returns the autopilot's mode, if one is known."""
    mode = None
    for record in state.journal.open():
        mode = _apply(state, record) or mode
    if len(state.book):
        state.dice = seeded(state.seed, len(state.book))  # the same dice again would fail the same way after each restart
    if state.journal.size > REWRITE_AT_BYTES:
        state.journal.rewrite(_all(state, mode))
    return mode


def record_of(folder: Path) -> list[Text]:
    """Every text that the carrier whose journal is in `folder` has accepted, in either direction, oldest first: its record of
    what it took and what phones said, for whoever checks ours against it."""
    texts: dict[str, Text] = {}
    for record in journal.read(folder):
        if record["kind"] == TEXT:
            texts[record["sid"]] = _text(record)
        elif record["kind"] == MOVED and record["sid"] in texts:
            _move(texts[record["sid"]], record)
    return list(texts.values())


def _apply(state: State, record: dict[str, Any]) -> Mode | None:
    """Do again what a line of the journal says was done."""
    keeping_calls.apply(state.calls, record)
    kind, book = record.pop("kind"), state.book
    text = book.get(record.get("sid", ""))
    if kind == TEXT:
        book.add(_text(record))
    elif kind == PHONE:
        phone = book.phone(record["number"])
        phone.label, phone.by_person, phone.unread = record["label"], record["by_person"], record["unread"]
    elif kind == OPTED:
        state.opt_outs.remember(record["phone"], record["sender"], record["blocks"])
    elif kind == FAULTS:
        state.faults.change(Faults.model_validate(record["faults"]).without_counts().model_dump())
    elif kind == AUTOPILOT:
        return Mode(record["mode"])
    elif text is not None:
        _change(state, text, kind, record)
    return None


def _change(state: State, text: Text, kind: str, record: dict[str, Any]) -> None:
    if kind == MOVED:
        _move(text, record)
        state.book.phone(text.phone).unread += text.status == DELIVERED
    elif kind == TOLD:
        text.told.add(record["status"])
    elif kind == REDACTED:
        text.redacted = True
    elif kind == REMOVED:
        state.book.remove(text.sid)


def _move(text: Text, record: dict[str, Any]) -> None:
    text.move(record["status"], record["error_code"])
    text.updated_at = datetime.fromisoformat(record["at"])
    text.sent_at = _moment(record["sent_at"])


def _all(state: State, mode: Mode | None) -> Iterable[dict[str, Any]]:
    """The whole memory as a journal."""
    yield {"kind": FAULTS, "faults": state.faults.model_dump(mode="json")}
    if mode is not None:
        yield {"kind": AUTOPILOT, "mode": mode}
    for text in reversed(list(state.book.newest_first())):
        yield {"kind": TEXT, **_facts(text)}
    yield from keeping_calls.all_of(state)
    yield from _of_phones(state)


def _of_phones(state: State) -> Iterator[dict[str, Any]]:
    for phone in state.book.phones():
        yield {"kind": PHONE, **_phone_facts(phone)}
    for phone_number, sender in sorted(state.opt_outs.pairs()):
        yield {"kind": OPTED, "phone": phone_number, "sender": sender, "blocks": True}


def _phone_facts(phone: Phone) -> dict[str, Any]:
    return {"number": phone.number, "label": phone.label, "by_person": phone.by_person, "unread": phone.unread}


def _facts(text: Text) -> dict[str, Any]:
    facts = {**vars(text), "told": sorted(text.told), "statuses": list(text.statuses)}
    return facts | {name: _written(facts[name]) for name in _MOMENTS}


def _text(facts: dict[str, Any]) -> Text:
    values = {key: value for key, value in facts.items() if key not in {"kind", "statuses"}}
    text = Text(**values | {name: _moment(facts[name]) for name in _MOMENTS} | {"told": set(facts["told"])})
    text.statuses = facts["statuses"]
    return text


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
