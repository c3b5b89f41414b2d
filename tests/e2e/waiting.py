"""Members who wait for a review, put there without a browser; screens that wait for a pairing."""

import io
import json
import re

from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.running import Stack

# Runs inside the site: each of these names sends a picture, as the upload page does.
_SUBMIT = """
import io, json
from PIL import Image
from compliance.uploads import opening
from compliance import policy
from compliance.members import roster
from compliance.uploads import submission
out = io.BytesIO()
Image.new("RGB", (240, 200), "#8fa2ad").save(out, "JPEG")
found = []
for member_id, name in json.loads('%s'):
    opened = opening.open_request(roster.seen(int(member_id), name))
    token = opened.url.rstrip("/").rsplit("/", 1)[1]
    made = submission.submit(token, [out.getvalue()], consent_version=policy.CONSENT_VERSION)
    found.append(made.pk)
print(json.dumps(found))
"""


def members_wait(stack: Stack, *names: str) -> list[int]:
    """Ids of their requests, one picture each, in the order of the names."""
    people = [
        (stack.practice("POST", "/members", username=name, dms_open=True)["id"], name)
        for name in names
    ]
    found: list[int] = stack.python(_SUBMIT % json.dumps(people))
    return found


def picture_of_an_id() -> bytes:
    """A drawn card with invented data and an EXIF string that must not survive."""
    card = Image.new("RGB", (1600, 1000), "#dfe7ea")
    draw = ImageDraw.Draw(card)
    draw.rectangle((80, 260, 520, 840), fill="#8fa2ad")
    for row in range(6):
        draw.rectangle((620, 280 + row * 90, 1400, 320 + row * 90), fill="#52626b")
    exif = Image.Exif()
    exif[0x010E] = "EXIF-STRING-THAT-MUST-GO"
    out = io.BytesIO()
    card.save(out, "JPEG", quality=90, exif=exif)
    return out.getvalue()


def code_on(page: Page) -> str:
    """The pairing code that an unpaired screen shows."""
    code = page.locator("#code")
    expect(code).to_have_text(re.compile(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$"))
    return code.inner_text()
