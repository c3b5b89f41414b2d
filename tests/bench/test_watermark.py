"""Marking a picture with its viewer, against decoding and encoding it."""

import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from PIL import Image

from compliance import policy
from compliance.evidence import watermark
from tests.bench.conftest import costs_of

GOAL = 4.0
MOMENT = datetime(2026, 2, 3, 17, 4, 5, tzinfo=UTC)


class Viewer:
    pk = 7

    def __str__(self) -> str:
        return "Ada Lovelace"


@pytest.mark.django_db
def test_the_largest_picture_that_is_kept(say: Callable[..., None]) -> None:
    side = policy.PICTURE_MAX_SIDE
    noise = Image.effect_noise((side, side * 3 // 4), 60).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=policy.PICTURE_QUALITY)
    picture = out.getvalue()

    def bare() -> None:
        Image.open(io.BytesIO(picture)).save(io.BytesIO(), "JPEG", quality=policy.PICTURE_QUALITY)

    marked, rival = costs_of(
        lambda: watermark.mark(picture, Viewer(), MOMENT), bare, times=15, warm_up=2
    )
    say(
        f"marking a picture of {side} pixels",
        marked.cpu / rival.cpu,
        f"{GOAL:g}",
        f"{marked.cpu * 1000:.0f} ms, decoding and encoding it {rival.cpu * 1000:.0f} ms",
    )
    assert marked.cpu < GOAL * rival.cpu
