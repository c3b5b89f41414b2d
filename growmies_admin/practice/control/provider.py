"""A stand-in of an age-assurance service: its page, and the signed call with its answer.

It knows only what docs/provider.md tells every provider: the reference in the link, the
address to call, and the shared secret.
"""

import hashlib
import hmac
import json
import time
import uuid
from typing import Any

import aiohttp
from aiohttp import web

from growmies_admin.practice.context import Practice, practice_of
from growmies_admin.practice.control.common import read_body, text
from growmies_admin.practice.control.page import page_file
from growmies_admin.practice.errors import ControlError, Json
from growmies_admin.practice.rest.common import answer

routes = web.RouteTableDef()

RESULTS = ("passed", "failed", "unsure", "error")
SECONDS = 10


@routes.get("/practice/provider/{reference}")
async def page(request: web.Request) -> web.Response:
    """The page to which a member is sent."""
    _reference(request)
    return page_file("provider.html")


@routes.post("/practice/provider/{reference}/answers")
async def answers(request: web.Request) -> web.Response:
    """Answer the site: `result`, and perhaps `birth_date`, `delivery_id`.

    Returns {"status", "answer"} as the site gave them.
    """
    practice, reference = practice_of(request), _reference(request)
    body = await read_body(request)
    result = text(body, "result", most=10)
    if result not in RESULTS:
        raise ControlError(400, f"result must be one of {', '.join(RESULTS)}.")
    call: Json = {
        "delivery_id": text(body, "delivery_id", most=64, default=uuid.uuid4().hex),
        "reference": reference,
        "result": result,
    }
    if body.get("birth_date"):
        call["birth_date"] = text(body, "birth_date", most=10)
    status, said = await _call(practice, call)
    return answer({"status": status, "answer": said, "delivery_id": call["delivery_id"]})


def _reference(request: web.Request) -> str:
    try:
        return str(uuid.UUID(request.match_info["reference"]))
    except ValueError:
        raise ControlError(404, "There is no such check.") from None


async def _call(practice: Practice, call: Json) -> tuple[int, Any]:
    """The site's status and JSON. Raises ControlError when it can't be called."""
    secret = practice.config.provider_secret
    if not secret:
        raise ControlError(409, "PROVIDER_SECRET is not set: there is no site to answer.")
    raw, timestamp = json.dumps(call).encode(), str(int(time.time()))
    signed = hmac.new(secret.encode(), timestamp.encode() + b"." + raw, hashlib.sha256)
    headers = {
        "Content-Type": "application/json",
        "X-Provider-Timestamp": timestamp,
        "X-Provider-Signature": f"sha256={signed.hexdigest()}",
    }
    url = f"{practice.config.site_url}/api/verify/provider/"
    limit = aiohttp.ClientTimeout(total=SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as http,
            http.post(url, data=raw, headers=headers) as found,
        ):
            return found.status, json.loads(await found.text())
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        raise ControlError(502, f"The site does not answer: {type(error).__name__}.") from None
