"""What a browser calls itself, as a person would say it."""

from __future__ import annotations

_PROGRAMS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_MACHINES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def told(user_agent: str) -> str:
    """`Firefox, Windows` and the like; the first words as they are when they name nothing known."""
    parts = [next((name for mark, name in table if mark in user_agent), "") for table in (_PROGRAMS, _MACHINES)]
    return ", ".join(part for part in parts if part) or user_agent[:40] or "?"
