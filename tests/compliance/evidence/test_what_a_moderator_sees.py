"""Each mode of each format, by the pixels a moderator sees: the table of docs/verification.md.

The picture is a strip of gray paper with four fields: ink, paper, a number that was erased
(black, and transparent), and half of that.
"""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from compliance.evidence import pictures
from compliance.refusals import Refusal

INK, PAPER, ERASED, HALF = ((x, 20, x + 160, 280) for x in (20, 220, 420, 620))
SIZE = (800, 300)
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "verification.md"
FORMATS = {"PNG": "PNG", "JPEG": "JPEG", "MPO": "MPO", "WebP": "WEBP", "HEIC": "HEIF"}
LOSSLESS = {
    "PNG": {},
    "JPEG": {"quality": 95},
    "MPO": {"quality": 95},
    "WEBP": {"lossless": True, "exact": True},
    "HEIF": {"quality": -1},
}


def rgba():
    image = Image.new("RGBA", SIZE, (200, 200, 200, 255))
    image.paste((0, 0, 0, 255), INK)
    image.paste((0, 0, 0, 0), ERASED)
    image.paste((0, 0, 0, 128), HALF)
    return image


def keyed(mode, paper, ink, number):
    """Without an alpha channel: the number has the one color that is transparent."""
    image = Image.new(mode, SIZE, paper)
    image.paste(ink, INK)
    image.paste(number, ERASED)
    return image


def with_palette():
    image = keyed("P", 0, 1, 2)
    image.paste(3, HALF)
    image.putpalette([200, 200, 200, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    return image


def cmyk():
    return keyed("CMYK", (0, 0, 0, 55), (0, 0, 0, 255), (255, 0, 0, 0))


def opaque(mode):
    return keyed("RGB", (200,) * 3, (0,) * 3, (0, 200, 0)).convert(mode)


GRAY16 = (200 * 257, 0, 128 * 257)
PICTURES = {
    "1": lambda: keyed("1", 1, 0, 0),
    "1, tRNS": lambda: keyed("1", 1, 1, 0),
    "L": lambda: opaque("L"),
    "L, tRNS": lambda: keyed("L", 200, 0, 30),
    "LA": lambda: rgba().convert("LA"),
    "La": lambda: rgba().convert("LA").convert("La"),
    "P": with_palette,
    "P, one entry of tRNS": with_palette,
    "P, tRNS": with_palette,
    "PA": lambda: rgba().convert("PA"),
    "RGB": lambda: opaque("RGB"),
    "RGB, tRNS": lambda: keyed("RGB", (200,) * 3, (0,) * 3, (0, 30, 0)),
    "RGBA": rgba,
    "RGBa": lambda: rgba().convert("RGBa"),
    "I;16": lambda: keyed("I;16", *GRAY16),
    "I;16, tRNS": lambda: keyed("I;16", *GRAY16),
    "I": lambda: Image.new("I", SIZE, 128),
    "F": lambda: Image.new("F", SIZE, 0.5),
    "CMYK": cmyk,
    "YCbCr": lambda: opaque("YCbCr"),
    "LAB": lambda: opaque("LAB"),
}
KEYS = {
    "1, tRNS": 0,
    "L, tRNS": 30,
    "P, one entry of tRNS": 2,
    "P, tRNS": b"\xff\xff\x00\x80",
    "RGB, tRNS": (0, 30, 0),
    "I;16, tRNS": 128 * 257,
}
# Ink, paper, the number, half of it; None where that picture has no such field.
GREEN, CYAN = (0, 200, 0), (0, 255, 255)
SEEN = {
    "as it is": {
        "1": (0, 255, 0, None),
        "L": (0, 200, 117, None),
        "P": (0, 200, 0, 0),
        "RGB": (0, 200, GREEN, None),
        "YCbCr": (0, 200, GREEN, None),
        "CMYK": (0, 200, CYAN, None),
    },
    "on white": {
        "1, tRNS": (255, 255, 255, None),
        "L, tRNS": (0, 200, 255, None),
        "P, one entry of tRNS": (0, 200, 255, 0),
        "RGB, tRNS": (0, 200, 255, None),
        "I;16, tRNS": (0, 200, 255, None),
    },
    "1/257": {"I;16": (0, 200, 128, None)},
}
ON_WHITE = (0, 200, 255, 127)  # with an alpha channel, or an alpha for each entry
KEYED = SEEN["on white"].keys()
READ_AS = {"P, one entry of tRNS": "P, tRNS", "YCbCr": "RGB"}


def table():
    """(mode, format) -> what the documentation says."""
    part = DOCUMENT.read_text().split("### What a moderator sees", 1)[1].split("\n## ", 1)[0]
    rows = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in part.splitlines()
        if line.startswith("|")
    ]
    assert rows[0] == ["mode", *FORMATS]
    return {
        (row[0], kind): said
        for row in rows[2:]
        for kind, said in zip(FORMATS, row[1:], strict=True)
    }


TABLE = table()


def encoded(mode, kind):
    out = io.BytesIO()
    more = {"transparency": KEYS[mode]} if mode in KEYS else {}
    PICTURES[mode]().save(out, FORMATS[kind], **LOSSLESS[FORMATS[kind]], **more)
    return out.getvalue()


def mode_of(upload):
    image = Image.open(io.BytesIO(upload))
    mode = image.mode
    return f"{mode}, tRNS" if "transparency" in image.info else mode


def fields(upload):
    made = Image.open(io.BytesIO(pictures.clean(upload).content))
    assert (made.mode, made.size) == ("RGB", SIZE)
    return [made.crop(box).getpixel((80, 130)) for box in (INK, PAPER, ERASED, HALF)]


def near(pixel, expected):
    whole = expected if isinstance(expected, tuple) else (expected,) * 3
    return all(abs(part - right) <= 3 for part, right in zip(pixel, whole, strict=True))


def test_the_table_has_every_mode():
    assert {mode for mode, _ in TABLE} == set(PICTURES)
    assert set(TABLE.values()) == {*SEEN, "–"}


@pytest.mark.parametrize(("mode", "kind"), [cell for cell, said in TABLE.items() if said != "–"])
def test_what_is_seen(mode, kind):
    upload = encoded(mode, kind)
    assert mode_of(upload) == READ_AS.get(mode, mode)
    said = TABLE[mode, kind]
    expected = ON_WHITE if said == "on white" and mode not in KEYED else SEEN[said][mode]
    for pixel, right in zip(fields(upload), expected, strict=True):
        assert right is None or near(pixel, right), (pixel, right)


@pytest.mark.parametrize(("mode", "kind"), [cell for cell, said in TABLE.items() if said == "–"])
def test_what_no_file_holds(mode, kind):
    """It can't be written, or what was written is another mode of the table."""
    try:
        upload = encoded(mode, kind)
    except (OSError, ValueError, KeyError):
        return
    held = mode_of(upload)
    assert held != mode and TABLE[held, kind] != "–"


@pytest.mark.parametrize("kind", ["AVIF", "TIFF", "GIF"])
def test_formats_that_are_not_read(kind):
    out = io.BytesIO()
    opaque("RGB").save(out, kind)
    with pytest.raises(Refusal) as refusal:
        pictures.clean(out.getvalue())
    assert refusal.value.code == "picture_format"


def png(bits, color, row, *chunks):
    """A PNG of 256 × 256 pixels with one row, again and again; chunks as (kind, content)."""

    def chunk(kind, content):
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 256, 256, bits, color, 0, 0, 0))
    between = b"".join(chunk(*one) for one in chunks)
    content = chunk(b"IDAT", zlib.compress((b"\0" + row) * 256))
    return b"\x89PNG\r\n\x1a\n" + head + between + content + chunk(b"IEND", b"")


def middle(upload):
    made = Image.open(io.BytesIO(pictures.clean(upload).content))
    return made.getpixel((made.width // 2, made.height // 2))


@pytest.mark.parametrize(
    ("bits", "color", "pixel", "key", "without_key"),
    [
        (1, 0, b"\0", b"\0\0", 0),
        (2, 0, b"\x55", b"\0\1", 85),
        (4, 0, b"\x55", b"\0\5", 85),
        (8, 0, b"\x55", b"\0\x55", 85),
        (16, 0, b"\x55\x55", b"\x55\x55", 85),
        (8, 2, b"\x55" * 3, b"\0\x55" * 3, 85),
        (16, 2, b"\x55\x12" * 3, b"\x55\x12" * 3, 85),
    ],
)
def test_the_transparent_color_is_found_at_every_depth(bits, color, pixel, key, without_key):
    channels = 3 if color == 2 else 1
    row = pixel * (256 * bits * channels // 8 // len(pixel))
    assert near(middle(png(bits, color, row)), without_key)
    assert near(middle(png(bits, color, row, (b"tRNS", key))), 255)


@pytest.mark.parametrize(("color", "channels"), [(4, 1), (6, 3)])
def test_erased_in_16_bits(color, channels):
    ink, number = b"\0\0" * channels + b"\xff\xff", b"\0\0" * channels + b"\0\0"
    assert near(middle(png(16, color, ink * 256)), 0)
    assert near(middle(png(16, color, number * 256)), 255)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_large_picture_is_composited_within_the_memory(kind):
    """As large as they may be, and with strips that don't come out even."""
    image = Image.new("RGBA", (5003, 4797), (0, 0, 0, 0))
    image.paste((200, 0, 0, 255), (2500, 0, 5003, 4797))
    out = io.BytesIO()
    image.save(out, kind, **({"compress_level": 1} if kind == "PNG" else LOSSLESS["WEBP"]))
    made = Image.open(io.BytesIO(pictures.clean(out.getvalue()).content))
    for y in range(0, made.height, 7):
        assert near(made.getpixel((600, y)), 255)
        assert near(made.getpixel((1800, y)), (200, 0, 0))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_what_was_erased_is_turned_upright_like_the_rest(orientation):
    image = Image.new("RGBA", (400, 300), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 200, 150))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    image.save(out, "PNG", exif=exif)
    made = Image.open(io.BytesIO(pictures.clean(out.getvalue()).content))
    assert made.size == ((300, 400) if orientation >= 5 else (400, 300))
    corners = [(20, 20), (made.width - 20, 20), (made.width - 20, made.height - 20)]
    corners += [(20, made.height - 20)]
    ink = {1: 0, 2: 1, 3: 2, 4: 3, 5: 0, 6: 1, 7: 2, 8: 3}[orientation]
    for number, corner in enumerate(corners):
        assert near(made.getpixel(corner), 0 if number == ink else 255)
