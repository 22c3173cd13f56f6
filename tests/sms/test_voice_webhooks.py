"""During a call: nothing unsigned gets in, a key counts once, and whatever breaks, the caller hears something true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from twilio.request_validator import RequestValidator

from core.access import CARRIER, declared
from sms.addresses import gather_url
from sms.models import CALL, IN, Message, MessageStatus
from sms.sender import Sender
from sms.signatures import LONGEST_BODY
from sms.speech import Speech
from sms.voice_webhooks import blueprint
from sms.wire import Wire

A = "+358401234567"
SID = "CA" + "a" * 32


@dataclass
class Words:
    """The room above: a call that offers 1 and 2."""

    broken: bool = False
    replies: list[str] = field(default_factory=list)

    def greeting(self, session: Session, call: Message) -> Speech:
        if self.broken:
            raise RuntimeError("a defect of the room")
        return Speech(call.body, "sv", keys="12")

    def as_text(self, session: Session, call: Message, key: str) -> str | None:
        return f"A{key}" if key in "12" else None

    def reply(self, session: Session, call: Message, key: str) -> Speech:
        self.replies.append(key)
        return Speech("GO TO THE PLACE", "en")

    def kept(self, session: Session, call: Message) -> Speech:
        return Speech("KEPT, A TEXT FOLLOWS", "en", times=1)

    def trouble(self) -> Speech:
        return Speech("PLEASE TEXT", "en", times=1)


class Line:
    """The carrier's side of one call."""

    def __init__(self, wire: Wire, call_id: str) -> None:
        self.wire, self.id = wire, call_id
        self.app = Flask(__name__)
        self.app.register_blueprint(blueprint(wire))
        self.client = self.app.test_client()

    def asks(self, path: str, form: dict[str, str], *, token: str | None = None, headers: bool = True) -> Any:
        settings = self.wire.services.settings
        signed = RequestValidator(token or settings.carrier.auth_tokens[0]).compute_signature(settings.public_url + path, form)
        given = {"X-Twilio-Signature": signed} if headers else {}
        kind = "application/x-www-form-urlencoded"
        return self.client.post(path, data=urlencode(form).encode(), content_type=kind, headers=given)

    def picks_up(self, call_id: str | None = None) -> ElementTree.Element:
        answer = self.asks(
            f"/voice/answer?m={self.id if call_id is None else call_id}", {"CallSid": SID, "CallStatus": "in-progress", "To": A}
        )
        return self.read(answer)

    def presses(self, key: str, more: str = "") -> ElementTree.Element:
        answer = self.asks(f"/voice/gather?m={self.id}{more}", {"CallSid": SID, "Digits": key, "To": A})
        return self.read(answer)

    @staticmethod
    def read(answer: Any) -> ElementTree.Element:
        assert (answer.status_code, answer.mimetype) == (200, "text/xml")
        return ElementTree.fromstring(answer.data)

    def keys(self) -> list[tuple[str, str, str]]:
        with self.wire.services.read() as session:
            rows = session.scalars(select(Message).where(Message.direction == IN)).all()
        return [(row.channel, row.carrier_id or "", row.body) for row in rows]


@pytest.fixture
def words(wire: Wire) -> Words:
    room = Words()
    wire.voice_handlers["callout"] = room
    return room


@pytest.fixture
def line(wire: Wire, desk: Any, sender: Sender, words: Words) -> Iterator[Line]:
    call_id = desk.put(A, body="Kan du komma?", channel=CALL)
    return Line(wire, call_id)


def test_whoever_picks_up_hears_the_words_twice_and_may_press_a_key(line: Line) -> None:
    response = line.picks_up()
    (gather, hangup) = response
    settings = line.wire.services.settings
    assert gather.attrib == {
        "numDigits": "1",
        "timeout": "8",
        "actionOnEmptyResult": "true",
        "method": "POST",
        "action": gather_url(settings.public_url, line.id, again=False),
    }
    (say,) = gather
    assert (say.text, say.attrib) == ("Kan du komma?", {"language": "sv-SE", "loop": "2"})
    assert hangup.tag == "Hangup"
    with line.wire.services.read() as session:
        (told,) = session.scalars(select(MessageStatus)).all()
    assert (told.message_id, told.carrier_id, told.status) == (line.id, SID, "in-progress")


def test_a_key_is_stored_once_handled_at_once_and_answered(line: Line, desk: Any, words: Words) -> None:
    for _ in range(2):  # a replay says the same and does nothing
        response = line.presses("1")
        assert [say.text for say in response.iter("Say")] == ["GO TO THE PLACE"]
        assert [one.tag for one in response] == ["Say", "Hangup"]
    assert line.keys() == [("call", f"{SID}-1", "A1")]
    assert desk.texts == ["A1"]


@pytest.mark.parametrize("nothing", ["", "12", "x", "１"])
def test_a_mailbox_presses_nothing_and_nothing_changes(line: Line, nothing: str) -> None:
    assert [one.tag for one in line.presses(nothing)] == ["Hangup"]
    assert line.keys() == []


def test_another_key_has_it_said_again_once(line: Line) -> None:
    (gather, _) = line.presses("7")
    assert gather[0].text == "Kan du komma?"
    assert gather.attrib["action"] == gather_url(line.wire.services.settings.public_url, line.id, again=True)
    assert [one.tag for one in line.presses("7", "&again=1")] == ["Hangup"]
    line.presses("2", "&again=1")
    assert line.keys() == [("call", f"{SID}-2", "A2")]


def test_an_answer_that_could_not_be_handled_is_kept_and_the_caller_hears_so(line: Line, desk: Any) -> None:
    desk.breaks = 1
    assert [say.text for say in line.presses("1").iter("Say")] == ["KEPT, A TEXT FOLLOWS"]
    assert line.keys() == [("call", f"{SID}-1", "A1")]
    assert desk.texts == []


def test_when_nothing_can_be_stored_the_caller_is_told_to_text(line: Line) -> None:
    with line.wire.services.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE messages RENAME TO away")
    try:
        assert [say.text for say in line.presses("1").iter("Say")] == ["PLEASE TEXT"]
        assert [say.text for say in line.picks_up().iter("Say")] == ["PLEASE TEXT"]
    finally:
        with line.wire.services.write() as session:
            session.connection().exec_driver_sql("ALTER TABLE away RENAME TO messages")


def test_a_defect_of_the_room_still_answers_with_words(line: Line, words: Words) -> None:
    words.broken = True
    assert [say.text for say in line.picks_up().iter("Say")] == ["PLEASE TEXT"]


def test_a_call_that_is_none_of_ours_ends_in_silence(line: Line, desk: Any) -> None:
    text = desk.put(A)
    for other in (text, "0" * 26, "", "%00", "x" * 500):
        assert [one.tag for one in line.picks_up(other)] == ["Hangup"]


def test_every_view_says_who_may_call_it(line: Line) -> None:
    views = [view for name, view in line.app.view_functions.items() if name.startswith("voice.")]
    assert len(views) == 2
    assert {declared(view) for view in views} == {CARRIER}


@pytest.mark.parametrize("path", ["/voice/answer", "/voice/gather"])
def test_what_is_not_signed_by_the_carrier_is_not_even_looked_at(line: Line, path: str) -> None:
    form = {"CallSid": SID, "Digits": "1", "To": A}
    assert line.asks(f"{path}?m={line.id}", form, headers=False).status_code == 403
    assert line.asks(f"{path}?m={line.id}", form, token="somebody else's").status_code == 403
    assert line.asks(f"{path}?m={line.id}", form | {"x": "y" * LONGEST_BODY}).status_code == 413
    assert line.client.get(f"{path}?m={line.id}").status_code == 405
    assert line.keys() == []
    with line.wire.services.read() as session:
        assert session.scalars(select(MessageStatus)).all() == []
