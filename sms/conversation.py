"""A call as it goes: someone picks up, hears the words, presses a key, and hears what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from core import clock, log
from sms import inbox, received, taking
from sms.models import CALL, OUT, Message
from sms.received import KEY, STATUS, Told, key_id
from sms.speech import Speech
from sms.wire import VoiceHandler, Wire

_KEYS = re.compile("[0-9*#]")
_MEANINGS = "01234"
"""Keys that mean something in some call: kept for later when nobody can say in which."""
_OUR_ID = re.compile("[0-9a-f]{26}")
_CALL_SID = re.compile("CA[0-9a-f]{32}")
_log = log.get("voice")


def picked_up(wire: Wire, message_id: str, form: Mapping[str, str]) -> Speech | None:
    """What somebody who picked up our call `message_id` hears; None when there is no such call of ours."""
    _take(wire, Told(STATUS, form, clock.now(), message_id))  # that the carrier asks proves that it has the call
    return _spoken(wire, message_id, lambda session, call, handler: handler.greeting(session, call))


def pressed(wire: Wire, message_id: str, form: Mapping[str, str], *, again: bool) -> Speech | None:
    """What somebody who pressed a key hears, or None for nothing more. A key that means something is stored once and handled
    before this returns; another one has everything said once more (`again`: it was already)."""
    key, call_sid = form.get("Digits", ""), form.get("CallSid", "")
    if not _KEYS.fullmatch(key) or not _CALL_SID.fullmatch(call_sid):
        return None  # nobody pressed anything: a mailbox, or a pocket
    try:
        return _answer(wire, message_id, call_sid, key, again=again)
    except Exception:
        _log.exception("a pressed key could not be handled", message_id=message_id[:26])
        if key in _MEANINGS:
            _take(wire, Told(KEY, form, clock.now(), message_id))
        return _trouble(wire)


def _take(wire: Wire, told: Told) -> None:
    try:
        taking.take(wire.services, wire.services.settings.data_dir, told)
    except taking.CannotTake:
        # Whoever is on the phone is told to text instead; a status comes once more with the end of the call.
        _log.exception("something of a call was not kept", kind=told.kind, message_id=told.message_id[:26])


def _answer(wire: Wire, message_id: str, call_sid: str, key: str, *, again: bool) -> Speech | None:
    with wire.services.read() as session:
        call, handler = _call(wire, session, message_id)
        if call is None or handler is None:
            return None
        text = handler.as_text(session, call, key)
    if text is None:
        return None if again else _spoken(wire, message_id, lambda session, call, handler: handler.greeting(session, call))
    told = Told(KEY, {"CallSid": call_sid, "Digits": key, "Body": text}, clock.now(), call.id)
    received.store(wire.services, told, taking.PATIENCE_S)
    handled = inbox.handle_now(wire, key_id(call_sid, key), call.phone)
    return _spoken(
        wire,
        message_id,
        lambda session, call, handler: handler.reply(session, call, key) if handled else handler.kept(session, call),
    )


def _spoken(wire: Wire, message_id: str, say: Callable[[Session, Message, VoiceHandler], Speech]) -> Speech | None:
    try:
        with wire.services.read() as session:
            call, handler = _call(wire, session, message_id)
            return say(session, call, handler) if call is not None and handler is not None else None
    except Exception:
        _log.exception("the words of a call were not found", message_id=message_id[:26])
        return _trouble(wire)


def _call(wire: Wire, session: Session, message_id: str) -> tuple[Message | None, VoiceHandler | None]:
    message = session.get(Message, message_id) if _OUR_ID.fullmatch(message_id) else None
    if message is None or message.direction != OUT or message.channel != CALL:
        _log.warning("a call of no message of ours", message_id=message_id[:26])
        return None, None
    return message, wire.voice_handlers.get(message.about_kind or "")


def _trouble(wire: Wire) -> Speech | None:
    return next((handler.trouble() for handler in wire.voice_handlers.values()), None)
