"""Every row of the error table, driven through real carriers: what a code does to its text, its number and the operator.

The expected behaviour is written here once more, by hand, so that taking a row's behaviour out of the table turns its test red.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from core import clock as clock_module
from core.clock import HandClock
from core.database import Database
from core.events import Event
from core.queue import WakeUps
from core.services import Services
from core.settings import load
from sms import error_table, inbox
from sms.carriers import health
from sms.carriers.models import Carrier, CarrierWindow
from sms.models import Contact, Message
from tests.conftest import MONDAY_NOON
from tests.sms.desk import Desk
from tests.sms.fake_android import NUMBER
from tests.stories.two_carriers import NUMBERS, TwoCarriers, open_two_carriers

AT_ONCE = {
    "20003": "carrier tell",
    "20404": "carrier tell",
    "20429": "later",
    "21211": "no invalid",
    "21215": "no tell",
    "21408": "carrier tell",
    "21602": "carrier tell",
    "21606": "sender tell",
    "21610": "no opted_out",
    "21611": "sender",
    "21612": "sender voice",
    "21614": "no voice no_texts",
    "21617": "no voice tell",
    "21635": "no voice no_texts",
    "21703": "carrier tell",
    "21704": "carrier tell",
    "21705": "carrier tell",
    "29999": "carrier voice tell",
}
"""Refusals of a request. The last is a code that nobody knows."""
LATER = {
    "30001": "sender",
    "30002": "carrier tell",
    "30003": "later voice unreachable:3",
    "30004": "no voice blocked",
    "30005": "no voice invalid:2",
    "30006": "sender voice no_texts:2",
    "30007": "no voice tell",
    "30008": "sender voice",
    "30017": "no voice",
    "30022": "sender",
    "30023": "sender tell",
    "30032": "sender tell",
    "30033": "sender tell",
    "30034": "sender tell",
    "30035": "sender tell",
    "30036": "no voice",
    "30045": "no voice tell",
    "30410": "sender voice",
    "30450": "carrier voice tell",
    "30610": "carrier voice tell",
    "39999": "no voice",
}
"""Failures told after the carrier took the text."""
ANDROID = {
    "GENERIC_FAILURE": "carrier voice",
    "LIMIT_EXCEEDED": "carrier tell",
    "NO_DEFAULT_SMS_APP": "carrier tell",
    "NO_SERVICE": "carrier tell",
    "RADIO_OFF": "carrier tell",
    "RIL_MODEM_ERR": "carrier tell",
}
BY_REQUEST_OF_PHONE = {"QUEUE_LIMITS": "carrier tell"}
OUR_OWN = {"unreachable": "later", "no_answer": "no voice", "expired": "no voice"}
"""What these do to a text: test_unknown.py and test_sender.py."""
_numbers = itertools.count()


@dataclass
class Stage:
    """Two carriers and the wire between."""

    two: TwoCarriers
    clock: HandClock
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.desk = Desk(self.two.town.wire)

    def number(self) -> str:
        """A number that nobody has used."""
        return f"+4477009{next(_numbers):05d}"

    def settle(self) -> None:
        """Send, hear, and send again what follows at once."""
        for _ in range(3):
            self.two.town.sender.run_once()
            self.two.town.carrier.wait_idle()
            self.two.phone.tell_all()
            inbox.handle_due(self.two.town.wire)

    def copies(self, message_id: str) -> list[Message]:
        with self.desk.wire.services.read() as session:
            return list(session.scalars(select(Message).where(Message.again_of == message_id)))

    def told(self, code: str) -> bool:
        with self.desk.wire.services.read() as session:
            stood = session.scalars(select(Event).where(Event.kind == "fault_stands")).all()
        return any(one.data["fault"] == "carrier_refuses" and one.data["subject"] == code for one in stood)

    def marked(self) -> bool:
        with self.desk.wire.services.read() as session:
            kinds = set(session.scalars(select(Event.kind)))
        return bool(kinds & {"number_in_trouble", "contact_opted_out"})

    def forget(self) -> None:
        """The next row's carriers are well, and the operator knows of nothing."""
        with self.desk.wire.services.write() as session:
            for model in (Carrier, CarrierWindow, Event):
                session.execute(delete(model))
        self.two.town.carrier.faults.reset()
        self.two.phone.fail.clear()


@pytest.fixture(scope="module")
def opened(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One stage for all rows; each row has a number of its own. What a code means is no matter of the database's kind."""
    folder = tmp_path_factory.mktemp("table")
    shutil.copy(sqlite_template, folder / "doorstep.sqlite3")
    url = f"sqlite:///{folder}/doorstep.sqlite3"
    hand = HandClock(MONDAY_NOON)
    previous = clock_module.use(hand)
    database = Database(url)
    settings = load(_env_file=None, data_dir=folder, database_url=url, secret_key="for tests only")
    with open_two_carriers(Services(settings, database, WakeUps(None)), hand, NUMBERS) as two:
        yield Stage(two, hand)
    database.close()
    clock_module.use(previous)


@pytest.fixture
def stage(opened: Stage) -> Iterator[Stage]:
    yield opened
    opened.forget()


def mark_of(expected: str) -> tuple[str | None, int]:
    """The trouble that a row marks a number with, and with which text in a row."""
    known = {one.value for one in error_table.Trouble}
    marks = [word.partition(":") for word in expected.split() if word.partition(":")[0] in known]
    return (marks[0][0], int(marks[0][2] or 1)) if marks else (None, 1)


def check_beside(stage: Stage, code: str, expected: str, phone: str) -> None:
    """What a code says of the number and to the operator."""
    mark, _times = mark_of(expected)
    contact = stage.desk.contact(phone)
    assert contact.trouble == (None if mark == "opted_out" else mark)
    assert (contact.opted_out_at is not None) == (mark == "opted_out")
    assert (mark is not None) == stage.marked(), "nor was it marked for a moment, until another way got through"
    assert stage.told(code) == ("tell" in expected.split())


def test_the_table_has_these_rows_and_no_others() -> None:
    tested = [*AT_ONCE, *LATER, *ANDROID, *BY_REQUEST_OF_PHONE, *OUR_OWN]
    assert sorted(error_table.ROWS) == sorted(code for code in tested if code not in ("29999", "39999"))


@pytest.mark.parametrize(("code", "expected"), [*(AT_ONCE | LATER | ANDROID | BY_REQUEST_OF_PHONE | OUR_OWN).items()])
def test_whether_it_is_sent_again_and_whether_a_call_may_take_its_place(code: str, expected: str) -> None:
    row = error_table.row(code, 400 if code in AT_ONCE else None)
    assert row.retry == expected.split(maxsplit=1)[0]
    assert row.voice == ("voice" in expected.split())
    assert row.meaning
    if code in OUR_OWN:
        assert (row.mark, row.tell) == (None, False), "what is our own says nothing of a number and needs no operator"


@pytest.mark.parametrize(("code", "expected"), AT_ONCE.items())
def test_a_refusal(stage: Stage, code: str, expected: str) -> None:
    phone = stage.number()
    stage.two.town.carrier.faults.refuse[phone] = int(code)
    message_id = stage.desk.put(phone)
    stage.settle()
    text = stage.desk.message(message_id)
    found = {
        "no": ("refused", None, None),
        "later": ("due", "twilio", None),
        "sender": ("taken", "android", " ".join(f"twilio:{number}" for number in NUMBERS)),
        "carrier": ("taken", "android", "twilio"),
    }[expected.split(maxsplit=1)[0]]
    assert (text.state, text.carrier if found[1] else None, text.avoid) == found
    assert len(stage.two.phone.bodies_to(phone)) == (text.state == "taken")
    check_beside(stage, code, expected, phone)


@pytest.mark.parametrize(("code", "expected"), LATER.items())
def test_a_failure_told_later(stage: Stage, code: str, expected: str) -> None:
    phone, (_mark, times) = stage.number(), mark_of(expected)
    stage.two.town.carrier.faults.fail[phone] = int(code)
    for number in range(times):
        assert number == 0 or stage.desk.contact(phone).trouble is None
        message_id = stage.desk.put(phone, about=f"c{number}")
        stage.settle()
    text = stage.desk.message(message_id)
    assert ((text.about_id or ""), "failed", code) in stage.desk.outcomes
    check_copy(stage, text, expected.split(maxsplit=1)[0])
    check_beside(stage, code, expected, phone)


def check_copy(stage: Stage, text: Message, retry: str) -> None:
    """Whether and how the text was sent once more, and never twice more."""
    if retry == "later":
        assert [one.state for one in stage.copies(text.id)] == ["due"]
        stage.clock.turn(10)
        stage.settle()
    copies = stage.copies(text.id)
    assert len(copies) == (retry != "no")
    for copy in copies:
        assert copy.carrier == ("android" if retry == "carrier" else "twilio")
        assert (copy.sender != text.sender) == (retry != "later")
        assert stage.copies(copy.id) == []


@pytest.mark.parametrize(("code", "expected"), (ANDROID | BY_REQUEST_OF_PHONE).items())
def test_a_failure_of_the_gateway_phone(stage: Stage, code: str, expected: str) -> None:
    phone = stage.number()
    first = stage.desk.put(phone)
    with stage.desk.wire.services.write() as session:
        session.execute(update(Contact).where(Contact.phone == phone).values(carrier="android", sender=NUMBER))
    if code in ANDROID:
        stage.two.phone.fail[phone] = f"Can't send: RESULT_ERROR_{code}"
    else:
        stage.two.phone.answers.append((503, "queue limits exceeded: too many pending messages: 9 / 9"))
    stage.settle()
    by_twilio = [text.body for text in stage.two.town.carrier.messages_to(phone)]
    assert len(by_twilio) == 1
    assert stage.desk.message(first).carrier == ("android" if code in ANDROID else "twilio")
    check_beside(stage, code, expected, phone)


def test_what_was_wrong_with_a_number_is_forgotten_when_a_text_arrives(stage: Stage) -> None:
    phone = stage.number()
    stage.two.town.carrier.faults.fail[phone] = 30004
    stage.desk.put(phone)
    stage.settle()
    assert stage.desk.contact(phone).trouble == "blocked"
    stage.two.town.carrier.faults.fail.clear()
    stage.desk.put(phone)
    stage.settle()
    assert (stage.desk.contact(phone).trouble, stage.desk.contact(phone).trouble_since) == (None, None)


def test_texts_in_a_row_are_those_that_end_with_the_same_code(stage: Stage) -> None:
    phone = stage.number()
    for number, code in enumerate((30005, 30008, 30005)):
        stage.two.town.carrier.faults.fail[phone] = code
        stage.two.town.clock.turn(1)  # texts of one moment have no order
        stage.desk.put(phone, about=f"c{number}")
        stage.settle()
    assert stage.desk.contact(phone).trouble is None


def test_what_was_wrong_with_a_number_is_forgotten_when_a_text_comes_from_it(stage: Stage) -> None:
    phone = stage.number()
    stage.two.town.carrier.faults.fail[phone] = 30004
    stage.desk.put(phone)
    stage.settle()
    assert stage.desk.contact(phone).trouble == "blocked"
    stage.two.town.carrier.text(phone, "hello")
    stage.two.town.carrier.wait_idle()
    inbox.handle_due(stage.desk.wire)
    assert stage.desk.contact(phone).trouble is None


def test_a_carrier_that_tells_later_that_it_cannot_serve_us_is_left_for_the_other(stage: Stage) -> None:
    phones = [stage.number() for _ in range(3)]
    for phone in phones:
        stage.two.town.carrier.faults.fail[phone] = 30002
        stage.desk.put(phone, about=phone)
    stage.settle()
    with stage.desk.wire.services.read() as session:
        assert health.failing(session, ["twilio", "android"]) == ["twilio"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [(401, "carrier tell"), (403, "carrier tell"), (404, "carrier tell"), (429, "later"), (400, "carrier voice tell")],
)
def test_an_unknown_code_goes_by_its_http_status(status: int, expected: str) -> None:
    row = error_table.row("99999", status)
    words = [row.retry.value, *(["voice"] if row.voice else []), *(["tell"] if row.tell else [])]
    assert " ".join(words) == expected


def test_a_reason_of_our_own_rings_nobody() -> None:
    assert not error_table.row("not_asking").voice
