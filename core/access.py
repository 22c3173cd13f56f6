"""Who may call a view. A view declares it here, below everything; the console enforces it and refuses unmarked routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

PUBLIC = "public"
"""Anyone: health, the API's description."""
CARRIER = "carrier"
"""The carrier: the view itself verifies the signature before it reads anything else."""
METRICS = "metrics"
"""METRICS_TOKEN, or a direct loopback connection."""
SIMULATING = "simulating"
"""Anyone, but the route exists only while the simulated carrier is in use."""
SCOPES = ("incidents", "people", "read")
"""What an API key may be for."""

_MARK = "doorstep_access"


def requires(access: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a view: `public`, `carrier`, `metrics`, `simulating`, or `key:SCOPE[|SCOPE]` for API keys holding one of them."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        setattr(view, _MARK, access)
        return view

    return mark


def declared(view: object) -> str | None:
    """What `view` declared, or None when it declared nothing (the console then refuses to start)."""
    return getattr(view, _MARK, None)
