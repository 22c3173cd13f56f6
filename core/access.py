"""Who may call a view. A view declares it here, below everything; the console enforces it and refuses unmarked routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

PUBLIC = "public"
"""Anyone, for reading: health, the API's description, the start page."""
FORM = "form"
"""Anyone, but a change only from our own form: signing in, the set-up link. The view finds out itself who that is."""
CARRIER = "carrier"
"""The carrier: the view itself verifies the signature before it reads anything else."""
METRICS = "metrics"
"""METRICS_TOKEN, or a direct loopback connection."""
SIMULATING = "simulating"
"""Anyone, but the route exists only while the simulated carrier is in use."""
SCOPES = ("incidents", "people", "read")
"""What an API key may be for."""
DISPATCHER, ADMIN, AUDITOR = "dispatcher", "admin", "auditor"
ROLES = (DISPATCHER, ADMIN, AUDITOR)
"""What a person who signs in may be."""
SIGNED_IN = "role:dispatcher|admin|auditor"
"""Anyone who is signed in."""
OWN_ACCOUNT = "own-account"
"""Anyone who is signed in, for their own account: the only place where an auditor changes anything."""

_MARK = "doorstep_access"
_LARGEST = "doorstep_largest_body"


def requires(access: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a view: one of the names above, `key:SCOPE[|SCOPE]` for API keys holding one of them, or `role:ROLE[|ROLE]` for
    people signed in with one of them. An auditor never gets past a `role:` mark with anything but a GET."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        setattr(view, _MARK, access)
        return view

    return mark


def accepts_body(largest_bytes: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a view that takes larger bodies than others (a file); read only after whoever sends it may call the view."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        setattr(view, _LARGEST, largest_bytes)
        return view

    return mark


def declared(view: object) -> str | None:
    """What `view` declared, or None when it declared nothing (the console then refuses to start)."""
    return getattr(view, _MARK, None)


def largest_body(view: object) -> int | None:
    """The largest body in bytes that `view` declared, or None: the same as everywhere."""
    return getattr(view, _LARGEST, None)
