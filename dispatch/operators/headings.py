"""What a fault is called in the reader's language, also one of the room's own."""

from __future__ import annotations

from core import fault_kinds
from core.faults import Fault
from dispatch.desk import loud


def of(fault: Fault) -> str:
    """One line. Of an alarm that waits the kind is kept, and what it is called names nobody."""
    alarm = fault.facts.get("alarm")
    named = {"what": loud.heading(alarm)} if alarm else {}
    return fault_kinds.heading(fault.kind, fault.subject, fault.facts | named)
