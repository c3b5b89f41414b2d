"""Draws over a revealed picture who looks at it and when. In memory only."""

import functools
import io
import unicodedata
from datetime import datetime
from typing import Any

from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

from compliance import policy

_DARK, _LIGHT = 0, 255


def mark(picture: bytes, viewer: Any, at: datetime) -> bytes:
    """The JPEG with the viewer's name and the time across it, again and again; no metadata.

    The time is told in the reader's zone. Thin and faint: light letters with a dark edge, so
    that they read on any ground and hide nothing of what must be judged.
    """
    image = Image.open(io.BytesIO(picture))
    image.draft("YCbCr", image.size)  # as a JPEG holds it: letters need the light alone
    light, *colours = image.convert("YCbCr").split()
    words = f"{_name(viewer)}  {timezone.localtime(at):%Y-%m-%d %H:%M:%S %Z}"
    size = max(policy.WATERMARK_MIN_LETTERS, max(image.size) // policy.WATERMARK_LETTERS_A_SIDE)
    edge, letters = _stamp(words, size)
    for x, y in _places(image.size, letters.size, size):
        light.paste(_DARK, (x, y), edge)
        light.paste(_LIGHT, (x, y), letters)
    out = io.BytesIO()
    Image.merge("YCbCr", (light, *colours)).save(out, "JPEG", quality=policy.PICTURE_QUALITY)
    return out.getvalue()


def _stamp(words: str, size: int) -> tuple[Image.Image, Image.Image]:
    """The words once, slanted, as two masks: their dark edge and their light letters."""
    font = _font(size)
    left, top, right, bottom = font.getbbox(words)
    box = (round(right - left) + 4, round(bottom - top) + 4)
    masks = []
    for stroke in (1, 0):
        mask = Image.new("L", box)
        ImageDraw.Draw(mask).text((2 - left, 2 - top), words, 255, font, stroke_width=stroke)
        masks.append(mask)
    faint = [round(255 * policy.WATERMARK_OPACITY)] * 256
    faint = [value * level // 255 for level, value in enumerate(faint)]
    edge, letters = (
        mask.rotate(policy.WATERMARK_DEGREES, Image.Resampling.BILINEAR, expand=True).point(faint)
        for mask in masks
    )
    return edge, letters


def _places(picture: tuple[int, int], stamp: tuple[int, int], size: int) -> list[tuple[int, int]]:
    """Where the words stand: over all of the picture, each row shifted by half."""
    across, down = stamp[0] + 2 * size, stamp[1] * 2 // 3 + size
    return [
        (x, y)
        for row, y in enumerate(range(-stamp[1] // 2, picture[1], down))
        for x in range(-(across // 2) * (row % 2) - size, picture[0], across)
    ]


def _name(viewer: Any) -> str:
    """The name in letters that the built-in font has; the number where none are left."""
    plain = unicodedata.normalize("NFKD", str(viewer)).encode("ascii", "ignore").decode()
    plain = "".join(letter for letter in plain if letter.isprintable()).strip()[:40]
    return plain if plain == str(viewer) else f"{plain} #{viewer.pk}".strip()


@functools.lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size=size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
