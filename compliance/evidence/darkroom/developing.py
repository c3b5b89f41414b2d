"""Makes a clean JPEG of whatever a member sent, or says why not. Runs in the child only."""

import io
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pillow_heif

# Each is imported here, for the child can't open a file any more when it would be needed.
from PIL import (
    ExifTags,
    Image,
    JpegImagePlugin,  # noqa: F401
    MpoImagePlugin,  # noqa: F401
    PngImagePlugin,
    TiffImagePlugin,  # noqa: F401 - reads EXIF
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401
)

from compliance.evidence.darkroom import png

Image.preinit()
pillow_heif.register_heif_opener(thumbnails=False)
_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
_STRIP_PIXELS = 2**20  # a large picture hardly fits into memory twice
_TURNS = {  # by the orientation of EXIF
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# How Pillow unpacks a sample of a PNG. The one that is transparent it leaves as the file has it.
_SAMPLES: dict[str, Callable[[int], int]] = {
    "L;2": lambda sample: (sample & 3) * 85,
    "L;4": lambda sample: (sample & 15) * 17,
    "L": lambda sample: sample & 255,
    "RGB": lambda sample: sample & 255,
    "RGB;16B": lambda sample: sample >> 8,
}


class Refused(Exception):
    """`code` is one of compliance.refusals."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def act(
    upload: bytes,
    *,
    max_pixels: dict[str, int],
    max_pixels_otherwise: int,
    min_side: int,
    side: int,
    quality: int,
) -> tuple[dict[str, Any], bytes]:
    """{"width", "height"} and the JPEG: upright, `side` pixels at most, without metadata.

    What is transparent is white, whatever colors are hidden there. The format is judged by the
    content; the number of pixels by the header and by the format, before anything is decoded.
    Otherwise {"refused": code}. Raises MemoryError.
    """
    try:
        image = _opened(upload)
        if image.width * image.height > max_pixels.get(image.format or "", max_pixels_otherwise):
            raise Refused("picture_bomb")
        if min(image.size) < min_side:
            raise Refused("picture_small")
        content, width, height = _encoded(image, side, quality)
    except MemoryError:
        raise
    except Refused as refused:
        return {"refused": refused.code}, b""
    except Exception:  # a decoder's own complaint
        return {"refused": "picture_broken"}, b""
    return {"width": width, "height": height}, content


def _opened(upload: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; the limits are ours.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(png.without_words(upload)), formats=_FORMATS)
    except MemoryError:
        raise
    except Image.DecompressionBombError as error:
        raise Refused("picture_bomb") from error
    except UnidentifiedImageError as error:
        raise Refused("picture_format") from error
    except Exception as error:  # a decoder's own complaint about a damaged header
        raise Refused("picture_broken") from error


def _encoded(image: Image.Image, side: int, quality: int) -> tuple[bytes, int, int]:
    """Made smaller before it is turned and copied: a large one hardly fits into memory twice."""
    image.draft("RGB", (side, side))  # JPEG decodes at a fraction of its size where it can
    seen = _on_white(image)
    turn = _turn(image)
    seen.thumbnail((side, side), Image.Resampling.LANCZOS)
    upright = seen if turn is None else seen.transpose(turn)
    fresh = Image.new("RGB", upright.size)
    fresh.paste(upright)
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue(), *fresh.size


def _on_white(image: Image.Image) -> Image.Image:
    """The picture as it looks on white paper: L or RGB, without any transparency.

    Converting it would show what its member erased: the colors are still there.
    """
    _unpack_key(image)
    image.load()
    if image.mode == "I;16":
        return _in_256_grays(image)
    if image.has_transparency_data:
        return _composited(image)
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def _unpack_key(image: Image.Image) -> None:
    """The one color of a PNG that is transparent, made what its pixels will be."""
    key = image.info.get("transparency")
    if key is None or not isinstance(image, PngImagePlugin.PngImageFile):
        return
    unpacked = _SAMPLES.get(str(image.tile[0].args))
    if unpacked is not None:
        several = isinstance(key, tuple)
        image.info["transparency"] = tuple(map(unpacked, key)) if several else unpacked(key)


def _composited(image: Image.Image) -> Image.Image:
    white = Image.new("RGB", image.size, "white")
    for strip, place in _strips(image):
        ink = strip.convert("RGBA")
        white.paste(ink, place, mask=ink)
    return white


def _in_256_grays(image: Image.Image) -> Image.Image:
    """Of 65,536. Pillow itself would make white of all but the darkest 255."""
    grays = [round(gray / 257) for gray in range(2**16)]
    if "transparency" in image.info:
        grays[image.info["transparency"]] = 255
    seen = Image.new("L", image.size)
    for strip, place in _strips(image):
        seen.paste(strip.convert("I").point(grays, "L"), place)
    return seen


def _strips(image: Image.Image) -> Iterator[tuple[Image.Image, tuple[int, int]]]:
    """The picture from top to bottom, and where each part of it belongs."""
    rows = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        yield image.crop((0, top, image.width, bottom)), (0, top)


def _turn(image: Image.Image) -> Image.Transpose | None:
    """What makes it upright. Of metadata that can't be read, nothing is taken."""
    try:
        return _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except MemoryError:
        raise
    except Exception:
        return None
