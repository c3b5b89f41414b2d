"""Draws the made-up cards of practice cases: different each time, and of nobody.

The territory, the names and the numbers are invented; nothing of a real ID is copied.
"""

import io
import random
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from compliance import policy
from compliance.verification import age
from compliance.verification.states import DenyReason, State

_SIZE = (1200, 756)
_MARGIN_DAYS = 30  # a case may wait for days: it must not come of age meanwhile
_FIRST = ("Ash", "Basil", "Clover", "Fern", "Hazel", "Iris", "Juniper", "Laurel", "Olive", "Rowan")
_LAST = (
    "Birchwood",
    "Fernhollow",
    "Greenbrook",
    "Mossdale",
    "Pinecrest",
    "Thistlewood",
    "Willowby",
)
_PLACES = ("GARDEN TERRITORY", "MERIDIAN COAST", "PROVINCE OF ALDER", "NORTHFERN ISLES")
_GROUNDS = ("#dfe9e1", "#e6e2d3", "#d9e3ec", "#eadfe3", "#e3e6da")
_INK, _FAINT = "#21302a", "#5d6d65"


class Kind(StrEnum):
    OVER_AGE = "over_age"
    UNDER_AGE = "under_age"
    EXPIRED = "expired"
    BLURRED = "blurred"
    ALTERED = "altered"


EXPECTED: dict[Kind, tuple[str, str]] = {
    Kind.OVER_AGE: (State.APPROVED, ""),
    Kind.UNDER_AGE: (State.DENIED, DenyReason.UNDER_AGE),
    Kind.EXPIRED: (State.DENIED, DenyReason.EXPIRED_ID),
    Kind.BLURRED: (State.DENIED, DenyReason.UNREADABLE),
    Kind.ALTERED: (State.DENIED, DenyReason.ALTERED),
}


@dataclass(frozen=True)
class _Card:
    name: str
    place: str
    number: str
    born: date
    expires: date


def draw(kind: Kind) -> bytes:
    """A JPEG as a phone would send it, of a card that calls for the answer in EXPECTED."""
    chance = random.Random(secrets.randbits(64))  # noqa: S311 - looks, not secrets
    card = _card(kind, chance)
    image = _paint(card, chance, altered=kind == Kind.ALTERED)
    image = _photographed(image, chance)
    if kind == Kind.BLURRED:
        image = image.filter(ImageFilter.GaussianBlur(chance.uniform(13, 18)))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=chance.randint(82, 92))
    return out.getvalue()


def _card(kind: Kind, chance: random.Random) -> _Card:
    limit = age.born_on_or_before()
    if kind == Kind.UNDER_AGE:
        born = limit + timedelta(days=chance.randint(_MARGIN_DAYS, 1200))
    else:
        born = limit - timedelta(days=chance.randint(_MARGIN_DAYS, 14_000))
    today = age.born_on_or_before(years=0)
    if kind == Kind.EXPIRED:
        expires = today - timedelta(days=chance.randint(40, 900))
    else:
        expires = today + timedelta(days=chance.randint(200, 2400))
    return _Card(
        name=f"{chance.choice(_FIRST)} {chance.choice(_LAST)}",
        place=chance.choice(_PLACES),
        number=f"{chance.choice('BDFGKMQX')}{chance.randint(1_000_000, 9_999_999)}",
        born=born,
        expires=expires,
    )


def _paint(card: _Card, chance: random.Random, *, altered: bool) -> Image.Image:
    ground = chance.choice(_GROUNDS)
    image = Image.new("RGB", _SIZE, ground)
    pen = ImageDraw.Draw(image)
    for line in range(0, _SIZE[1], 18):  # a guilloche of a kind, so that patches show
        pen.line([(0, line), (_SIZE[0], line + chance.randint(-14, 14))], fill="#c9d3cc", width=2)
    pen.rectangle((0, 0, _SIZE[0], 96), fill="#2f5a48")
    pen.text((40, 26), f"{card.place} · IDENTITY CARD", "#ffffff", _font(40))
    _portrait(pen, chance)
    lines = (
        ("NAME", card.name),
        ("BORN", f"{card.born:%d %b %Y}"),
        ("EXPIRES", f"{card.expires:%d %b %Y}"),
        ("NUMBER", card.number),
    )
    for row, (label, value) in enumerate(lines):
        top = 150 + row * 140
        if altered and label == "BORN":
            # Pasted over: another ground, another size, not quite on the line.
            pen.rectangle((430, top + 26, 850, top + 100), fill="#f6f5ef", outline="#b9b9ac")
            pen.text((448, top + 38), value, "#3a3a3a", _font(46))
        else:
            pen.text((440, top + 38), value, _INK, _font(54))
        pen.text((440, top), label, _FAINT, _font(26))
    return image


def _portrait(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    skin = chance.choice(("#c99a76", "#8d5b3c", "#e2bb98", "#6d4630", "#d6a67f"))
    hair = chance.choice(("#2b211c", "#5a3a22", "#a8763f", "#8b8b8b", "#3d2b4f"))
    pen.rectangle((50, 150, 380, 600), fill="#f2f4f2", outline="#9aa79f", width=3)
    pen.ellipse((125, 205, 305, 385), fill=hair)
    pen.ellipse((140, 235, 290, 430), fill=skin)
    pen.pieslice(
        (80, 430, 350, 780), 180, 360, fill=chance.choice(("#39516b", "#6b3946", "#4b6b39"))
    )


def _photographed(card: Image.Image, chance: random.Random) -> Image.Image:
    """On a table, a little turned, as a phone sees it."""
    table = Image.new(
        "RGB", (_SIZE[0] + 260, _SIZE[1] + 300), chance.choice(("#6b5a49", "#4a4f55"))
    )
    turned = card.convert("RGBA").rotate(
        chance.uniform(-5, 5), Image.Resampling.BICUBIC, expand=True
    )
    place = ((table.width - turned.width) // 2, (table.height - turned.height) // 2)
    table.paste(turned, place, turned)
    table.thumbnail((policy.PICTURE_MAX_SIDE, policy.PICTURE_MAX_SIDE))
    return table


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)
