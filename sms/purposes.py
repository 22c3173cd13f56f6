"""What a text is for. Its purpose sets its place on a crowded wire: the lower the number, the sooner it leaves."""

from __future__ import annotations

SAFETY = "safety"
CORRECTION = "correction"
ADDRESS = "address"
FIRST = "first"
STAND_DOWN = "stand_down"
FOLLOW_UP = "follow_up"
OPERATOR = "operator"
REMINDER = "reminder"
BULLETIN = "bulletin"
CANARY = "canary"

PRIORITY = {
    SAFETY: 0,
    CORRECTION: 0,
    ADDRESS: 1,
    FIRST: 2,
    STAND_DOWN: 3,
    FOLLOW_UP: 4,
    OPERATOR: 5,
    REMINDER: 6,
    BULLETIN: 7,
    CANARY: 8,
}
