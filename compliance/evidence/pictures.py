"""Turns an uploaded file into a clean JPEG, or refuses it. No byte of it is decoded in here."""

from dataclasses import dataclass

import structlog

from compliance import policy
from compliance.evidence.darkroom.asking import Answer, NoAnswer, ask
from compliance.refusals import Refusal

log = structlog.get_logger(__name__)
_REFUSALS = {
    "picture_format",
    "picture_broken",
    "picture_small",
    "picture_bomb",
    "picture_heavy",
}
_NICENESS = 10  # pages go first


@dataclass(frozen=True)
class Picture:
    """A re-encoded JPEG without metadata. Sides in pixels."""

    content: bytes
    width: int
    height: int


def check_size(upload: bytes) -> None:
    """What can be said of an upload unseen. Refusals picture_too_large, picture_missing."""
    if len(upload) > policy.UPLOAD_MAX_BYTES:
        raise Refusal("picture_too_large")
    if not upload:
        raise Refusal("picture_missing")


def clean(upload: bytes) -> Picture:
    """Re-encode one upload: upright, bounded in size, no EXIF, no profile, no trailing bytes.

    In a process of its own, which may take DARKROOM_MEMORY_BYTES, DARKROOM_CPU and
    DARKROOM_LIFE; whatever it doesn't survive is refused as picture_heavy. Raises Refusal
    picture_*, and store_failed where no process can be started.
    """
    check_size(upload)
    values = {
        "max_pixels": policy.UPLOAD_MAX_PIXELS,
        "max_pixels_otherwise": policy.UPLOAD_MAX_PIXELS_OTHERWISE,
        "min_side": policy.UPLOAD_MIN_SIDE,
        "side": policy.PICTURE_MAX_SIDE,
        "quality": policy.PICTURE_QUALITY,
    }
    try:
        answer = ask("developing", upload, values, niceness=_NICENESS)
    except NoAnswer as why:
        log.warning("picture_not_read", why=str(why), bytes=len(upload))
        raise Refusal("picture_heavy") from None
    except OSError as error:  # no child could be started: no memory, no file, no process is left
        log.error("darkroom_closed", error=type(error).__name__)
        raise Refusal("store_failed") from None
    if "refused" in answer.facts:
        code = answer.facts["refused"]
        raise Refusal(code if code in _REFUSALS else "picture_broken")
    return _picture(answer)


def _picture(answer: Answer) -> Picture:
    """What a picture of ours must look like from outside; a child that was taken over may lie."""
    width, height = answer.facts.get("width"), answer.facts.get("height")
    sides = range(1, policy.PICTURE_MAX_SIDE + 1)
    if not (isinstance(width, int) and isinstance(height, int)):
        raise Refusal("picture_broken")
    if width not in sides or height not in sides or not answer.content.startswith(b"\xff\xd8\xff"):
        raise Refusal("picture_broken")
    return Picture(answer.content, width, height)
