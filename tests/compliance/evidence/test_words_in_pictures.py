"""Texts, profiles and EXIF are thrown away: none of them makes a picture a damaged one."""

import io
import struct
import zlib

import pytest
from PIL import Image

from compliance.evidence import pictures
from compliance.refusals import Refusal

LARGE = zlib.compress(bytes(9 * 1024**2), 9)  # a decoder reads 1 MB of a text
MEGABYTE = zlib.compress(bytes(1024**2), 9)  # and 64 MB of all
JUNK = bytes(range(255, 0, -1)) * 3


def chunk(kind, content, crc=None):
    body = kind + content
    crc = zlib.crc32(body) if crc is None else crc
    return struct.pack(">I", len(content)) + body + struct.pack(">I", crc)


MORE = {
    "a large zTXt": chunk(b"zTXt", b"Comment\0\0" + LARGE),
    "a large iTXt": chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + LARGE),
    "a large tEXt": chunk(b"tEXt", b"Comment\0" + bytes(9 * 1024**2)),
    "a large profile": chunk(b"iCCP", b"sRGB\0\0" + LARGE),
    "many texts": b"".join(chunk(b"zTXt", b"%d\0\0" % n + MEGABYTE) for n in range(70)),
    "an unknown compression": chunk(b"zTXt", b"Comment\0\7" + LARGE),
    "a text with a wrong checksum": chunk(b"tEXt", b"Comment\0words", crc=7),
    "half a gamma": chunk(b"gAMA", b"\0"),
    "a chunk of somebody's own": chunk(b"prVt", JUNK, crc=7),
}


def png(more=b"", *, last=b"", row=b"\0" + b"\x55" * 300):
    """300 × 300 pixels of one gray, with further chunks before and after the picture."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 300, 300, 8, 0, 0, 0, 0))
    content = chunk(b"IDAT", zlib.compress(row * 300))
    return b"\x89PNG\r\n\x1a\n" + head + more + content + last + chunk(b"IEND", b"")


def middle(upload):
    made = Image.open(io.BytesIO(pictures.clean(upload).content))
    return made.getpixel((made.width // 2, made.height // 2))


def test_it_works():
    assert middle(png()) == (85, 85, 85)


@pytest.mark.parametrize("what", MORE)
def test_before_the_picture(what):
    assert middle(png(MORE[what])) == (85, 85, 85)


@pytest.mark.parametrize("what", MORE)
def test_after_the_picture(what):
    assert middle(png(last=MORE[what])) == (85, 85, 85)


@pytest.mark.parametrize("kind", ["JPEG", "MPO", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("exif", [JUNK, b"II*\0\x08\0\0\0" + JUNK, b"MM\0*\xff\xff\xff\xff", b""])
def test_exif_that_can_not_be_read(kind, exif, picture):
    made = pictures.clean(picture(kind, exif=b"Exif\0\0" + exif))
    assert (made.width, made.height) == (640, 400)


def test_a_picture_on_its_side_whose_other_exif_is_junk(picture):
    entries = [(0x0112, 3, 1, 6 << 16), (0x8769, 4, 1, 0xFFFFFF), (0x9003, 2, 900, 0xFFFFFF)]
    exif = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", len(entries))
    exif += b"".join(struct.pack(">HHII", *entry) for entry in entries) + bytes(4)
    made = pictures.clean(picture("JPEG", exif=exif))
    assert (made.width, made.height) == (400, 640)


@pytest.mark.parametrize(
    "upload",
    [
        png(row=b"\0"),
        png()[:-40],
        png(chunk(b"IHDR", b"\0")),
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + bytes(900),
        png()[:12] + b"ihdr" + png()[16:],
    ],
)
def test_what_is_damaged_is_still_refused(upload):
    with pytest.raises(Refusal) as refusal:
        pictures.clean(upload)
    assert refusal.value.code in {"picture_broken", "picture_format", "picture_small"}
