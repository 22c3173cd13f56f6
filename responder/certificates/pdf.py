"""A PDF written anew: its pages as they look, and nothing that it told or could do besides.

Only what draws a page is copied, by name: who wrote it, with what and when, notes, links, scripts, attachments and the history
of changes stay behind. Photographs in it lose what the camera wrote into them. Nothing in a PDF is ever run here, and it is
read in plain Python (pypdf), which bounds what packed objects may grow to.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, PdfObject, StreamObject

from core import log
from core.words import _, fill
from responder.certificates import jpeg

MOST_PAGES = 20
"""A certificate has one page or two; a whole training record has few more."""
MOST_OBJECTS = 20_000
"""So many things may lie on all pages together; a form of one page with its fonts has some hundred."""
_DRAWN = ("/Type", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Resources", "/Contents", "/Group", "/Annots")
_OF_A_NOTE = ("/Type", "/Subtype", "/Rect", "/AP", "/AS", "/F")
_SHOWN_NOTES = ("/Widget", "/Stamp", "/FreeText", "/Ink", "/Line", "/Square", "/Circle", "/Highlight", "/Underline")
"""Annotations that are part of what one sees: fields that were filled in, stamps, marks. Only how they look is kept."""
_TOLD_BESIDES = ("/Metadata", "/PieceInfo", "/LastModified", "/StructParent", "/StructParents")
_PHOTOGRAPH = "/DCTDecode"
_log = log.get("pdf")


class UnreadablePdf(ValueError):
    """It cannot be used; the message says in one line what is needed instead."""


def written_anew(raw: bytes) -> bytes:
    """The pages of `raw`. Raises UnreadablePdf for one that is locked, damaged or too long. Takes up to a second."""
    try:
        reader = PdfReader(io.BytesIO(raw))
        if reader.is_encrypted:
            raise UnreadablePdf(_("a PDF without a password or other lock; save it without one, or take a picture of it"))
        if not 1 <= len(reader.pages) <= MOST_PAGES:
            raise UnreadablePdf(fill("a PDF of 1 to {most} pages", most=MOST_PAGES))
        return _copied(reader)
    except UnreadablePdf:
        raise
    except Exception as error:
        # A broken file makes its reader stumble in every way there is. Logged by kind alone: a trace would tell what is in it.
        _log.info("a PDF could not be read", size_bytes=len(raw), error=type(error).__name__)
        raise UnreadablePdf(_("a PDF that can be read; this one is damaged or not whole")) from None


def _copied(reader: PdfReader) -> bytes:
    for page in reader.pages:
        _keep_only(page, _DRAWN)
        if "/Annots" in page:
            page[NameObject("/Annots")] = ArrayObject(_notes(page["/Annots"].get_object()))
        parts = _parts(page)
        for part in parts:
            for key in _TOLD_BESIDES:
                part.pop(key, None)
        for part in parts:
            _take_notes_off_photographs(part)
    writer = PdfWriter()
    for page in reader.pages:
        writer.add_page(page)
    writer.metadata = None
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _notes(notes: PdfObject | None) -> Iterator[PdfObject]:
    for one in notes if isinstance(notes, ArrayObject) else ():
        note = one.get_object()
        if isinstance(note, DictionaryObject) and note.get("/Subtype") in _SHOWN_NOTES and "/AP" in note:
            _keep_only(note, _OF_A_NOTE)
            yield note


def _parts(page: DictionaryObject) -> list[DictionaryObject]:
    """Everything that hangs on a page, each once, however it hangs together."""
    found: list[DictionaryObject] = []
    seen: set[int] = set()
    waiting: list[PdfObject] = [page]
    while waiting:
        one = waiting.pop().get_object()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if len(seen) > MOST_OBJECTS:
            raise UnreadablePdf(_("a simpler PDF, or a picture of the page"))
        if isinstance(one, DictionaryObject):
            found.append(one)
            waiting += list(one.values())
        elif isinstance(one, ArrayObject):
            waiting += [item for item in one if isinstance(item, DictionaryObject | ArrayObject | IndirectObject)]
    return found


def _take_notes_off_photographs(part: DictionaryObject) -> None:
    for key, value in part.items():
        one = value.get_object()
        if isinstance(one, StreamObject) and _filters(one)[-1:] == [_PHOTOGRAPH]:
            part[key] = _without_notes(one)


def _filters(packed: StreamObject) -> list[str]:
    """In the order in which they are taken off."""
    if "/Filter" not in packed:
        return []
    named = packed["/Filter"]
    return [str(one) for one in named] if isinstance(named, ArrayObject) else [str(named)]


def _without_notes(photograph: StreamObject) -> StreamObject:
    plain = StreamObject()
    plain.update(photograph)
    plain.set_data(jpeg.pixels_alone(photograph.get_data()))
    plain[NameObject("/Filter")] = NameObject(_PHOTOGRAPH)
    if len(_filters(photograph)) > 1:
        plain.pop("/DecodeParms", None)
    return plain


def _keep_only(part: DictionaryObject, keys: tuple[str, ...]) -> None:
    for key in [key for key in part if key not in keys]:
        del part[key]
