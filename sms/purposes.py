"""What a text is for. Its purpose sets its place on a crowded wire: the lower the number, the sooner it leaves."""

from __future__ import annotations

SAFETY = "safety"
CORRECTION = "correction"
ADDRESS = "address"
FIRST = "first"
STAND_DOWN = "stand_down"
FOLLOW_UP = "follow_up"
REMINDER = "reminder"
BULLETIN = "bulletin"

PRIORITY = {SAFETY: 0, CORRECTION: 0, ADDRESS: 1, FIRST: 2, STAND_DOWN: 3, FOLLOW_UP: 4, REMINDER: 5, BULLETIN: 6}
