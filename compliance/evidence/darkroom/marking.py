"""Draws words over a picture that we keep. Runs in the child only."""

import io
from typing import Any

from PIL import Image, ImageDraw, ImageFont

Image.preinit()  # now, for the child can't open a file any more when it would be needed
_DARK, _LIGHT = 0, 255


def act(
    picture: bytes,
    *,
    words: str,
    opacity: float,
    degrees: float,
    letters_a_side: int,
    min_letters: int,
    quality: int,
) -> tuple[dict[str, Any], bytes]:
    """Nothing to say, and the JPEG with the words across it, again and again; no metadata.

    Thin and faint: light letters with a dark edge, so that they read on any ground and hide
    nothing of what must be judged. `opacity` is a share, `min_letters` pixels.
    """
    image = Image.open(io.BytesIO(picture), formats=("JPEG",))
    image.draft("YCbCr", image.size)  # as a JPEG holds it: letters need the light alone
    light, *colours = image.convert("YCbCr").split()
    size = max(min_letters, max(image.size) // letters_a_side)
    edge, letters = _stamp(words, size, opacity, degrees)
    for x, y in _places(image.size, letters.size, size):
        light.paste(_DARK, (x, y), edge)
        light.paste(_LIGHT, (x, y), letters)
    out = io.BytesIO()
    Image.merge("YCbCr", (light, *colours)).save(out, "JPEG", quality=quality)
    return {}, out.getvalue()


def _stamp(
    words: str, size: int, opacity: float, degrees: float
) -> tuple[Image.Image, Image.Image]:
    """The words once, slanted, as two masks: their dark edge and their light letters."""
    font = ImageFont.load_default(size=size)
    left, top, right, bottom = font.getbbox(words)
    box = (round(right - left) + 4, round(bottom - top) + 4)
    masks = []
    for stroke in (1, 0):
        mask = Image.new("L", box)
        ImageDraw.Draw(mask).text((2 - left, 2 - top), words, 255, font, stroke_width=stroke)
        masks.append(mask)
    faint = [round(255 * opacity)] * 256
    faint = [value * level // 255 for level, value in enumerate(faint)]
    edge, letters = (
        mask.rotate(degrees, Image.Resampling.BILINEAR, expand=True).point(faint) for mask in masks
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
