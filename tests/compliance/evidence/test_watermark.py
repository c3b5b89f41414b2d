"""A revealed picture says who looked at it and when; the one in the store does not."""

import io
from datetime import UTC, datetime

import pytest
from django.utils import timezone
from PIL import Image, ImageChops, ImageStat

from compliance import policy
from compliance.evidence import custody, keys, store, watermark
from compliance.refusals import Refusal
from compliance.verification import claims

MOMENT = datetime(2026, 2, 3, 17, 4, 5, tzinfo=UTC)


class Viewer:
    pk = 7

    def __init__(self, name="Ada Lovelace"):
        self.name = name

    def __str__(self):
        return self.name


def drawn(colour, size=(1200, 800)):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", quality=policy.PICTURE_QUALITY)
    return out.getvalue()


def opened(content):
    return Image.open(io.BytesIO(content))


def difference(one, two):
    return ImageChops.difference(opened(one).convert("L"), opened(two).convert("L"))


@pytest.fixture
def words(monkeypatch):
    """What is drawn: `words()`."""
    said, ask = [], watermark.ask

    def heard(act, picture, values):
        said.append(values["words"])
        return ask(act, picture, values)

    monkeypatch.setattr(watermark, "ask", heard)
    return lambda: said[-1]


def test_it_works(pending, staff, words):
    ada, request = staff("moderator", username="ada"), pending()
    picture = request.evidence.get()
    claims.claim(request.pk, ada)
    before = store.get(picture.id)
    shown = custody.reveal(request.pk, 1, ada)
    assert words().startswith("ada  20")
    assert shown != keys.unseal(*before, picture.id.bytes)
    assert store.get(picture.id) == before
    assert opened(shown).format == "JPEG"
    assert opened(shown).size == (picture.width, picture.height)


def test_the_time_in_the_readers_zone(words):
    for zone, told in (
        ("America/New_York", "2026-02-03 12:04:05 EST"),
        ("UTC", "2026-02-03 17:04:05 UTC"),
    ):
        with timezone.override(zone):
            watermark.mark(drawn("white"), Viewer(), MOMENT)
        assert words() == f"Ada Lovelace  {told}"


@pytest.mark.parametrize("colour", ["white", "black", "grey"])
def test_seen_on_any_ground_and_faint(colour):
    """No point changes by more than the opacity; each quarter of the picture is marked."""
    changed = difference(watermark.mark(drawn(colour), Viewer(), MOMENT), drawn(colour))
    width, height = changed.size
    for x, y in ((0, 0), (width // 2, 0), (0, height // 2), (width // 2, height // 2)):
        part = changed.crop((x, y, x + width // 2, y + height // 2))
        assert part.getextrema()[1] > 15
        assert ImageStat.Stat(part).mean[0] < 8
    assert changed.getextrema()[1] <= 255 * policy.WATERMARK_OPACITY + 12  # what JPEG adds


def test_no_metadata_and_nothing_behind_the_end():
    shown = watermark.mark(drawn("white"), Viewer(), MOMENT)
    image = opened(shown)
    assert not image.getexif() and "comment" not in image.info and "icc_profile" not in image.info
    assert b"Exif" not in shown and shown.endswith(b"\xff\xd9")


@pytest.mark.parametrize(
    ("name", "told"),
    [("Zoë", "Zoe #7"), ("Łukasz", "ukasz #7"), ("光", "#7"), ("x" * 99, "x" * 40 + " #7")],
)
def test_names_that_the_font_can_not_draw_carry_the_number(words, name, told):
    watermark.mark(drawn("white"), Viewer(name), MOMENT)
    assert words().split("  ")[0] == told


def test_small_pictures_are_marked_too():
    assert (
        difference(
            watermark.mark(drawn("white", (90, 60)), Viewer(), MOMENT), drawn("white", (90, 60))
        ).getextrema()[1]
        > 15
    )


def test_what_can_not_be_opened():
    with pytest.raises(Refusal) as refusal:
        watermark.mark(b"no picture", Viewer(), MOMENT)
    assert refusal.value.code == "store_failed"
