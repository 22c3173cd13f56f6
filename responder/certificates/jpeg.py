"""A photograph inside a PDF without what the camera wrote beside the picture: where, when, with what."""

from __future__ import annotations

import re
from collections.abc import Iterator

_START, _END, _SCAN, _COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
_JFIF, _COLOURS, _ADOBE = 0xE0, 0xE2, 0xEE
_APPLICATIONS = range(0xE0, 0xF0)
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""Within a scan 0xFF is followed by 0 or by the number of a restart; anything else begins what comes next (ITU T.81, B.1.1)."""


def pixels_alone(photograph: bytes) -> bytes:
    """The same picture, bit by bit, without notes. Raises ValueError for what is no JPEG."""
    return b"".join(_kept(photograph))


def _kept(photograph: bytes) -> Iterator[bytes]:
    if photograph[:2] != bytes((0xFF, _START)):
        raise ValueError("a JPEG begins with FF D8")
    yield photograph[:2]
    at = 2
    while at < len(photograph):
        if photograph[at] != 0xFF:
            raise ValueError("a part of a JPEG begins with FF")
        marker = photograph[at + 1]
        if marker == 0xFF:  # any number of them may stand before a marker
            at += 1
            continue
        if marker == _END:
            yield photograph[at : at + 2]
            return
        end = at + 2 + int.from_bytes(photograph[at + 2 : at + 4])
        if _draws(marker, photograph[at + 4 : end]):
            yield photograph[at:end]
        if marker == _SCAN:
            found = _NEXT_MARKER.search(photograph, end)
            begin, end = end, found.start() if found else len(photograph)
            yield photograph[begin:end]
        at = end


def _draws(marker: int, content: bytes) -> bool:
    """Whether this part has to do with how the picture looks: among what programs add, colours alone."""
    if marker in _APPLICATIONS:
        return marker in (_JFIF, _ADOBE) or (marker == _COLOURS and content.startswith(b"ICC_PROFILE"))
    return marker != _COMMENT
