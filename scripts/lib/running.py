"""Where a running installation can be reached, for the other commands of the same data folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NOTED = ("PUBLIC_URL", "REDIS_URL", "SIMULATED_CARRIER_URL", "SIMULATE")


def _path(folder: Path) -> Path:
    return folder / "running.json"


@contextmanager
def noted(folder: Path, url: str) -> Iterator[None]:
    """Note, while it runs, what this start has worked out."""
    note = {"process": os.getpid(), "url": url, "settings": {name: os.environ[name] for name in _NOTED if name in os.environ}}
    draft = _path(folder).with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(note), encoding="utf-8")
    draft.replace(_path(folder))
    try:
        yield
    finally:
        _path(folder).unlink(missing_ok=True)


def adopt(folder: Path) -> str | None:
    """Take over the settings of the installation that runs in `folder`, where the environment has none of its own.

    Returns its local address; None when none runs.
    """
    try:
        note = json.loads(_path(folder).read_text(encoding="utf-8"))
        os.kill(note["process"], 0)
    except (OSError, ValueError, KeyError):
        return None
    for name, value in note["settings"].items():
        os.environ.setdefault(name, value)
    url: str = note["url"]
    return url
