"""Whatever any table holds of a person is in the file that they may have, and gone once they are erased.

Every table gets one row of the person, every column that could hold words a word of its own. A table or column that is new is
filled like the others; when its words are left after the erasure or missing in the file, somebody has to decide.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, DateTime, LargeBinary, String, Table, insert, select
from sqlalchemy.orm import Session

from console.tables import METADATA
from core import clock as clocks
from core.database import Database, UtcDateTime
from core.services import Services
from responder import erasure, records
from responder.me import everything
from responder.models import Responder

ABOUT_NO_VOLUNTEER = {
    "the map": {"crossings", "districts", "house_numbers", "localities", "map_areas", "map_tiles", "streets", "zones"},
    "the service": {"agencies", "coverage_forecasts", "certificate_kinds", "faults", "heartbeats", "milestones", "plans"},
    "the wire": {"call_turns", "canaries", "carrier_windows", "carriers", "sender_numbers"},
    "its staff": {"api_keys", "bulk_actions", "api_openings", "set_up_links", "sign_in_failures", "user_sessions", "users"},
    "a patient": {"incident_notes", "incidents"},
    "a stranger": {"erased_on_request"},
    "a file of the day before": {"import_columns", "people_import_pieces", "people_imports"},
}
"""Tables without a row about a volunteer. (A list that was imported is dropped whole after a day: `import_jobs.KEPT`.)"""

OVER_THEM = ("plans", "incidents", "bulk_actions", "people_imports")
"""Of these, those that rows about a volunteer belong to."""

CODES: dict[str, object] = {
    # A word from a list in the code, an id of ours or the carrier's, or which of the staff did something.
    "alarms.kind": "opted_out",
    "alarms.acknowledged_by": "user:a",
    "alarms.settled_as": "acknowledged",
    "bulk_people.before": "active",
    "bulk_people.outcome": "done",
    "call_backs.done_by": "user:a",
    "call_backs.wish": "ring_me",
    "callouts.letter": "A",
    "callouts.state": "finished",
    "callouts.role": "direct",
    "callouts.only_role": "guide",
    "callouts.kind": "home",
    "callouts.transport": "foot",
    "callouts.reason": "nearest",
    "callouts.stood_down_as": "covered",
    "callouts.address_text": "m",
    "care_questions.answer": "fine",
    "care_questions.callout_id": "callouts-1",
    "care_questions.step": "hours",
    "certificate_evidence.media_type": "image/png",
    "certifications.verified_by": "user:a",
    "certifications.sent_by": "user:a",
    "certifications.rejected_by": "user:a",
    "consents.version": "2026-11",
    "consents.how": "web",
    "consents.by": "user:a",
    "contacts.language": "fi",
    "contacts.carrier": "twilio",
    "contacts.sender": "+1",
    "events.kind": "text_heard",
    "events.actor": "responder:1",
    "events.data": {},
    "imported_people.kind": "added",
    "join_attempts.network": "a digest",
    "membership_changes.by": "user:a",
    "membership_changes.membership": "active",
    "message_statuses.carrier_id": "SM1",
    "message_statuses.status": "sent",
    "message_statuses.error_code": "",
    "messages.direction": "out",
    "messages.channel": "sms",
    "messages.purpose": "first",
    "messages.about_kind": "callout",
    "messages.carrier": "twilio",
    "messages.sender": "+1",
    "messages.carrier_id": "SM1",
    "messages.carrier_status": "sent",
    "messages.error_code": "30003",
    "messages.state": "taken",
    "messages.claim": "c",
    "messages.claimed_by": "p",
    "messages.in_answer_to": "m",
    "messages.avoid": "twilio:+1",
    "messages.again_of": "m",
    "messages.opt_out_type": "STOP",
    "passed_over.reason": "too_far",
    "places.kind": "home",
    "reachable_places.kind": "home",
    "reachable_places.transport": "foot",
    "responders.membership": "active",
    "responders.transport": "foot",
    "shared_numbers.settled_by": "user:a",
}

KEPT = {"alarms.data": "an alarm holds of a person only the id, which is the empty row's"}
"""Words that stay when a person is erased, and why."""

NOT_IN_THE_FILE = {
    "alarms.data": "what was reported, which is another's",
    "person_words.word": "made from name, id and number",
    "reachable_places.hours": "made from the places",
    "reachable_places.certified": "made from the certificates",
    "join_attempts.token_hash": "a digest that opens something",
    "join_attempts.code_hash": "the same",
    "personal_links.token_hash": "the same",
    "personal_links.cookie_hash": "the same",
}
"""Words that are not in a person's file, and why."""


@pytest.fixture
def database(empty_sqlite: Database) -> Database:
    """What is looked at is the tables, which are the same on both."""
    return empty_sqlite


def of_people() -> list[Table]:
    left_out = {name for names in ABOUT_NO_VOLUNTEER.values() for name in names}
    return [table for table in METADATA.sorted_tables if table.name not in left_out]


def key_of(table: str) -> object:
    """The id of the one row of a table."""
    (column,) = METADATA.tables[table].primary_key.columns
    return f"{table}-1" if isinstance(column.type, String) else 1


def value(column: Column[Any]) -> object:
    """What the person's row has in a column: the word of that column, where it could hold one."""
    name = f"{column.table.name}.{column.name}"
    if name in CODES:
        return CODES[name]
    if column.foreign_keys:
        return key_of(next(iter(column.foreign_keys)).column.table.name)
    if column.name in ("incident_id", "callout_id", "message_id", "responder_id", "about_id"):
        return key_of({"about_id": "callouts"}.get(column.name, f"{column.name.removesuffix('_id')}s"))
    if column.name == "phone":
        return word("contacts.phone")
    if isinstance(column.type, JSON):
        return {"word": word(name)}
    if isinstance(column.type, LargeBinary):
        return word(name).encode()
    if isinstance(column.type, String):
        return key_of(column.table.name) if name.endswith(".id") else word(name)
    if isinstance(column.type, UtcDateTime | DateTime):
        return clocks.now()
    return False if isinstance(column.type, Boolean) else 1


def word(name: str) -> str:
    return f"word of {name}!"


def words() -> list[str]:
    """The columns that hold a word."""
    return [
        f"{table.name}.{column.name}"
        for table in of_people()
        for column in table.columns
        if word(f"{table.name}.{column.name}") in repr(value(column))
    ]


@pytest.fixture
def person(services: Services) -> int:
    """A person of whom every table knows something."""
    with services.write() as session:
        session.connection().exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for table in METADATA.sorted_tables:
            if table.name in OVER_THEM or table in of_people():
                filled = {column.name: value(column) for column in table.columns if column.name != "erased_at"}
                session.execute(insert(table).values(**filled))
    return 1


def stored(session: Session, table: Table) -> str:
    return "\n".join(repr(tuple(row)) for row in session.execute(select(table)))


def test_every_table_is_of_volunteers_or_said_to_be_of_none() -> None:
    said = {name for names in ABOUT_NO_VOLUNTEER.values() for name in names}
    assert said <= set(METADATA.tables), "tables that are no more"
    naming = {table.name for table in METADATA.sorted_tables if any(records.names(column) for column in table.columns)}
    assert naming & said == set(), "these name volunteers"
    assert len(words()) > 20


def test_codes_and_exceptions_are_of_columns_that_there_are() -> None:
    there = {f"{table.name}.{column.name}" for table in of_people() for column in table.columns}
    assert set(CODES) | set(KEPT) | set(NOT_IN_THE_FILE) <= there


def test_nothing_is_left_of_whoever_is_erased(services: Services, person: int) -> None:
    with services.write() as session:
        erasure.erase(session, session.get_one(Responder, person).external_id, "user:admin")
    with services.read() as session:
        left = {name for name in words() if any(word(name) in stored(session, table) for table in of_people())}
    assert left == set(KEPT), "erase it (responder/erasure.py), or say in KEPT why it stays"


def test_everything_is_in_the_file_that_a_person_may_have(services: Services, person: int) -> None:
    with services.read() as session:
        told = everything.about(session, services.settings, session.get_one(Responder, person), lambda *_: [])
    proof = word("certificate_evidence.content").encode()
    missing = {name for name in words() if word(name) not in told} - {"certificate_evidence.content"}
    assert missing == set(NOT_IN_THE_FILE), "tell it (responder/records.py), or say in NOT_IN_THE_FILE why not"
    assert records._plain("content", proof) in told, "the picture itself"
    assert "user:a" not in told, "who of the service did something is nobody's business"
