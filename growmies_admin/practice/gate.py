"""What every REST call passes before its handler: faults, authorisation, rate limits."""

import asyncio
import hmac

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from growmies_admin.practice.context import Practice, practice_of
from growmies_admin.practice.errors import ApiError, Json, http_error
from growmies_admin.practice.faults import Fault
from growmies_admin.practice.ratelimits import Bucket
from growmies_admin.practice.rest.common import WITHOUT_BOT, answer, refusal

log = structlog.get_logger(__name__)

PREFIX = "/api/v10"
VIA = "1.1 google"


@web.middleware
async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a REST call through, or answer as Discord would."""
    practice = practice_of(request)
    if practice.limits.is_banned():
        # Discord's front, not Discord: no Via, no JSON.
        practice.limits.count_invalid()
        return web.Response(status=429, text="error code: 1015", content_type="text/plain")
    call = f"{request.method} {request.path.removeprefix(PREFIX).removeprefix('/api')}"
    if page := practice.faults.find("page", call):
        # Cloudflare's answer: it looks like Discord's status, and has no word of Discord's.
        if page.status in (401, 403, 429):
            practice.limits.count_invalid()
        return web.Response(status=page.status, text="error code: 1010", content_type="text/html")
    response = await _pass(practice, request, handler, call)
    if response.status in (401, 403, 429):
        practice.limits.count_invalid()
    response.headers["Via"] = VIA
    return response


async def _pass(
    practice: Practice, request: web.Request, handler: Handler, call: str
) -> web.StreamResponse:
    if latency := practice.faults.find("latency", call):
        await asyncio.sleep(latency.delay_seconds)
    if practice.faults.find("outage", call):
        return web.Response(status=503, text="upstream connect error", content_type="text/plain")
    if errors := practice.faults.find("errors", call):
        return answer({"message": f"{errors.status}: Server Error", "code": 0}, errors.status)
    if fault := practice.faults.find("refusal", call):
        return refusal(ApiError(fault.status, fault.discord_code, "Refused by a fault."))
    if request.match_info.http_exception is not None:
        return await _unrouted(request, handler)
    route = request.match_info.route
    template = (
        (route.resource.canonical if route.resource else "")
        .removeprefix(PREFIX)
        .removeprefix("/api")
    )
    practice.calls[f"{request.method} {template}"] += 1
    no_token = (route.name or "").startswith(WITHOUT_BOT)
    if not no_token and not _is_authorised(practice, request):
        return refusal(http_error(401, "Unauthorized"))
    bucket = practice.limits.bucket(request.method, template, _major(request))
    if refused := _limit(practice, bucket, call, is_bot=not no_token):
        return refused
    response = await _handle(request, handler)
    if not template.endswith("/callback"):
        response.headers.update(bucket.headers())
    return response


async def _handle(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ApiError as error:
        return refusal(error)
    except web.HTTPException as error:
        return refusal(http_error(error.status, error.reason))
    except Exception:
        log.exception("rest_handler_failed", path=request.path)
        return refusal(http_error(500, "Internal Server Error"))


async def _unrouted(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        response = refusal(http_error(error.status, error.reason))
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response


def _is_authorised(practice: Practice, request: web.Request) -> bool:
    given = request.headers.get("Authorization", "").encode()
    return hmac.compare_digest(given, f"Bot {practice.token}".encode())


def _major(request: web.Request) -> str:
    path = request.match_info
    if "webhook_id" in path:
        return f"{path['webhook_id']}:{path.get('token', '')}"
    return path.get("guild_id") or path.get("channel_id") or path.get("interaction_id") or ""


def _limit(practice: Practice, bucket: Bucket, call: str, *, is_bot: bool) -> web.Response | None:
    fault = practice.faults.find("ratelimit", call)
    if fault is not None and (is_bot or fault.scope == "bucket"):
        return _faked_limit(bucket, fault)
    wait = practice.limits.take_global() if is_bot else 0.0
    if wait:
        return _too_many(wait, "global", {})
    if not bucket.take():
        return _too_many(bucket.reset_after(), "user", bucket.headers())
    return None


def _faked_limit(bucket: Bucket, fault: Fault) -> web.Response:
    left = max(fault.left_seconds(), 0.001)
    if fault.scope == "global":
        return _too_many(left, "global", {})
    bucket.close_for(left)
    return _too_many(left, "user", bucket.headers())


def _too_many(seconds: float, scope: str, headers: dict[str, str]) -> web.Response:
    seconds = round(max(seconds, 0.001), 3)
    is_global = scope == "global"
    body: Json = {
        "message": "You are being rate limited.",
        "retry_after": seconds,
        "global": is_global,
    }
    response = answer(body, 429)
    response.headers["Retry-After"] = str(int(-(-seconds // 1)))
    response.headers["X-RateLimit-Scope"] = scope
    if is_global:
        response.headers["X-RateLimit-Global"] = "true"
    response.headers.update(headers)
    return response
