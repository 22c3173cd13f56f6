"""The browser that the page tests drive: Chromium without a window of its own, which starts in a third of the time, or a whole
one."""

from __future__ import annotations

import shutil

PACKAGE = "chromium-headless-shell"
NAMES = (PACKAGE, "chromium", "chromium-browser", "google-chrome")


def find() -> str | None:
    """The path of the first of `NAMES` that is on this machine."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)
