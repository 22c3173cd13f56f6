"""Why a row or a file cannot be used, as it is kept until somebody looks: every reader reads it in their own language."""

from __future__ import annotations

import json

from core.words import Filled, kept, told


def written(reason: str, most: int) -> str:
    """`reason` as a text of at most so many characters; in English alone where it would be longer."""
    whole = json.dumps(kept(reason), ensure_ascii=False)
    return whole if isinstance(reason, Filled) and len(whole) <= most else reason[:most]


def read(text: str) -> str:
    """The reason that `written` was given. No sentence of ours begins with a bracket."""
    return told(json.loads(text)) if text.startswith("[") else text
