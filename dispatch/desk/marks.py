"""Who may do what at the desk: a dispatcher everything, an auditor look."""

from __future__ import annotations

READS = "role:dispatcher|auditor"
WRITES = "role:dispatcher"
