"""Turns an uploaded file into a clean JPEG, or refuses it. Everything stays in memory."""

import io
import warnings
from dataclasses import dataclass

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from compliance import policy
from compliance.verification.errors import Refusal

pillow_heif.register_heif_opener(thumbnails=False)
_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")


@dataclass(frozen=True)
class Picture:
    """A re-encoded JPEG without metadata. Sides in pixels."""

    content: bytes
    width: int
    height: int


def clean(upload: bytes) -> Picture:
    """Re-encode one upload: upright, bounded in size, no EXIF, no profile, no trailing bytes.

    The format is judged by the content, never by the name; the number of pixels by the
    header, before anything is decoded. Raises Refusal picture_*.
    """
    if len(upload) > policy.UPLOAD_MAX_BYTES:
        raise Refusal("picture_too_large")
    if not upload:
        raise Refusal("picture_missing")
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; the limit below is ours.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(upload), formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise Refusal("picture_bomb") from error
    except UnidentifiedImageError as error:
        raise Refusal("picture_format") from error
    except Exception as error:  # a decoder's own complaint about a damaged header
        raise Refusal("picture_broken") from error
    if image.width * image.height > policy.UPLOAD_MAX_PIXELS:
        raise Refusal("picture_bomb")
    if min(image.width, image.height) < policy.UPLOAD_MIN_SIDE:
        raise Refusal("picture_small")
    try:
        return _encode(image)
    except Exception as error:
        raise Refusal("picture_broken") from error


def _encode(image: Image.Image) -> Picture:
    side = policy.PICTURE_MAX_SIDE
    image.draft("RGB", (side, side))  # JPEG decodes at a fraction of its size where it can
    upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail((side, side), Image.Resampling.LANCZOS)
    fresh = Image.new("RGB", upright.size)
    fresh.paste(upright)
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=policy.PICTURE_QUALITY, optimize=True)
    return Picture(out.getvalue(), *fresh.size)
