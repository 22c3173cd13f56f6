"""What the outbox refuses, and that its table and the inbox's are read through their partial indexes."""

from __future__ import annotations

from typing import Any

import pytest

from sms.wire import Wire

A = "+358401234567"
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_what_no_outbox_takes(desk: Any) -> None:
    with pytest.raises(ValueError, match="not a purpose"):
        desk.put(A, purpose="poem")
    with pytest.raises(ValueError, match="needs words"):
        desk.put(A, body=" ")


def test_the_index_serves_the_claim(wire: Wire) -> None:
    with wire.services.read() as session:
        statement = (
            "EXPLAIN QUERY PLAN SELECT id FROM messages WHERE messages.state IN ('due', 'claimed', 'unknown')"
            " AND (state = 'due' AND send_at <= '2026') ORDER BY priority, rank, send_at"
        )
        plan = str(session.connection().exec_driver_sql(statement).all())
    assert "ix_messages_to_send" in plan


def test_the_index_serves_the_inbox(wire: Wire) -> None:
    waiting = "EXPLAIN QUERY PLAN SELECT phone FROM messages WHERE messages.direction = 'in' AND messages.handled_at IS NULL"
    with wire.services.read() as session:
        plan = str(session.connection().exec_driver_sql(waiting + " ORDER BY created_at").all())
    assert "ix_messages_to_handle" in plan


def test_the_last_of_one_number_is_found_however_many_others_wait(wire: Wire) -> None:
    newest = (
        "EXPLAIN QUERY PLAN SELECT max(created_at) FROM messages WHERE messages.direction = 'in'"
        " AND messages.handled_at IS NULL AND messages.phone = '+1'"
    )
    with wire.services.read() as session:
        plan = str(session.connection().exec_driver_sql(newest).all())
    assert "ix_messages_to_handle_of (phone=?)" in plan
