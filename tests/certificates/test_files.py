"""What people send as proof: told by its bytes, cleaned of what it tells besides, refused with a line that says why."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from core.problems import Problem
from responder.certificates import files
from tests.people.proofs import paper

WHERE_IT_WAS_TAKEN = 0x8825


def picture(kind: str, size: tuple[int, int] = (60, 40), **more: object) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", size, "red").save(drawn, kind, **more)
    return drawn.getvalue()


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 30,000 by 30,000 pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def test_a_picture_leaves_behind_where_and_when_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Secret Phone"
    exif[0x0132] = "2026:11:01 10:00:00"
    exif.get_ifd(WHERE_IT_WAS_TAKEN)[2] = (60.0, 10.0, 0.0)
    raw = picture("JPEG", exif=exif, comment=b"said in passing")
    assert b"Secret Phone" in raw
    proof = files.cleaned(raw)
    assert proof.media_type == "image/jpeg"
    for told in (b"Secret Phone", b"said in passing", b"Exif", b"2026:11:01"):
        assert told not in proof.content
    assert not Image.open(io.BytesIO(proof.content)).getexif()


def test_a_picture_taken_with_the_phone_on_its_side_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert Image.open(io.BytesIO(files.cleaned(picture("JPEG", (60, 40), exif=exif)).content)).size == (40, 60)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_large_picture_shrinks_to_what_can_be_read(kind: str) -> None:
    proof = files.cleaned(picture(kind, (4000, 3000)))
    assert Image.open(io.BytesIO(proof.content)).size == (2400, 1800)


def test_what_is_transparent_is_white() -> None:
    drawn = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(drawn, "PNG")
    assert Image.open(io.BytesIO(files.cleaned(drawn.getvalue()).content)).getpixel((4, 4)) == (255, 255, 255)


def test_a_phones_own_format_can_be_read_as_well() -> None:
    raw = Path(__file__).with_name("red.heic").read_bytes()
    assert b"Secret Phone" in raw
    proof = files.cleaned(raw)
    assert proof.media_type == "image/jpeg"
    assert b"Secret Phone" not in proof.content
    assert Image.open(io.BytesIO(proof.content)).size == (64, 48)


def test_a_pdf_is_written_anew() -> None:
    proof = files.cleaned(paper())
    assert proof.media_type == "application/pdf"
    assert proof.content.startswith(b"%PDF-")
    assert proof.content != paper()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "empty"),
        (b"PK\x03\x04" + b"\0" * 50, "this is a zip"),
        (b"<html><script>alert(1)</script></html>", "none of them"),
        (b"GIF89a" + b"\0" * 50, "none of them"),
        (b"%PDF-1.7\n1 0 obj\n<<", "the end of this PDF is missing"),
        (b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n", "damaged or not whole"),
        (picture("JPEG", (600, 400))[:900], "damaged or not whole"),
        (picture("PNG", (600, 400))[:200], "damaged or not whole"),
        (b"\xff\xd8\xff" + b"\0" * 500, "damaged or not whole"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 300, "damaged or not whole"),
        (bomb(), "million pixels"),
        (b"%PDF-" + b"\0" * files.LARGEST_BYTES, "larger than 10 MB"),
    ],
    ids=[
        "empty",
        "zip",
        "page",
        "gif",
        "half a pdf",
        "no page",
        "half a jpeg",
        "half a png",
        "not a jpeg",
        "not a heic",
        "bomb",
        "large",
    ],
)
def test_what_cannot_be_used_is_refused_with_a_line_that_says_why(raw: bytes, said: str) -> None:
    with pytest.raises(Problem, match=said):
        files.cleaned(raw)
