"""Draws over a revealed picture who looks at it and when. In memory only."""

import threading
import unicodedata
from datetime import datetime
from typing import Any

import structlog
from django.utils import timezone

from compliance import policy
from compliance.evidence.darkroom.asking import NoAnswer, ask
from compliance.refusals import Refusal

log = structlog.get_logger(__name__)
_room = threading.BoundedSemaphore(policy.MARKS_AT_ONCE)


def mark(picture: bytes, viewer: Any, at: datetime) -> bytes:
    """The JPEG with the viewer's name and the time across it, again and again; no metadata.

    The time is told in the reader's zone. It is opened in the darkroom, like what a member
    sent. Refusal store_failed when it can't be.
    """
    values = {
        "words": f"{_name(viewer)}  {timezone.localtime(at):%Y-%m-%d %H:%M:%S %Z}",
        "opacity": policy.WATERMARK_OPACITY,
        "degrees": policy.WATERMARK_DEGREES,
        "letters_a_side": policy.WATERMARK_LETTERS_A_SIDE,
        "min_letters": policy.WATERMARK_MIN_LETTERS,
        "quality": policy.PICTURE_QUALITY,
    }
    try:
        with _room:
            answer = ask("marking", picture, values)
    except (NoAnswer, OSError) as why:
        log.error("picture_not_marked", why=str(why) or type(why).__name__)
        raise Refusal("store_failed", "The picture can't be shown right now. Try again.") from None
    return answer.content


def _name(viewer: Any) -> str:
    """The name in letters that the built-in font has; the number where none are left."""
    plain = unicodedata.normalize("NFKD", str(viewer)).encode("ascii", "ignore").decode()
    plain = "".join(letter for letter in plain if letter.isprintable()).strip()[:40]
    return plain if plain == str(viewer) else f"{plain} #{viewer.pk}".strip()
