"""A PDF that somebody sends: its pages stay, what it told and could do besides does not, and no bytes bring the reader down."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText, Link
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from responder.certificates import jpeg, pdf
from responder.certificates.pdf import UnreadablePdf

SECRET = "Hushed"
"""Stands wherever a PDF tells something besides its pages."""


def photograph() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = f"{SECRET} Camera"
    drawn = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(drawn, "JPEG", exif=exif, comment=SECRET.encode(), progressive=True)
    return drawn.getvalue()


def stream(data: bytes, **keys: object) -> StreamObject:
    made = DecodedStreamObject()
    made.set_data(data)
    made.update({NameObject(f"/{name}"): value for name, value in keys.items()})
    return made


def certificate(pages: int = 1, password: str = "", packed: tuple[str, ...] = ("/DCTDecode",)) -> bytes:
    """A certificate with a photograph and a field that was filled in, from a talkative program."""
    writer = PdfWriter()
    for _ in range(pages):
        _draw(writer, packed)
    writer.add_metadata({"/Author": f"{SECRET} Author", "/Title": SECRET})
    xmp = stream(f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode(), Type=NameObject("/Metadata"), Subtype=NameObject("/XML"))
    writer.root_object[NameObject("/Metadata")] = writer._add_object(xmp)
    writer.root_object[NameObject("/OpenAction")] = _script()
    writer.add_attachment(f"{SECRET}.exe", SECRET.encode())
    if password:
        writer.encrypt(password, algorithm="RC4-40")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _draw(writer: PdfWriter, packed: tuple[str, ...]) -> None:
    page = writer.add_blank_page(200, 100)
    rgb = {"ColorSpace": NameObject("/DeviceRGB"), "BitsPerComponent": NumberObject(8)}
    size = {"Width": NumberObject(60), "Height": NumberObject(40)}
    data = zlib.compress(photograph()) if len(packed) > 1 else photograph()
    image = stream(
        data,
        Type=NameObject("/XObject"),
        Subtype=NameObject("/Image"),
        Filter=ArrayObject([NameObject(one) for one in packed]),
        **rgb,
        **size,
    )
    image[NameObject("/Metadata")] = writer._add_object(stream(SECRET.encode()))
    font = DictionaryObject({NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1")})
    font[NameObject("/BaseFont")] = NameObject("/Helvetica")
    page[NameObject("/Resources")] = DictionaryObject(
        {
            NameObject("/Font"): DictionaryObject({NameObject("/A"): writer._add_object(font)}),
            NameObject("/XObject"): DictionaryObject({NameObject("/Photo"): writer._add_object(image)}),
        }
    )
    drawn = stream(b"BT /A 12 Tf 10 50 Td (Anna can resuscitate) Tj ET q 60 0 0 40 100 10 cm /Photo Do Q")
    page[NameObject("/Contents")] = writer._add_object(drawn)
    page[NameObject("/PieceInfo")] = DictionaryObject({NameObject("/X"): TextStringObject(SECRET)})
    page[NameObject("/AA")] = DictionaryObject({NameObject("/O"): _script()})
    number = len(writer.pages) - 1
    writer.add_annotation(number, Link(rect=(0, 0, 9, 9), url=f"https://{SECRET.lower()}.example/{SECRET}"))
    writer.add_annotation(number, FreeText(text=SECRET, rect=(0, 0, 9, 9)))
    field = DictionaryObject({NameObject("/Subtype"): NameObject("/Widget"), NameObject("/T"): TextStringObject(SECRET)})
    look = stream(b"0 0 9 9 re f", Type=NameObject("/XObject"), Subtype=NameObject("/Form"))
    look[NameObject("/BBox")] = ArrayObject([FloatObject(n) for n in (0, 0, 9, 9)])
    field[NameObject("/AP")] = DictionaryObject({NameObject("/N"): writer._add_object(look)})
    field[NameObject("/Rect")] = ArrayObject([FloatObject(n) for n in (0, 0, 9, 9)])
    field[NameObject("/A")] = _script()
    page[NameObject("/Annots")].get_object().append(writer._add_object(field))  # type: ignore[union-attr]


def _script() -> DictionaryObject:
    return DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(SECRET)})


def everything_in(written: bytes) -> Iterator[str]:
    """Every object of a PDF in words, unpacked."""
    reader = PdfReader(io.BytesIO(written))
    for number in range(1, int(reader.trailer["/Size"])):
        one = reader.get_object(number)
        yield repr(one)
        if isinstance(one, StreamObject):
            yield repr(one.get_data())
    yield repr(reader.trailer)


@pytest.mark.parametrize("packed", [("/DCTDecode",), ("/FlateDecode", "/DCTDecode")])
def test_the_pages_stay_and_what_was_told_besides_does_not(packed: tuple[str, ...]) -> None:
    raw = certificate(packed=packed)
    assert sum(SECRET in said for said in everything_in(raw)) >= 8
    written = pdf.written_anew(raw)
    assert not [said for said in everything_in(written) if SECRET.lower() in said.lower()]
    assert not [said for said in everything_in(written) if "JavaScript" in said or "/Producer" in said]
    reader = PdfReader(io.BytesIO(written))
    (page,) = reader.pages
    assert page.extract_text().strip() == "Anna can resuscitate"
    assert (page.mediabox.width, page.mediabox.height) == (200, 100)
    (image,) = page.images
    assert image.image is not None
    assert image.image.tobytes() == Image.open(io.BytesIO(photograph())).tobytes()
    assert [one.get_object()["/Subtype"] for one in page["/Annots"]] == ["/Widget"], "what was filled in is part of the page"
    assert "/N" in page["/Annots"][0].get_object()["/AP"]


def test_all_pages_in_their_order() -> None:
    assert len(PdfReader(io.BytesIO(pdf.written_anew(certificate(3)))).pages) == 3


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (lambda: certificate(password="x"), "without a password"),
        (lambda: certificate(pdf.MOST_PAGES + 1), "of 1 to 20 pages"),
        (lambda: certificate()[:600] + b"%%EOF", "damaged or not whole"),
        (lambda: b"%PDF-1.7\n" + b"[" * 100_000 + b"\n%%EOF", "damaged or not whole"),
    ],
    ids=["locked", "long", "cut", "nested"],
)
def test_what_cannot_be_used_is_refused_with_a_line_that_says_what_is_needed(raw: object, said: str) -> None:
    with pytest.raises(UnreadablePdf, match=said):
        pdf.written_anew(raw())  # type: ignore[operator]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3000), st.binary(min_size=1, max_size=8)), min_size=1, max_size=6))
def test_bytes_changed_anywhere_are_read_or_refused_and_nothing_else(changes: list[tuple[int, bytes]]) -> None:
    raw = bytearray(WHOLE)
    for at, said in changes:
        raw[at : at + len(said)] = said
    with suppress(UnreadablePdf):
        assert pdf.written_anew(bytes(raw)).startswith(b"%PDF-")


WHOLE = certificate()


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"quality": 1}, {"subsampling": 0, "icc_profile": b"colours"}])
def test_a_photograph_keeps_every_pixel_and_loses_its_notes(how: dict[str, object]) -> None:
    exif = Image.Exif()
    exif[0x010F] = SECRET
    drawn = io.BytesIO()
    Image.effect_noise((80, 60), 90).convert("RGB").save(drawn, "JPEG", exif=exif, comment=SECRET.encode(), **how)
    plain = jpeg.pixels_alone(drawn.getvalue() + SECRET.encode())
    assert SECRET.encode() not in plain
    assert Image.open(io.BytesIO(plain)).tobytes() == Image.open(io.BytesIO(drawn.getvalue())).tobytes()
    assert Image.open(io.BytesIO(plain)).info.get("icc_profile") == how.get("icc_profile")


@pytest.mark.parametrize("broken", [b"", b"\xff\xd8\x00", b"GIF89a"])
def test_what_is_no_jpeg_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="JPEG"):
        jpeg.pixels_alone(broken)
