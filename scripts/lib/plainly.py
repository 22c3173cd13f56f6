"""What the rooms refuse, told in the words of the command line."""

from __future__ import annotations

from core.problems import Problem

_NAMES = {
    "/location/lat": "--lat",
    "/location/lon": "--lon",
    "/location": "--lat and --lon",
    "/hazards": "--hazard",
    "/name": "NAME",
    "/file": "FILE",
}


def plain(problem: Problem) -> str:
    """One line that names the flag or argument at fault, and what is offered instead."""
    if not problem.errors:
        return problem.title
    details = "; ".join(f"{_named(one.pointer)}{one.detail}" for one in problem.errors)
    offers = ", ".join(str(match["label"]) for match in problem.extra.get("matches", []))
    return details + (f" (did you mean: {offers}?)" if offers else "")


def _named(pointer: str) -> str:
    if not pointer.strip("/"):
        return ""
    known = next((name for start, name in _NAMES.items() if pointer == start or pointer.startswith(start + "/")), None)
    return (known or "--" + pointer.strip("/").split("/")[0].replace("_", "-")) + ": "
