"""A file that somebody sends as proof: what it really is, and the same without what it told besides.

What counts is the bytes, never a name or what a browser says. A picture is drawn anew, pixels alone, which leaves behind where
and with what it was taken and whatever else was hidden in it. A PDF is written anew, its pages alone (`pdf`), and never
shown, only handed out.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import pi_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from core.problems import Problem, field_problem
from core.words import _, fill
from responder.certificates import pdf

LARGEST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 60_000_000
"""More than any phone's camera in its usual mode (48 to 50 million); a picture of more is refused before it is unpacked."""
LONGEST_SIDE_PX = 2400
"""A page of A4 at 200 dots an inch: small print on a certificate can still be read, and the file is a tenth."""
PDF, JPEG = "application/pdf", "image/jpeg"
ENDINGS = {PDF: ".pdf", JPEG: ".jpg"}
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_TOO_MANY_PIXELS = fill("a picture of at most {most} million pixels", most=MOST_PIXELS // 1_000_000)
_QUALITY = 85
_TAIL = 2048
"""How far from its end a PDF may have its last mark: some writers put blanks behind it."""

pi_heif.register_heif_opener(thumbnails=False)


@dataclass(frozen=True)
class Proof:
    """A file fit to be kept: a JPEG drawn anew, or a PDF written anew."""

    media_type: str
    content: bytes


def cleaned(raw: bytes) -> Proof:
    """What `raw` is, fit to be kept. Raises Problem 422 (413 for too many bytes) that says in one line what is wrong.

    Drawing or writing anew takes up to a second: never call it inside a transaction.
    """
    if len(raw) > LARGEST_BYTES:
        raise Problem(413, fill("The file is larger than {largest} MB", largest=LARGEST_BYTES // 2**20))
    kind = sniff(raw)
    if kind is None:
        raise field_problem("/evidence", _what_it_is(raw))
    if kind == "pdf":
        return _pdf(raw)
    return Proof(JPEG, _drawn_anew(raw))


def sniff(raw: bytes) -> str | None:
    """jpeg, png, heic or pdf by the first bytes; None for anything else."""
    if raw.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if raw[4:8] == b"ftyp" and raw[8:12] in _HEIC_BRANDS:
        return "heic"
    return "pdf" if raw.startswith(b"%PDF-") else None


def _what_it_is(raw: bytes) -> str:
    if not raw:
        return _("a file with something in it; this one is empty")
    if raw.startswith(b"PK"):
        return _("a PDF, JPEG, PNG or HEIC; this is a zip or an office document, whatever its name says")
    return _("a PDF, JPEG, PNG or HEIC; this is none of them, whatever its name says")


def _pdf(raw: bytes) -> Proof:
    if b"%%EOF" not in raw[-_TAIL:]:
        raise field_problem("/evidence", "the whole file; the end of this PDF is missing")
    try:
        return Proof(PDF, pdf.written_anew(raw))
    except pdf.UnreadablePdf as error:
        raise field_problem("/evidence", error.args[0]) from None


def _drawn_anew(raw: bytes) -> bytes:
    try:
        with warnings.catch_warnings():
            # Our own bound, looked at before anything is unpacked, is stricter than the library's warning.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(raw), formats=("JPEG", "PNG", "HEIF")) as picture:
                return _pixels_alone(picture)
    except Image.DecompressionBombError:
        raise field_problem("/evidence", _TOO_MANY_PIXELS) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise field_problem("/evidence", "a picture that can be read; this one is damaged or not whole") from None


def _pixels_alone(picture: Image.Image) -> bytes:
    if picture.width * picture.height > MOST_PIXELS:
        raise field_problem("/evidence", _TOO_MANY_PIXELS)
    picture.draft("RGB", (LONGEST_SIDE_PX, LONGEST_SIDE_PX))  # a JPEG is then unpacked no larger than needed
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    sheet = Image.new("RGB", upright.size, "white")  # what is transparent is read on paper
    flat = upright.convert("RGBA")
    sheet.paste(flat, mask=flat.getchannel("A"))
    drawn = io.BytesIO()
    sheet.save(drawn, "JPEG", quality=_QUALITY, optimize=True)
    return drawn.getvalue()
